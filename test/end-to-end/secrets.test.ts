import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Call, call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { rawRequest } from '../support/raw-client.ts'
import { STREAMING_PATHS } from '../support/streaming-paths.ts'
import { type Fault, type ProviderName, providerNames } from '../upstreams/stand-ins.ts'

/** Calls that are answered whole, beside the ways that stream. */
const WHOLE: readonly (Call & { readonly provider: ProviderName })[] = [
  ...(
    [
      ['openai', 'text-embedding-3-small'],
      ['mistral', 'mistral-embed'],
      ['google_vertex_ai', 'gemini-embedding-2'],
      ['bedrock', 'bedrock/amazon.titan-embed-text-v2:0'],
      ['bedrock', 'bedrock/cohere.embed-v4:0'],
    ] as const
  ).map(([provider, model]) => ({
    provider,
    path: '/v1/embeddings',
    body: { model, input: ['a', 'b'] },
  })),
  ...(
    [
      ['anthropic', 'claude-sonnet-5-5'],
      ['google_vertex_ai', 'gemini-3.8-flash'],
      ['bedrock', 'bedrock/us.anthropic.claude-sonnet-4-6'],
      ['bedrock', 'bedrock/amazon.nova-pro-v1:0'],
      ['openai', 'gpt-5.5'],
      ['mistral', 'mistral-large-4-0'],
    ] as const
  ).map(([provider, model]) => ({
    provider,
    path: '/v1/messages/count_tokens',
    body: { model, messages: [{ role: 'user', content: 'Hello' }] },
  })),
  ...STREAMING_PATHS.filter(({ path }) => path.startsWith('/v1/')).map(
    ({ provider, path, body }) => ({ provider, path, body: { ...body, stream: false } }),
  ),
]

/** Every answer, header and line that came out, to be searched at the end. */
const seen: string[] = []

let keyway: Keyway
let organization: Organization
let secrets: readonly string[]
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization({ providers: [] })
  const stored = []
  for (const provider of providerNames) {
    const options = provider === 'bedrock' ? { issue: { kind: 'sts' as const } } : {}
    stored.push((await organization.addProviderKey(provider, options)).secret)
  }
  secrets = [...stored.flatMap(secretsIn), organization.apiKey, keyway.adminToken]
  expect(secrets.length).toBeGreaterThan(12)
})
afterAll(() => keyway[Symbol.asyncDispose]())

/** The secret texts in a credential: all but what is public in it, and a private key by its lines. */
function secretsIn(credential: unknown): string[] {
  if (typeof credential === 'string') return [credential]
  return Object.entries(credential as Record<string, unknown>).flatMap(([name, value]) => {
    if (typeof value === 'object') return secretsIn(value)
    if (name === 'private_key')
      return String(value)
        .split('\n')
        .filter((line) => /^[\w+/=]{40,}$/.test(line))
    return /secret|token$|api_key$/.test(name) ? [String(value)] : []
  })
}

async function record(work: Promise<{ headers: Headers; text: string }>): Promise<void> {
  const { headers, text } = await work
  seen.push(JSON.stringify([...headers]), text)
}

const FAULTS: readonly Fault[] = [
  { kind: 'refuse' },
  { kind: 'refuse', status: 403 },
  { kind: 'server-error' },
  { kind: 'bad-request' },
  { kind: 'overloaded' },
  { kind: 'rate-limit' },
  { kind: 'error-event', afterEvents: 0 },
  { kind: 'error-event', afterEvents: 3 },
  { kind: 'die-before-headers' },
  { kind: 'html' },
  { kind: 'redirect', to: 'https://evil.example/' },
]

test('no secret comes out by any answer, header, line of the log or value in KV', async () => {
  for (const way of STREAMING_PATHS) {
    const answer = await rawRequest(keyway.url, way.path, {
      headers: { 'x-api-key': organization.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify(way.body),
    })
    seen.push(JSON.stringify(answer.headers), await answer.body)
  }
  for (const way of WHOLE) {
    const answer = await call(keyway, organization, way)
    expect([way.path, way.body, answer.status]).toEqual([way.path, way.body, 200])
    await record(Promise.resolve(answer))
  }
  for (const fault of FAULTS) {
    for (const way of [...STREAMING_PATHS, ...WHOLE]) {
      keyway.standIns.misbehave(way.provider, fault, { times: 1 })
      await record(call(keyway, organization, { path: way.path, body: way.body }))
    }
  }
  for (const fault of [FAULTS[0], FAULTS[2], { kind: 'html' } as const]) {
    if (fault) keyway.standIns.misbehave('google_token', fault, { times: 1 })
    const fresh = await keyway.organization({ providers: ['google_vertex_ai'] })
    const body = { ...(messagesCall.body as object), model: 'google_vertex_ai/claude-sonnet-5-5' }
    await record(call(keyway, fresh, { ...messagesCall, body }))
  }
  await record(call(keyway, organization, { ...chatCall, body: '{"model": "kw_' }))
  await record(call(keyway, organization, { ...nativeCall, path: '/native/openai/v1/nothing' }))
  await readEverythingOfTheManagementPlane()
  await storeBrokenCredentials()

  const kv = await keyway.worker.kv()
  const { keys } = await kv.list()
  expect(keys.length).toBeGreaterThan(providerNames.length)
  for (const { name } of keys) seen.push(name, String(await kv.get(name)))
  seen.push(keyway.worker.output())

  const everything = seen.join('\n')
  expect(everything.length).toBeGreaterThan(10_000)
  for (const secret of secrets) expect(everything.includes(secret)).toBe(false)
  expect(everything).not.toMatch(/ya29\.|BEGIN PRIVATE KEY|AWS4-HMAC-SHA256 Credential/)
})

async function readEverythingOfTheManagementPlane(): Promise<void> {
  for (const path of ['', '/api-keys', '/provider-keys']) {
    seen.push(JSON.stringify(await keyway.management.get(`/${organization.id}${path}`)))
  }
}

/** What is refused is not repeated: each canary sits in a credential that a check turns down. */
async function storeBrokenCredentials(): Promise<void> {
  const canary = 'CANARY-in-a-refused-credential'
  const broken: readonly (readonly [ProviderName, unknown])[] = [
    ['openai', `${canary} with spaces`],
    ['bedrock', { 'us-east-1': { access_key_id: canary, secret_access_key: canary } }],
    ['bedrock', { 'us-east-1': { access_key_id: 'AKIA', [canary]: canary } }],
    ['bedrock', `{"us-east-1": "${canary}`],
    ['azure', { endpoint: `https://${canary}.example`, api_key: canary }],
    ['google_vertex_ai', { type: 'service_account', project_id: 'p', private_key: canary }],
    ['google_vertex_ai', { type: canary, project_id: 'p', private_key: canary }],
  ]
  for (const [provider, secret] of broken) {
    const answer = await call(keyway, undefined, {
      path: `/v1/organizations/${organization.id}/provider-keys`,
      apiKey: keyway.adminToken,
      body: { provider, provider_key: secret, name: 'broken', api_key_ids: [] },
    })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { param: expect.stringMatching(/^provider_key/) } })
    expect(answer.text).not.toContain(canary)
    seen.push(answer.text)
  }
}
