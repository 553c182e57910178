import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { type Fault, providerNames } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let own: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  own = await keyway.organization({ providers: [] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const testOf = (id: string, organization = own): Promise<Answer> =>
  call(keyway, undefined, {
    path: `/v1/organizations/${organization.id}/provider-keys/${id}/test`,
    apiKey: keyway.adminToken,
  })

const answered = (ok: boolean, status: number | null, message: unknown) => ({
  ok,
  status,
  latency_ms: expect.any(Number),
  message,
})

describe.each(providerNames)('a key of %s', (provider) => {
  test('that works is accepted, with a request that costs next to nothing', async () => {
    const key = await own.addProviderKey(provider)
    const answer = await testOf(key.id)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual(answered(true, 200, `${provider} accepted the key.`))
    const { method, path, credential } = lastRequest(keyway.standIns, provider)
    expect(credential).toBe(key.label)
    expect(`${method} ${path}`).toMatch(/^GET .*\/models(?:\?limit=1)?$|count-?tokens$/i)
  })

  test('that is refused is not, in the words of the provider', async () => {
    const key = await own.addProviderKey(provider)
    keyway.standIns.revokeCredential(key.label)
    const answer = await testOf(key.id)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual(
      answered(false, expect.any(Number), expect.stringMatching(`^${provider} refused the key.`)),
    )
    const { status } = answer.json as { status: number }
    expect([400, 401, 403]).toContain(status)
  })

  test.each([
    ['limited', { kind: 'rate-limit' }, /limits the rate/],
    ['failing', { kind: 'server-error', status: 500 }, /failed\. It said: .*on purpose/],
    ['answering with a page', { kind: 'html', status: 200 }, /what is not an answer of its API/],
    ['redirecting', { kind: 'redirect', to: 'https://evil.example/' }, /redirect/],
    ['broken', { kind: 'die-before-headers' }, /could not be reached/],
  ] as const satisfies readonly (readonly [string, Fault, RegExp])[])(
    'at a provider that is %s',
    async (_, fault, message) => {
      const key = await own.addProviderKey(provider)
      keyway.standIns.misbehave(provider, fault, { times: 1, credential: key.label })
      const answer = await testOf(key.id)
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual(
        answered(
          false,
          fault.kind === 'die-before-headers' ? null : expect.any(Number),
          expect.stringMatching(message),
        ),
      )
    },
  )
})

describe('a test', () => {
  test('of several regions tries each, and one that is refused is enough', async () => {
    const regions = ['us-east-1', 'eu-west-1']
    const good = await own.addProviderKey('bedrock', { issue: { regions } })
    expect((await testOf(good.id)).json).toMatchObject({
      ok: true,
      message: 'us-east-1: bedrock accepted the key. eu-west-1: bedrock accepted the key.',
    })
    const other = await own.addProviderKey('bedrock', { issue: { regions: ['eu-west-1'] } })
    keyway.standIns.revokeCredential(other.label)
    const secret = { ...good.secret, ...other.secret }
    const half = await own.addProviderKey('bedrock', { secret })
    expect((await testOf(half.id)).json).toMatchObject({
      ok: false,
      status: 403,
      message: expect.stringMatching(/^us-east-1: bedrock accepted.* eu-west-1: bedrock refused/),
    })
  })

  test('finds a key good in a region that has not the model', async () => {
    const key = await own.addProviderKey('bedrock')
    keyway.standIns.misbehave('bedrock', { kind: 'bad-request' }, { times: 1 })
    expect((await testOf(key.id)).json).toMatchObject({
      ok: true,
      status: 400,
      message: expect.stringMatching(/^bedrock accepted the key and answered 400\. It said: /),
    })
  })

  test('goes with the key wherever it is only good for one region', async () => {
    const issue = { regions: ['eu-west-1'], kind: 'api_key' } as const
    const key = await own.addProviderKey('bedrock', { issue })
    expect((await testOf(key.id)).json).toMatchObject({ ok: true })
    expect(lastRequest(keyway.standIns, 'bedrock').path).toMatch(/^\/eu-west-1\//)
  })

  test('says what Google said to the exchange, and no more', async () => {
    const key = await own.addProviderKey('google_vertex_ai')
    keyway.standIns.revokeCredential(key.label)
    const { json, text } = await testOf(key.id)
    expect(json).toMatchObject({ message: expect.stringContaining('(invalid_grant)') })
    expect(text).not.toContain(key.secret.client_email)
  })

  test('works while the key is disabled, and is no use of it', async () => {
    const key = await own.addProviderKey('openai', { body: { disabled: true } })
    expect((await testOf(key.id)).json).toMatchObject({ ok: true })
    const shown = await keyway.management.get(`/${own.id}/provider-keys/${key.id}`)
    expect(shown).toMatchObject({ last_used_at: null, last_error: null })
  })

  test('is of one organization', async () => {
    const key = await own.addProviderKey('openai')
    const other = await keyway.organization({ providers: [] })
    expect((await testOf(key.id, other)).status).toBe(404)
    expect((await testOf('pk_0000000000000000')).status).toBe(404)
    expect((await testOf(key.id, { ...own, id: 'org_0000000000000000' })).status).toBe(404)
  })
})
