import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { BAD_REQUEST_MESSAGE, FAULT_MESSAGE, type ProviderName } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())
afterEach(() => keyway.standIns.reset({ requests: true }))

type Mode = 'strict' | 'default' | 'lenient' | undefined

const messages = [{ role: 'user', content: 'Hello' }]
const BODIES = {
  '/v1/chat/completions': { messages },
  '/v1/messages': { messages, max_tokens: 64 },
  '/v1/responses': { input: 'Hello' },
}
type Path = keyof typeof BODIES

const ask = (path: Path, body: object, mode?: Mode): Promise<Answer> =>
  call(keyway, organization, {
    path,
    body: { ...BODIES[path], ...body },
    headers: mode === undefined ? {} : { 'x-keyway-compat': mode },
  })
const warningsOf = ({ headers }: Answer): string[] =>
  (headers.get('x-keyway-warnings') ?? '').split(', ').filter((warning) => warning !== '')

interface Wish {
  readonly path: Path
  readonly provider: ProviderName
  readonly model: string
  readonly wish: object
  /** As the caller's format spells it. */
  readonly param: string
}

/** Wishes that an answer can do without. */
const CHANGED: readonly (Wish & { readonly warning: string })[] = [
  // In Claude's own format, at hosts that know less of it than Anthropic.
  {
    path: '/v1/messages',
    provider: 'bedrock',
    model: 'bedrock/us.anthropic.claude-sonnet-4-6',
    wish: { speed: 'fast' },
    param: 'speed',
    warning: 'speed:dropped',
  },
  {
    path: '/v1/messages',
    provider: 'google_vertex_ai',
    model: 'google_vertex_ai/claude-opus-5-5',
    wish: { context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } },
    param: 'context_management',
    warning: 'context_management:dropped',
  },
  {
    path: '/v1/responses',
    provider: 'xai',
    model: 'grok-4.7',
    wish: { tools: [{ type: 'web_search', external_web_access: false }] },
    param: 'tools.0.type',
    warning: 'tools.0.type:dropped',
  },
  {
    path: '/v1/chat/completions',
    provider: 'anthropic',
    model: 'claude-opus-5-5',
    wish: { temperature: 0.5 },
    param: 'temperature',
    warning: 'temperature:dropped',
  },
  {
    path: '/v1/chat/completions',
    provider: 'anthropic',
    model: 'claude-haiku-4-5-20251001',
    wish: { temperature: 1.5 },
    param: 'temperature',
    warning: 'temperature:clamped',
  },
  {
    path: '/v1/chat/completions',
    provider: 'bedrock',
    model: 'bedrock/amazon.nova-pro-v1:0',
    wish: { seed: 7 },
    param: 'seed',
    warning: 'seed:dropped',
  },
  {
    path: '/v1/chat/completions',
    provider: 'google_vertex_ai',
    model: 'gemini-3.8-flash',
    wish: { a_member_of_tomorrow: 1 },
    param: 'a_member_of_tomorrow',
    warning: 'a_member_of_tomorrow:dropped',
  },
  {
    path: '/v1/chat/completions',
    provider: 'zai',
    model: 'glm-5.3',
    wish: { seed: 7 },
    param: 'seed',
    warning: 'seed:dropped',
  },
  {
    path: '/v1/messages',
    provider: 'openai',
    model: 'gpt-4.1',
    wish: { top_k: 5 },
    param: 'top_k',
    warning: 'top_k:dropped',
  },
  {
    path: '/v1/messages',
    provider: 'mistral',
    model: 'mistral-large-4-0',
    wish: { a_member_of_tomorrow: { deep: true } },
    param: 'a_member_of_tomorrow',
    warning: 'a_member_of_tomorrow:dropped',
  },
  {
    path: '/v1/responses',
    provider: 'anthropic',
    model: 'claude-opus-5-5',
    wish: { temperature: 0.5 },
    param: 'temperature',
    warning: 'temperature:dropped',
  },
  {
    path: '/v1/responses',
    provider: 'deepseek',
    model: 'deepseek-v4-pro',
    wish: { a_member_of_tomorrow: 'x' },
    param: 'a_member_of_tomorrow',
    warning: 'a_member_of_tomorrow:dropped',
  },
]

