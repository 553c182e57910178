import { beforeAll, describe, expect, test } from 'vitest'
import { aProviderKey, newOrganization, refusalOf, refused, send } from './client.ts'

let org = ''

beforeAll(async () => {
  org = await newOrganization()
})

describe('a body that is no JSON object', () => {
  test.each(['', ' ', 'canary', '{"name":"canary"', "{'name':'a'}", '{"name":"a"} canary'])(
    '%j is invalid_json',
    async (body) => {
      const answer = await send('POST', '', body)
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_json' } } })
      expect(answer.text).not.toContain('canary')
    },
  )

  test.each(['null', '7', '"canary"', '[]', '[{"name":"a"}]', 'true'])(
    '%s is invalid_request',
    async (body) => {
      expect(await refusalOf('', body)).toEqual(refused(null))
    },
  )

  test('ten thousand levels deep is refused as any other value', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
    expect(await refusalOf('', `{"name":${deep}}`)).toEqual(refused('name'))
    expect(await refusalOf(`/${org}/api-keys`, `{"name":"a","models":${deep}}`)).toEqual(
      refused('models[0]'),
    )
    const settings = `{"base_url":1,"other":${deep}}`
    const body = JSON.stringify(aProviderKey).replace('}', `,"settings":${settings}}`)
    expect(await refusalOf(`/${org}/provider-keys`, body)).toEqual(refused('settings.base_url'))
  })

  test('of more than 1 MiB is 413', async () => {
    const answer = await send('POST', '', `{"name":"${'a'.repeat(1024 * 1024)}"}`)
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'request_too_large' } } })
  })

  test('a body of exactly 1 MiB is read', async () => {
    const frame = '{"name":""}'
    expect(await refusalOf('', `{"name":"${'a'.repeat(1024 * 1024 - frame.length)}"}`)).toEqual(
      refused('name'),
    )
  })
})

describe('paging', () => {
  test.each(['0', '-1', '101', '1.5', 'abc', '', '1e1', '0x1', ' 1'])('limit=%j', async (limit) => {
    const answer = await send('GET', `?limit=${encodeURIComponent(limit)}`)
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'limit' } } })
  })

  test.each([
    '',
    'canary',
    '%00',
    btoa('organizations:-1'),
    btoa('organizations:1e3'),
    btoa('api-keys:1'),
  ])('cursor=%j', async (cursor) => {
    const answer = await send('GET', `?cursor=${encodeURIComponent(cursor)}`)
    expect(answer).toMatchObject({ status: 400, body: { error: { param: 'cursor' } } })
    expect(answer.text).not.toContain('canary')
  })
})
