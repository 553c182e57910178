import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call, chatCall, messagesCall } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { providerNames, type ProviderName } from '../upstreams/stand-ins.ts'

const variable = (provider: ProviderName): string => `BYOK_${provider.toUpperCase()}`
const asText = (secret: unknown): string =>
  typeof secret === 'string' ? secret : JSON.stringify(secret)

const CANARY = 'CANARY-in-a-secret-of-the-deployment'
/** Secrets that are no good, each with the provider that a key names it for. */
const BAD: Readonly<Record<string, readonly [ProviderName, string]>> = {
  BYOK_SPACES: ['openai', `${CANARY} with spaces`],
  BYOK_NO_JSON: ['bedrock', `{"us-east-1": "${CANARY}`],
  BYOK_NO_KEY: [
    'google_vertex_ai',
    JSON.stringify({ type: 'service_account', private_key: CANARY }),
  ],
  BYOK_NO_HOST: [
    'azure',
    JSON.stringify({ endpoint: `https://${CANARY}.example`, api_key: CANARY }),
  ],
}

const secrets = new Map<string, string>()
const seen: string[] = []
let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway(async (standIns) => {
    for (const provider of providerNames) {
      const secret = await standIns.issueCredential(provider, `secret of ${provider}`)
      secrets.set(variable(provider), asText(secret))
    }
    const bad = Object.entries(BAD).map(([name, [, value]]) => [name, value])
    return { ...Object.fromEntries([...secrets, ...bad]), BYOK_EMPTY: ' ', BYOKNOT: CANARY }
  })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const bodyOf = (provider: string, name: unknown) => ({
  provider,
  provider_key: { source: 'env', name },
  name: 'from the environment',
  api_key_ids: [],
})

async function store(own: Organization, body: object, token = keyway.adminToken): Promise<Answer> {
  const path = `/v1/organizations/${own.id}/provider-keys`
  const answer = await call(keyway, undefined, { path, apiKey: token, body })
  seen.push(answer.text)
  return answer
}

const idOf = ({ json }: Answer): string => (json as { id: string }).id

const MODELS: Readonly<Partial<Record<ProviderName, string>>> = {
  anthropic: 'claude-sonnet-5-5',
  bedrock: 'us.anthropic.claude-sonnet-4-6',
  google_vertex_ai: 'claude-sonnet-5-5',
}
const OPENAI_MODELS: Readonly<Partial<Record<ProviderName, string>>> = {
  openai: 'gpt-4.1',
  mistral: 'mistral-large-4-0',
  deepseek: 'deepseek-flash',
  xai: 'grok-4.7',
  zai: 'glm-5.3',
  azure: 'gpt-5.4-mini',
}

function callTo(provider: ProviderName) {
  const claude = MODELS[provider]
  const { path, body } = claude === undefined ? chatCall : messagesCall
  const model = `${provider}/${claude ?? OPENAI_MODELS[provider]}`
  return { path, body: { ...(body as object), model } }
}

describe.each(providerNames)('a secret of the deployment for %s', (provider) => {
  test('serves and can be tried out, and only its name is shown', async () => {
    const own = await keyway.organization({ providers: [] })
    const stored = await store(own, bodyOf(provider, variable(provider)))
    expect(stored.status).toBe(201)
    const source = { source: 'env', name: variable(provider) }
    expect(stored.json).toMatchObject({ hint: null, source })
    const answer = await call(keyway, own, callTo(provider))
    seen.push(answer.text, JSON.stringify([...answer.headers]))
    expect(answer.status).toBe(200)
    expect(lastRequest(keyway.standIns, provider).credential).toBe(`secret of ${provider}`)
    const path = `/${own.id}/provider-keys/${idOf(stored)}`
    expect(await keyway.management.post(`${path}/test`, {})).toMatchObject({ ok: true })
    expect(await keyway.management.get(path)).toMatchObject({ source })
  })
})

describe('storing the name of a secret', () => {
  let own: Organization
  beforeAll(async () => {
    own = await keyway.organization({ providers: [] })
  })

  test.each(['owner', 'admin', 'viewer'])('is not for a token with the role %s', async (role) => {
    const token = await keyway.management.post(`/${own.id}/tokens`, { name: role, role })
    for (const name of [variable('openai'), 'BYOK_NOT_THERE', 'ADMIN_TOKEN']) {
      const answer = await store(own, bodyOf('openai', name), String(token['token']))
      expect([answer.status, answer.headers.get('x-keyway-error-code')]).toEqual([
        403,
        'permission_denied',
      ])
    }
  })

  test('is not for a token by PATCH either', async () => {
    const { id } = await own.addProviderKey('openai')
    const token = await keyway.management.post(`/${own.id}/tokens`, { name: 'o', role: 'owner' })
    const answer = await call(keyway, undefined, {
      method: 'PATCH',
      path: `/v1/organizations/${own.id}/provider-keys/${id}`,
      apiKey: String(token['token']),
      body: { provider_key: { source: 'env', name: variable('openai') } },
    })
    expect(answer.status).toBe(403)
    expect(await keyway.management.get(`/${own.id}/provider-keys/${id}`)).toMatchObject({
      source: null,
    })
  })

  test.each([
    'ADMIN_TOKEN',
    'MASTER_KEYS',
    'BYOKNOT',
    'BYOK_',
    'byok_openai',
    'BYOK_openai',
    'BYOK_A B',
    ' BYOK_OPENAI',
    `BYOK_${'A'.repeat(101)}`,
    'BYOK_NOT_THERE',
    'BYOK_EMPTY',
    '__proto__',
    '',
    7,
    null,
    undefined,
  ])('is refused for %j, naming the field', async (name) => {
    const answer = await store(own, bodyOf('openai', name))
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { param: 'provider_key.name' } })
  })

  test.each(Object.entries(BAD))(
    'is refused for %s, which is no credential',
    async (name, [provider]) => {
      const answer = await store(own, bodyOf(provider, name))
      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject({
        error: { param: 'provider_key.name', message: expect.stringContaining(provider) },
      })
      expect(answer.text).not.toContain('CANARY')
    },
  )

  test.each([
    [{ source: 'file', path: '/etc/passwd' }, 'provider_key.source'],
    [{ source: 'env', name: 'BYOK_OPENAI', value: 'x' }, 'provider_key.value'],
    [{ source: 'passthrough', name: 'BYOK_OPENAI' }, 'provider_key.name'],
    ['{"source":"env","name":"ADMIN_TOKEN"}', 'provider_key.name'],
  ])('is refused as %j', async (providerKey, param) => {
    const answer = await store(own, { ...bodyOf('openai', ''), provider_key: providerKey })
    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ error: { param } })
  })
})

test('no secret of the deployment is in any answer, line of the log or value that is stored', async () => {
  const kv = await keyway.worker.kv()
  const { keys } = await kv.list()
  expect(keys.length).toBeGreaterThan(providerNames.length)
  for (const { name } of keys) seen.push(name, String(await kv.get(name)))
  seen.push(keyway.worker.output())
  const everything = seen.join('\n')
  expect(everything).not.toContain('CANARY')
  for (const secret of [...secrets.values()].flatMap(wordsIn)) {
    expect(everything.includes(secret)).toBe(false)
  }
})

/** The long strings of a secret, a private key by its lines; addresses and names are no secrets. */
function wordsIn(secret: string): string[] {
  const words = secret.match(/[\w+/=.-]{30,}/g) ?? []
  return words.filter((word) => !/googleapis|gserviceaccount|BEGIN|^https?/.test(word))
}