describe.each(CHANGED)('$path with $wish for $model', (case_) => {
  const { path, provider, model, wish, param, warning } = case_
  test.each([undefined, 'default', 'lenient'] as const)(
    'as %s is answered, and told',
    async (mode) => {
      const answer = await ask(path, { model, ...wish }, mode)
      expect(answer.status).toBe(200)
      expect(warningsOf(answer)).toEqual([warning])
      if (warning.endsWith(':dropped')) {
        expect(lastRequest(keyway.standIns, provider).body).not.toContain(param)
      }
    },
  )

  test('as strict is refused by name, before anybody is asked', async () => {
    const answer = await ask(path, { model, ...wish }, 'strict')
    expectRefusal(answer, path, param)
    expect(keyway.standIns.requests.map((request) => request.provider)).not.toContain(provider)
  })

  test('is told in a stream too', async () => {
    const answer = await ask(path, { model, ...wish, stream: true })
    expect(answer.status).toBe(200)
    expect(warningsOf(answer)).toEqual([warning])
  })
})

function expectRefusal(answer: Answer, path: Path, param: string): void {
  expect(answer.status).toBe(400)
  expect(answer.headers.get('x-keyway-error-code')).toBe('unsupported_parameter')
  expect(answer.headers.get('x-should-retry')).toBe('false')
  const message = expect.stringContaining(param) as string
  expect(answer.json).toMatchObject(
    path === '/v1/messages'
      ? { type: 'error', error: { type: 'invalid_request_error', message } }
      : { error: { type: 'invalid_request_error', code: 'unsupported_parameter', param, message } },
  )
}

/** Without these a request would mean something else. */
const REFUSED: readonly Wish[] = [
  {
    path: '/v1/chat/completions',
    provider: 'anthropic',
    model: 'claude-opus-5-5',
    wish: { n: 2 },
    param: 'n',
  },
  {
    path: '/v1/chat/completions',
    provider: 'google_vertex_ai',
    model: 'gemini-3.8-flash',
    wish: { logit_bias: { '50256': -100 } },
    param: 'logit_bias',
  },
  {
    path: '/v1/messages',
    provider: 'openai',
    model: 'gpt-4.1',
    wish: { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
    param: 'tools.0.type',
  },
  {
    path: '/v1/messages',
    provider: 'google_vertex_ai',
    model: 'gemini-3.8-flash',
    wish: { mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'm' }] },
    param: 'mcp_servers',
  },
  {
    path: '/v1/responses',
    provider: 'mistral',
    model: 'mistral-large-4-0',
    wish: { tools: [{ type: 'web_search' }] },
    param: 'tools.0.type',
  },
]

describe.each(REFUSED)('$path with $wish for $model', ({ path, model, wish, param, provider }) => {
  test.each([undefined, 'default', 'strict'] as const)('as %s is refused by name', async (mode) => {
    expectRefusal(await ask(path, { model, ...wish }, mode), path, param)
    expect(keyway.standIns.requests.map((request) => request.provider)).not.toContain(provider)
  })

  test('as lenient is answered without, and told', async () => {
    const answer = await ask(path, { model, ...wish }, 'lenient')
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
    expect(warningsOf(answer)).toEqual([`${param}:dropped`])
  })
})

test.each([
  ['/v1/chat/completions', 'claude-opus-5-5', { n: 1, presence_penalty: 0, logprobs: false }],
  ['/v1/chat/completions', 'bedrock/amazon.nova-pro-v1:0', { stop: [], logit_bias: {}, n: 1 }],
  ['/v1/messages', 'mistral-large-4-0', { stop_sequences: [], mcp_servers: [] }],
  [
    '/v1/responses',
    'gemini-3.8-flash',
    { store: false, background: false, truncation: 'disabled' },
  ],
] as const)('%s for %s says nothing of %j, which changes nothing', async (path, model, wish) => {
  const answer = await ask(path, { model, ...wish }, 'strict')
  expect([answer.status, warningsOf(answer)]).toEqual([200, []])
})

