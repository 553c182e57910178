import { describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, testEnv } from '../../storage/world.ts'
import { aProviderKey, newOrganization, send } from './client.ts'

const ORG = 'org_0000000000000001'
const REQUESTS: readonly [string, string, unknown][] = [
  ['POST', '', { name: 'Acme' }],
  ['GET', '', undefined],
  ['GET', `/${ORG}`, undefined],
  ['DELETE', `/${ORG}`, undefined],
  ['POST', `/${ORG}/api-keys`, { name: 'app' }],
  ['GET', `/${ORG}/api-keys`, undefined],
  ['GET', `/${ORG}/api-keys/key_1`, undefined],
  ['DELETE', `/${ORG}/api-keys/key_1`, undefined],
  ['POST', `/${ORG}/provider-keys`, aProviderKey],
  ['GET', `/${ORG}/provider-keys`, undefined],
  ['GET', `/${ORG}/provider-keys/pk_1`, undefined],
  ['DELETE', `/${ORG}/provider-keys/pk_1`, undefined],
]

test.each(REQUESTS)('%s %s without a token', async (method, path, body) => {
  const answer = await send(method, path, body, { authorization: null })
  expect(answer).toMatchObject({
    status: 401,
    body: { error: { code: 'missing_management_token' } },
  })
})

test.each(REQUESTS)('%s %s with a wrong token', async (method, path, body) => {
  const answer = await send(method, path, body, { authorization: 'Bearer canary' })
  expect(answer).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_management_token' } },
  })
  expect(answer.text).not.toContain('canary')
})

describe('what is in the header', () => {
  test.each(['', ' ', 'Bearer', 'Bearer '])('%j is no token', async (authorization) => {
    const answer = await send('GET', '', undefined, { authorization })
    expect(answer).toMatchObject({
      status: 401,
      body: { error: { code: 'missing_management_token' } },
    })
  })

  test.each([
    ADMIN_TOKEN,
    `Basic ${btoa(`admin:${ADMIN_TOKEN}`)}`,
    `Token ${ADMIN_TOKEN}`,
    `Bearer ${ADMIN_TOKEN}x`,
    `Bearer ${ADMIN_TOKEN.slice(0, -1)}`,
    `Bearer ${ADMIN_TOKEN.toUpperCase()}`,
    `Bearer ${ADMIN_TOKEN} ${ADMIN_TOKEN}`,
    `Bearer ${ADMIN_TOKEN}, Bearer x`,
    'Bearer undefined',
    'Bearer kwm_0000000000000000',
  ])('%j is not the token', async (authorization) => {
    const answer = await send('GET', '', undefined, { authorization })
    expect(answer).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_management_token' } },
    })
    expect(answer.text).not.toContain(ADMIN_TOKEN)
  })

  test.each([`bearer ${ADMIN_TOKEN}`, `  BEARER   ${ADMIN_TOKEN} `])(
    '%j is the token',
    async (authorization) => {
      expect((await send('GET', '', undefined, { authorization })).status).toBe(200)
    },
  )

  test('an API key is told what it is for', async () => {
    const org = await newOrganization()
    const { body } = await send('POST', `/${org}/api-keys`, { name: 'app' })
    const key = String(body['key'])
    const answer = await send('GET', `/${org}`, undefined, { authorization: `Bearer ${key}` })
    expect(answer).toMatchObject({
      status: 401,
      body: {
        error: {
          code: 'invalid_management_token',
          message: expect.stringContaining('This is an API key.'),
        },
      },
    })
    expect(answer.text).not.toContain(key)
  })
})

test('without an ADMIN_TOKEN nobody gets in, an empty token included', async () => {
  const env = testEnv({ ADMIN_TOKEN: '' })
  for (const authorization of ['Bearer ', 'Bearer undefined', `Bearer ${ADMIN_TOKEN}`, null]) {
    const answer = await send('GET', '', undefined, { authorization, env })
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'misconfigured' } } })
  }
})
