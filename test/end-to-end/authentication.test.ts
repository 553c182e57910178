import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Call, call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'

let keyway: Keyway
let organization: Organization
let other: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({
    providers: ['openai', 'anthropic', 'google_vertex_ai'],
  })
  other = await keyway.organization({ providers: [] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const POSITIONS: readonly (readonly [string, (key: string) => Record<string, string>])[] = [
  ['authorization', (key) => ({ authorization: `Bearer ${key}` })],
  ['authorization, in lower case', (key) => ({ authorization: `bearer ${key}` })],
  ['x-api-key', (key) => ({ 'x-api-key': key })],
  ['api-key', (key) => ({ 'api-key': key })],
  ['x-goog-api-key', (key) => ({ 'x-goog-api-key': key })],
  ['x-keyway-api-key', (key) => ({ 'x-keyway-api-key': key })],
  [
    'x-keyway-api-key beside a credential of the caller',
    (key) => ({ 'x-keyway-api-key': key, authorization: 'Bearer sk-somebodys', 'api-key': 'x' }),
  ],
  ['x-api-key beside a placeholder', (key) => ({ 'x-api-key': key, authorization: 'Bearer none' })],
  ['two places', (key) => ({ 'x-api-key': key, authorization: `Bearer ${key}` })],
]

const SURFACES: readonly (readonly [string, Call])[] = [
  ['chat', chatCall],
  ['messages', messagesCall],
  ['native', nativeCall],
]

describe.each(SURFACES)('on %s', (_, request) => {
  const anonymous = (headers: Record<string, string>) =>
    call(keyway, undefined, { ...request, headers })

  test.each(POSITIONS)('#43 the key is found in %s', async (__, headers) => {
    expect((await anonymous(headers(organization.apiKey))).status).toBe(200)
    const sent = keyway.standIns.requests.at(-1)
    expect(sent?.refusal).toBeUndefined()
    expect(JSON.stringify(sent?.headers)).not.toMatch(/kw_|somebodys/)
  })

  test.each<[string, Record<string, string>, number, string]>([
    ['no key', {}, 401, 'missing_api_key'],
    ['an empty key', { authorization: 'Bearer ' }, 401, 'missing_api_key'],
    ["a provider's key", { authorization: 'Bearer sk-proj-1234567890' }, 401, 'invalid_api_key'],
    ['a management token', { authorization: 'Bearer kwm_1234567890' }, 401, 'invalid_api_key'],
    ['an AWS signature', { authorization: 'AWS4-HMAC-SHA256 C=x' }, 401, 'invalid_api_key'],
    [
      'a key with a wrong checksum',
      { 'x-api-key': `kw_${'a'.repeat(54)}` },
      401,
      'invalid_api_key',
    ],
  ])('%s is %s', async (__, headers, status, code) => {
    const answer = await anonymous(headers)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('x-keyway-error-code')).toBe(code)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('x-keyway-request-id')).toMatch(/^req_/)
  })

  test('two different keys are ambiguous', async () => {
    const headers = { 'x-api-key': organization.apiKey, authorization: `Bearer ${other.apiKey}` }
    const answer = await anonymous(headers)
    expect([answer.status, answer.headers.get('x-keyway-error-code')]).toEqual([
      400,
      'ambiguous_credentials',
    ])
  })
})

test("?key= is a place on Google's native paths and nowhere else, and never goes on", async () => {
  const google = await call(keyway, undefined, {
    path: `/native/google_vertex_ai/v1/publishers/google/models/gemini-3.8-flash:generateContent?key=${organization.apiKey}&alt=json`,
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
  })
  expect(google.status).toBe(200)
  expect(lastRequest(keyway.standIns, 'google_vertex_ai').path).toMatch(
    /:generateContent\?alt=json$/,
  )
  for (const sneaked of [
    `%6bey=AIzaSomebodys`,
    `x=%6bw_${'a'.repeat(54)}`,
    'Access_Token=ya29.x',
    // Google's system parameters, which stand for other parts of the request.
    '$key=AIzaSomebodys',
    '%24key=AIzaSomebodys',
    '$httpMethod=DELETE',
    '%24HttpHeaders=x-goog-user-project%3Aother',
    '$userProject=other',
  ]) {
    await call(keyway, organization, {
      path: `/native/google_vertex_ai/v1/publishers/google/models/gemini-3.8-flash:generateContent?${sneaked}`,
      body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    })
    expect(lastRequest(keyway.standIns, 'google_vertex_ai').path).toMatch(/:generateContent$/)
  }
  await call(keyway, organization, {
    path: '/native/google_vertex_ai/v1/publishers/google/models/gemini-3.8-flash:generateContent?$alt=json&%24prettyPrint=false&$fields=a',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
  })
  expect(lastRequest(keyway.standIns, 'google_vertex_ai').path).toMatch(
    /\?\$alt=json&%24prettyPrint=false&\$fields=a$/,
  )
  const elsewhere = await call(keyway, undefined, {
    ...nativeCall,
    path: `${nativeCall.path}?key=${organization.apiKey}`,
  })
  expect(elsewhere.status).toBe(401)
})

describe('a key that exists', () => {
  const status = async (apiKey: object, request: Call = chatCall) => {
    const own = await keyway.organization({ providers: ['openai', 'anthropic'], apiKey })
    const answer = await call(keyway, own, request)
    return [answer.status, answer.headers.get('x-keyway-error-code')]
  }

  test.each([
    ['is disabled', { disabled: true }, 'api_key_disabled'],
    ['may use other models only', { models: ['gpt-5*'] }, 'model_not_allowed'],
    ['may use another provider only', { providers: ['anthropic'] }, 'provider_not_allowed'],
  ])('and %s is refused on the universal and the native surface', async (_, apiKey, code) => {
    expect(await status(apiKey)).toEqual([403, code])
    expect(await status(apiKey, nativeCall)).toEqual([403, code])
  })

  test('and may use the model is served', async () => {
    expect((await status({ models: ['openai/gpt-4*'] }))[0]).toBe(200)
    expect((await status({ models: ['gpt-4.1'] }, nativeCall))[0]).toBe(200)
  })

  test.each(['model', 'Model', 'mod\\u0065l'])(
    'is refused when the model is given twice, the second time as "%s"',
    async (name) => {
      const body = `{"${name}":"gpt-6-astra","model":"gpt-4.1","messages":[]}`
      for (const request of [chatCall, nativeCall]) {
        const refused = await status({ models: ['gpt-4.1'] }, { ...request, body })
        expect(refused).toEqual([400, 'invalid_request'])
      }
    },
  )

  test('is refused at once after it was deleted', async () => {
    const own = await keyway.organization({ providers: ['openai'] })
    expect((await call(keyway, own, chatCall)).status).toBe(200)
    await keyway.management.delete(`/${own.id}/api-keys/${own.apiKeyId}`)
    const answer = await call(keyway, own, chatCall)
    expect([answer.status, answer.headers.get('x-keyway-error-code')]).toEqual([
      401,
      'invalid_api_key',
    ])
  })

  test('is refused once it has expired', async () => {
    const own = await keyway.organization({
      providers: ['openai'],
      apiKey: { expires_at: new Date(Date.now() + 1500).toISOString() },
    })
    await expect.poll(async () => (await call(keyway, own, chatCall)).status).toBe(401)
  })
})
