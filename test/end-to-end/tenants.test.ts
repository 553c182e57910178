import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Call, call, chatCall, messagesCall, nativeCall } from '../support/call.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'

let keyway: Keyway
let victim: Organization
let attacker: Organization
let victimKeys: readonly { readonly id: string; readonly label: string }[]
beforeAll(async () => {
  keyway = await startKeyway()
  victim = await keyway.organization({ providers: [] })
  victimKeys = [
    await victim.addProviderKey('openai'),
    await victim.addProviderKey('anthropic'),
    await victim.addProviderKey('google_vertex_ai', { issue: { project: 'victims-project' } }),
    await victim.addProviderKey('bedrock', { issue: { regions: ['us-east-1', 'global'] } }),
    await victim.addProviderKey('azure'),
  ]
  attacker = await keyway.organization({ providers: [] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

const messages = [{ role: 'user', content: 'Hello' }]
const keyOf = (provider: string): string =>
  victimKeys.find(({ label }) => label.includes(provider))?.id ?? ''

/** Everything that an organization without keys could try, to have another's used. */
const ATTEMPTS: readonly (readonly [string, () => Call])[] = [
  ['asking plainly', () => chatCall],
  ["naming the other's key", () => withHeader(chatCall, 'x-keyway-provider-key', keyOf('openai'))],
  [
    "naming the other's key natively",
    () => withHeader(nativeCall, 'x-keyway-provider-key', keyOf('openai')),
  ],
  [
    'naming the organization in a header',
    () => withHeader(chatCall, 'x-keyway-organization', victim.id),
  ],
  ['naming it in OpenAI’s header', () => withHeader(nativeCall, 'openai-organization', victim.id)],
  ['naming it in the model', () => chatWith(`${victim.id}/openai/gpt-4.1`)],
  ['naming it in front of the provider', () => chatWith(`../${victim.id}/openai`)],
  [
    'a provider name that reaches for its record',
    () => chatWith(`openai/../../${victim.id}/openai`),
  ],
  [
    'a native path that climbs',
    () => ({ ...nativeCall, path: `/native/openai/../../${victim.id}` }),
  ],
  [
    'a native provider that is a path',
    () => ({ ...nativeCall, path: `/native/..%2f${victim.id}%2fopenai/v1/models` }),
  ],
  [
    'its project on Vertex',
    () => ({
      path: '/native/google_vertex_ai/v1/projects/victims-project/locations/global/publishers/google/models/g:generateContent',
      body: {},
    }),
  ],
  ['its key id as an API key', () => ({ ...chatCall, apiKey: keyOf('openai') })],
  ['its organization id as an API key', () => ({ ...chatCall, apiKey: victim.id })],
  ['its API key’s id as an API key', () => ({ ...chatCall, apiKey: victim.apiKeyId })],
  ['a key forged for it', () => ({ ...chatCall, apiKey: forge(attacker.apiKey, victim.id) })],
  [
    'metadata that names it',
    () => withHeader(chatCall, 'x-keyway-metadata', `{"org":"${victim.id}"}`),
  ],
  ['the Anthropic surface', () => messagesCall],
  ['Claude on its Bedrock', () => messagesWith('bedrock/us.anthropic.claude-sonnet-4-6')],
  ['Claude on its Vertex', () => messagesWith('google_vertex_ai/claude-sonnet-5-5')],
  ['its Azure resource', () => chatWith('azure/my-deployment')],
]

function withHeader(request: Call, name: string, value: string): Call {
  return { ...request, headers: { [name]: value } }
}
const chatWith = (model: string): Call => ({ ...chatCall, body: { model, messages } })
const messagesWith = (model: string): Call => ({
  ...messagesCall,
  body: { model, messages, max_tokens: 9 },
})

/** The attacker's own key with the other organization written into it. */
function forge(apiKey: string, organizationId: string): string {
  return `kw_${organizationId.slice(4)}${apiKey.slice(19)}`
}

describe('an organization without keys gets nothing of another’s', () => {
  test.each(ATTEMPTS)('by %s', async (_, attempt) => {
    const before = keyway.standIns.requests.length
    const answer = await call(keyway, attacker, attempt())
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(keyway.standIns.requests.length).toBe(before)
    expect(answer.text).not.toContain(keyOf('openai') === '' ? '-' : victimKeys[0]?.label)
  })

  test('and cannot tell whether it exists', async () => {
    const refusals = [
      await call(keyway, attacker, withHeader(chatCall, 'x-keyway-provider-key', keyOf('openai'))),
      await call(
        keyway,
        attacker,
        withHeader(chatCall, 'x-keyway-provider-key', 'pk_0000000000000000'),
      ),
    ]
    expect(refusals[0]?.json).toEqual(refusals[1]?.json)
  })

  test('but its owner does', async () => {
    expect((await call(keyway, victim, chatCall)).status).toBe(200)
    expect(keyway.standIns.requests.at(-1)?.credential).toBe(victimKeys[0]?.label)
  })
})

test('each of many organizations at once is served with its own key only', async () => {
  const organizations = await Promise.all(
    Array.from({ length: 12 }, () => keyway.organization({ providers: ['openai', 'anthropic'] })),
  )
  const before = keyway.standIns.requests.length
  await Promise.all(
    organizations.flatMap((organization, index) =>
      Array.from({ length: 8 }, () =>
        call(keyway, organization, {
          ...chatCall,
          body: { model: 'gpt-4.1', messages: [{ role: 'user', content: `I am ${index}` }] },
        }),
      ),
    ),
  )
  const received = keyway.standIns.requests.slice(before)
  expect(received).toHaveLength(96)
  const labels = new Map<string, Set<string | undefined>>()
  for (const { body, credential } of received) {
    const who = /I am \d+/.exec(body)?.[0] ?? ''
    labels.set(who, (labels.get(who) ?? new Set()).add(credential))
  }
  const all = [...labels.values()].flatMap((set) => [...set])
  expect(labels.size).toBe(12)
  expect(new Set(all).size).toBe(12)
  expect(all).toHaveLength(12)
})