test('the same format carries members that nobody knows, in any mode', async () => {
  const wish = { a_member_of_tomorrow: { deep: [1.0, 9007199254740993n.toString()] } }
  for (const mode of ['strict', 'default', 'lenient'] as const) {
    const model = 'anthropic/claude-opus-5-5'
    // The stand-in refuses it itself: it got there.
    const answer = await ask('/v1/messages', { model, ...wish }, mode)
    expect(answer.json).toMatchObject({
      error: { message: expect.stringContaining('a_member_of_tomorrow') as string },
    })
    expect(answer.headers.get('x-keyway-error-code')).toBe('invalid_request')
    expect(lastRequest(keyway.standIns, 'anthropic').json).toMatchObject(wish)
  }
})

const TRANSLATED: readonly (readonly [Path, ProviderName, model: string])[] = [
  ['/v1/chat/completions', 'anthropic', 'claude-opus-5-5'],
  ['/v1/chat/completions', 'google_vertex_ai', 'gemini-3.8-flash'],
  ['/v1/chat/completions', 'bedrock', 'bedrock/amazon.nova-pro-v1:0'],
  ['/v1/messages', 'openai', 'gpt-4.1'],
  ['/v1/messages', 'openai', 'gpt-5.4-pro'],
  ['/v1/messages', 'mistral', 'mistral-large-4-0'],
  ['/v1/messages', 'xai', 'grok-4.7'],
  ['/v1/responses', 'zai', 'glm-5.3'],
  ['/v1/responses', 'anthropic', 'claude-opus-5-5'],
  ['/v1/responses', 'bedrock', 'bedrock/us.amazon.nova-2-lite-v1:0'],
]

const shapeOf = (path: Path, type: string, message: string) => {
  const said = expect.stringContaining(message) as string
  return path === '/v1/messages'
    ? { type: 'error', error: { type, message: said }, request_id: expect.any(String) as string }
    : { error: { message: said, type: expect.any(String) as string } }
}

describe.each(TRANSLATED)('%s for %s/%s', (path, provider, model) => {
  test.each([false, true])(
    'tells what the provider will not take, in the shape of the caller (streamed: %s)',
    async (stream) => {
      keyway.standIns.misbehave(provider, { kind: 'bad-request' }, { times: 1 })
      const answer = await ask(path, { model, stream })
      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject(shapeOf(path, 'invalid_request_error', BAD_REQUEST_MESSAGE))
    },
  )

  test('tells that the provider is overloaded, in the shape of the caller', async () => {
    keyway.standIns.misbehave(provider, { kind: 'overloaded' }, { times: 1 })
    const answer = await ask(path, { model })
    expect(answer.headers.get('x-keyway-error-code')).toBe('upstream_overloaded')
    expect(answer.status).toBe(path === '/v1/messages' ? 529 : 503)
    expect(answer.json).toMatchObject(shapeOf(path, 'overloaded_error', FAULT_MESSAGE))
  })

  test('tells that the rate is limited, and for how long', async () => {
    const fault = { kind: 'rate-limit', retryAfterSeconds: 7 } as const
    keyway.standIns.misbehave(provider, fault, { times: 1 })
    const answer = await ask(path, { model })
    expect(answer.status).toBe(429)
    expect(answer.json).toMatchObject(shapeOf(path, 'rate_limit_error', FAULT_MESSAGE))
  })

  test.each(['server-error', 'rate-limit'] as const)(
    'tells of %s that comes under a status that is none',
    async (as) => {
      keyway.standIns.misbehave(provider, { kind: 'error-event', afterEvents: 0, as }, { times: 1 })
      const answer = await ask(path, { model })
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(429)
      expect([429, 502]).toContain(answer.status)
      expect(answer.json).toMatchObject(
        shapeOf(path, answer.status === 429 ? 'rate_limit_error' : 'api_error', ''),
      )
    },
  )
})
