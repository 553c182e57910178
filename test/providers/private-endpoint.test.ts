import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/core/parse.ts'
import { withEdits } from '../../src/gateway/target/edits.ts'
import { type EndpointFacts, privateEndpoint } from '../../src/providers/private-endpoint.ts'
import type { OutgoingHeaders } from '../../src/upstream-auth/upstream-auth.ts'
import { compatNoting } from '../support/compat.ts'

const facts = (more: Partial<EndpointFacts> = {}): EndpointFacts => ({
  name: 'lab',
  kind: 'openai-compatible',
  reach: 'url',
  base_url: 'https://models.example.com/v1',
  auth: 'bearer',
  capabilities: {},
  ...more,
})

const credential = {
  kind: 'endpoint',
  apiKey: 'sk-own',
  headers: { 'cf-access-client-id': 'id', 'x-tunnel-authorization': 'tunnel jwt' },
} as const
const site = { credential, settings: {}, location: '' }

const formatsOf = (capabilities: EndpointFacts['capabilities']): string[] =>
  privateEndpoint(facts({ capabilities })).services.map(({ format }) => format)

describe('a private endpoint', () => {
  test('is one provider with all others, and has a name of its own', () => {
    expect(privateEndpoint(facts())).toMatchObject({ name: 'byom/lab', group: 'byom' })
  })

  test('is where its owner says, or behind its connector', () => {
    expect(privateEndpoint(facts()).base(site)).toBe('https://models.example.com/v1')
    const tunnelled = privateEndpoint(facts({ reach: 'connector', base_url: null }))
    expect(new URL(tunnelled.base(site)).pathname).toBe('/v1')
    expect(new URL(tunnelled.base(site)).hostname).toMatch(/\.invalid$/)
  })

  test.each([
    [{}, ['openai-chat', 'openai-embeddings']],
    [{ supports_responses: true }, ['openai-chat', 'openai-responses', 'openai-embeddings']],
    [{ supports_messages: true }, ['openai-chat', 'anthropic-messages', 'openai-embeddings']],
    [{ supports_embeddings: false }, ['openai-chat']],
    [{ supports_responses: false, supports_messages: false }, ['openai-chat', 'openai-embeddings']],
  ])('of %j has %j', (capabilities, formats) => {
    expect(formatsOf(capabilities)).toEqual(formats)
  })

  const capabilities = { supports_messages: true, supports_responses: true }
  const edited = (format: string, body: JsonObject): JsonObject => {
    const { services } = privateEndpoint(facts({ capabilities }))
    const service = services.find((one) => one.format === format)
    const call = { model: 'own', wantsStream: false, site, body, headers: new Headers() }
    return withEdits(body, service?.edits({ ...call, compat: compatNoting() }) ?? {})
  }

  test('that speaks Messages hears nothing of Claude Code’s note to Anthropic', () => {
    const note = { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1; cch=a1b2c;' }
    const rules = { type: 'text', text: 'Be brief.' }
    const body = { model: 'byom/lab', system: [note, rules] }
    expect(edited('anthropic-messages', body)).toEqual({ model: 'own', system: [rules] })
    expect(edited('anthropic-messages', { system: [note] })).toEqual({ model: 'own' })
  })

  test('that speaks Responses gets its reasoning back, however that is encrypted', () => {
    const input = [{ type: 'reasoning', summary: [], encrypted_content: 'of its own' }]
    expect(edited('openai-responses', { input })).toEqual({ model: 'own', input })
  })

  test.each([
    ['bearer', { authorization: 'Bearer sk-own' }],
    ['api-key', { 'api-key': 'sk-own' }],
    ['x-api-key', { 'x-api-key': 'sk-own' }],
    ['none', {}],
  ] as const)('with auth %s is sent its headers and %j', (auth, proof) => {
    expect(provenBy(auth, credential)).toEqual({ ...credential.headers, ...proof })
  })

  test('without a key is sent its headers alone', () => {
    expect(provenBy('bearer', { ...credential, apiKey: null })).toEqual(credential.headers)
  })
})

function provenBy(
  auth: EndpointFacts['auth'],
  secrets: {
    readonly kind: 'endpoint'
    readonly apiKey: string | null
    readonly headers: typeof credential.headers
  },
): Record<string, string> {
  const headers: OutgoingHeaders = {}
  const request = { method: 'POST', url: 'https://models.example.com/', headers, body: null }
  // Nothing of the world outside is needed.
  const world = {} as Parameters<ReturnType<ReturnType<typeof privateEndpoint>['auth']>['prove']>[3]
  void privateEndpoint(facts({ auth })).auth({}).prove(request, secrets, site, world)
  return headers
}

test('an Edge RAG cluster behind a connector has its paths at the root, and its own probe', () => {
  const cluster = privateEndpoint(facts({ kind: 'edge-rag', reach: 'connector', base_url: null }))
  expect(cluster.base(site)).toBe('http://connector.invalid')
  expect(cluster.services.map(({ format, streams }) => [format, streams])).toEqual([
    ['openai-chat', false],
  ])
  expect(cluster.probe.path(site)).toBe('/edgeai/slm/chat/completions')
})
