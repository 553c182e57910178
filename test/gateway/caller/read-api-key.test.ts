import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newApiKey } from '../../../src/core/api-key-format.ts'
import { readApiKey } from '../../../src/gateway/caller/read-api-key.ts'
import { thrownBy } from '../../thrown-by.ts'

const keyOf = (organizationId: string, fill: number): string =>
  newApiKey(organizationId, (count) => new Uint8Array(count).fill(fill))

const KEY = keyOf('org_0123456789abcdef', 1)
const OTHER = keyOf('org_0123456789abcdef', 2)
const FOREIGN = keyOf('org_ABCDEFGHIJKLMNOP', 1)

/** In the shape of an access token; what is in it says nothing. */
const ENTRA_TOKEN = ['{"alg":"RS256"}', '{"aud":"canary"}', 'signature']
  .map((part) => btoa(part).replaceAll('=', ''))
  .join('.')

const POSITIONS = ['x-keyway-api-key', 'authorization', 'x-api-key', 'api-key', 'x-goog-api-key']

describe('the key is read', () => {
  test.each([
    ['x-keyway-api-key', KEY],
    ['authorization', `Bearer ${KEY}`],
    ['authorization', `bearer ${KEY}`],
    ['authorization', `BEARER   ${KEY}`],
    ['authorization', KEY],
    ['x-api-key', KEY],
    ['api-key', KEY],
    ['x-goog-api-key', KEY],
    ['x-keyway-api-key', ` ${KEY} `],
  ])('from %s: %s', (name, value) => {
    expect(readApiKey(new Headers({ [name]: value }))).toEqual({
      apiKey: KEY,
      organizationId: 'org_0123456789abcdef',
    })
  })

  test('from ?key= where the route says so', () => {
    expect(readApiKey(new Headers(), KEY).apiKey).toBe(KEY)
  })

  test('where the same one is in every position', () => {
    const headers = new Headers(POSITIONS.map((name) => [name, KEY]))
    expect(readApiKey(headers, KEY).apiKey).toBe(KEY)
  })

  test.each(POSITIONS.slice(1))("beside a caller's own credential in %s", (name) => {
    const headers = new Headers({ [name]: 'Bearer sk-ant-own', 'x-keyway-api-key': KEY })
    expect(readApiKey(headers).apiKey).toBe(KEY)
  })

  test("beside a caller's own token", () => {
    const headers = new Headers({
      authorization: `Bearer ${ENTRA_TOKEN}`,
      'x-keyway-api-key': KEY,
    })
    expect(readApiKey(headers)).toMatchObject({
      apiKey: KEY,
      callerKeys: new Map([['authorization', ENTRA_TOKEN]]),
    })
  })

  test('beside a signature for AWS', () => {
    const headers = new Headers({
      authorization: 'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261120/us-east-1/bedrock',
      'x-keyway-api-key': KEY,
    })
    expect(readApiKey(headers).apiKey).toBe(KEY)
  })

  test('wherever it is, when what is elsewhere is no key of ours', () => {
    const headers = new Headers({ authorization: 'Bearer sk-own', 'api-key': KEY })
    expect(readApiKey(headers).apiKey).toBe(KEY)
  })
})

describe('two different keys are ambiguous', () => {
  const pairs = POSITIONS.flatMap((first, index) =>
    POSITIONS.slice(index + 1).map((second) => [first, second] as const),
  )

  test.each(pairs)('in %s and %s', (first, second) => {
    for (const value of [OTHER, FOREIGN, `${KEY}x`, 'kw_']) {
      const error = thrownBy(() => readApiKey(new Headers({ [first]: KEY, [second]: value })))
      expect(error).toMatchObject({ code: 'ambiguous_credentials', status: 400 })
    }
  })

  test.each(POSITIONS)('in %s and ?key=', (name) => {
    const error = thrownBy(() => readApiKey(new Headers({ [name]: KEY }), OTHER))
    expect(error).toMatchObject({ code: 'ambiguous_credentials' })
  })
})

describe('no key is missing', () => {
  test.each([
    [{}, undefined],
    [{}, null],
    [{}, ''],
    [{ authorization: '' }, undefined],
    [{ authorization: 'Bearer ' }, undefined],
    [{ authorization: 'Bearer' }, undefined],
    [{ 'x-api-key': ' ' }, undefined],
    [{ cookie: `key=${KEY}` }, undefined],
    [{ 'proxy-authorization': `Bearer ${KEY}` }, undefined],
  ])('%j and ?key=%j', (headers: Record<string, string>, query) => {
    const error = thrownBy(() => readApiKey(new Headers(headers), query))
    expect(error).toMatchObject({ code: 'missing_api_key', status: 401 })
  })
})

describe('what is no key is invalid', () => {
  test.each([
    ['a key of a provider', { authorization: 'Bearer sk-canary-0123456789' }, /malformed/],
    ['a key with a character changed', { 'x-api-key': `${KEY.slice(0, -1)}_` }, /malformed/],
    ['a management token', { authorization: `Bearer kwm_${KEY.slice(3)}` }, /management token/],
    [
      'a signature for AWS',
      { authorization: 'AWS4-HMAC-SHA256 Credential=canary' },
      /signed for AWS/,
    ],
    ['the placeholder of Edge RAG', { authorization: 'Bearer byom-secret' }, /BYOM_API_KEY/],
    ['the placeholder in another place', { 'api-key': 'byom-secret' }, /BYOM_API_KEY/],
    ['the placeholder in a third', { 'x-api-key': 'byom-secret' }, /BYOM_API_KEY/],
    ['a token of Entra', { authorization: `Bearer ${ENTRA_TOKEN}` }, /foundryClientId/],
    ['what begins like a token', { authorization: 'Bearer eyJhcanary' }, /malformed/],
    ['a signature of another kind', { authorization: 'Basic Y2FuYXJ5' }, /malformed/],
    [
      'something in our own header, beside a key elsewhere',
      { 'x-keyway-api-key': 'canary', authorization: `Bearer ${KEY}` },
      /malformed/,
    ],
  ])('%s', (_, headers, message) => {
    const error = thrownBy(() => readApiKey(new Headers(headers)))
    expect(error).toMatchObject({ code: 'invalid_api_key', status: 401 })
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toMatch(/canary|Y2FuYXJ5/)
    expect(String(error)).not.toContain(KEY.slice(3, 40))
    expect(String(error)).not.toContain(ENTRA_TOKEN.slice(0, 10))
  })
})

test('garbage in any position is a 4xx', () => {
  const value = fc.oneof(
    fc.constantFrom('Bearer', 'bearer ', 'kw_', 'kwm_x', KEY, OTHER, `Bearer ${KEY}`, 'AWS4-'),
    fc.stringMatching(/^[\x20-\x7e]{0,20}$/),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...POSITIONS), value), { maxLength: 4 }),
      fc.option(value),
      (entries, query) => {
        const error = thrownBy(() => readApiKey(new Headers(entries), query))
        const statuses = [400, 401].map((status) => expect.objectContaining({ status }))
        expect([undefined, ...statuses]).toContainEqual(error)
      },
    ),
    { numRuns: 1000 },
  )
})
