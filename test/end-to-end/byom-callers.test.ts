import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'

/** An Edge RAG cluster that is configured with Keyway as its BYOM endpoint: the URL is posted to as it is. */

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: ['openai'] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const messages = [{ role: 'user', content: 'Hello' }]

const SHAPES = [
  ['/v1/chat/completions', { model: 'openai/gpt-4.1', messages }],
  ['/openai/deployments/openai/gpt-4.1/chat/completions?api-version=2024-10-21', { messages }],
  // The extension names its configured model in the body all the same.
  [
    '/openai/deployments/openai/gpt-4.1/chat/completions?api-version=2024-10-21',
    { model: 'whatever', messages },
  ],
] as const

const STYLES: readonly (readonly [string, (key: string) => Record<string, string>])[] = [
  ['Authorization: Bearer', (key) => ({ authorization: `Bearer ${key}` })],
  ['api-key', (key) => ({ 'api-key': key })],
  ['x-api-key', (key) => ({ 'x-api-key': key })],
]

const ENTRA_TOKEN = ['{"typ":"JWT","alg":"RS256"}', '{"iss":"https://sts.windows.net/x/"}', 'sig']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')

describe.each(SHAPES)('%s %j', (path, body) => {
  test.each(STYLES)('answers a key in %s', async (_, headers) => {
    const answer = await call(keyway, undefined, {
      path,
      body,
      headers: headers(organization.apiKey),
    })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ object: 'chat.completion' })
    expect(lastRequest(keyway.standIns, 'openai').json).toMatchObject({ model: 'gpt-4.1' })
  })

  test.each(STYLES)('tells what to do about other credentials in %s', async (_, headers) => {
    for (const [credential, advice] of [
      ['byom-secret', 'BYOM_API_KEY'],
      [ENTRA_TOKEN, 'foundryClientId'],
    ] as const) {
      const answer = await call(keyway, undefined, { path, body, headers: headers(credential) })
      expect(answer.status).toBe(401)
      expect(answer.json).toMatchObject({
        error: {
          type: 'authentication_error',
          code: 'invalid_api_key',
          message: expect.stringContaining(advice),
        },
      })
      expect(answer.headers.get('x-should-retry')).toBe('false')
      expect(answer.text).not.toContain(ENTRA_TOKEN)
    }
  })
})

test('both keys of a rotation work until the overlap ends', async () => {
  const own = await keyway.organization({ providers: ['openai'] })
  const rotated = await keyway.management.post(`/${own.id}/api-keys/${own.apiKeyId}/rotate`, {
    overlap_seconds: 3600,
  })
  const [path, body] = SHAPES[0]
  for (const apiKey of [own.apiKey, String(rotated['key'])]) {
    expect((await call(keyway, undefined, { path, body, apiKey })).status).toBe(200)
  }
})
