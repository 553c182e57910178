import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Credential } from '../../src/core/credentials.ts'
import app from '../../src/index.ts'
import type { Env } from '../../src/storage/env.ts'
import { createApiKey } from '../../src/storage/resources/api-keys.ts'
import { createProviderKey } from '../../src/storage/resources/provider-keys.ts'
import { newOrganization, testEnv, writer } from '../storage/world.ts'

/** What requests cost, in things that can be counted: the same on every machine, unlike the times of `npm run bench`. */

const PROMPT = 'What does it cost?'
const EVENTS = 100
const messages = [{ role: 'user', content: PROMPT }]
const encoder = new TextEncoder()

interface Way {
  readonly name: string
  readonly path: string
  readonly body: object
  /** The answer's events as the provider frames them; every one of them but the last says `tick`. */
  readonly events: readonly string[]
  readonly type?: string
  /** Whether its bytes pass through JavaScript. */
  readonly isTouched: boolean
  /** How many of the events that say `tick` are parsed: where they pass as they came, only those that matter. */
  readonly parses: number
}

const sse = (data: object): string => `data: ${JSON.stringify(data)}\n\n`
const named = (type: string, data: object = {}): string =>
  `event: ${type}\n${sse({ type, ...data })}`

const CHAT_EVENTS = [
  ...Array.from({ length: EVENTS }, () =>
    sse({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'gpt-4.1',
      choices: [{ index: 0, delta: { content: 'tick' }, finish_reason: null }],
    }),
  ),
  'data: [DONE]\n\n',
]
const CLAUDE_EVENTS = [
  named('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'tick',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  }),
  named('content_block_start', {
    index: 0,
    content_block: { type: 'text', text: '' },
  }),
  ...Array.from({ length: EVENTS }, () =>
    named('content_block_delta', {
      index: 0,
      delta: { type: 'text_delta', text: 'tick' },
    }),
  ),
  named('content_block_stop', { index: 0 }),
  named('message_delta', {
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 9 },
  }),
  named('message_stop'),
]

const WAYS: readonly Way[] = [
  {
    name: 'native',
    path: '/native/openai/v1/chat/completions',
    body: { model: 'gpt-4.1', messages, stream: true },
    events: CHAT_EVENTS,
    isTouched: false,
    parses: 0,
  },
  {
    name: 'the same format',
    path: '/v1/chat/completions',
    body: { model: 'openai/gpt-4.1', messages, stream: true },
    events: CHAT_EVENTS,
    isTouched: true,
    parses: 1,
  },
  {
    name: 'chat to Anthropic',
    path: '/v1/chat/completions',
    body: { model: 'anthropic/claude-sonnet-5-5', messages, stream: true },
    events: CLAUDE_EVENTS,
    isTouched: true,
    parses: 1 + EVENTS,
  },
  {
    name: 'Responses to Anthropic',
    path: '/v1/responses',
    body: { model: 'anthropic/claude-sonnet-5-5', input: PROMPT, stream: true },
    events: CLAUDE_EVENTS,
    isTouched: true,
    parses: 1 + EVENTS,
  },
  {
    name: 'Messages to OpenAI',
    path: '/v1/messages',
    body: { model: 'openai/gpt-4.1', messages, stream: true, max_tokens: 64 },
    events: CHAT_EVENTS,
    isTouched: true,
    parses: EVENTS,
  },
]

let apiKey = ''
beforeAll(async () => {
  const context = writer()
  const id = await newOrganization('Acme', context)
  const limits = { expires_at: null, providers: [], models: [], disabled: false }
  apiKey = (await createApiKey(context, id, { name: 'application', ...limits })).key
  const credentials: readonly (readonly [string, Credential])[] = [
    ['openai', { kind: 'key', apiKey: 'sk-1' }],
    ['anthropic', { kind: 'key', apiKey: 'sk-ant-1' }],
    [
      'bedrock',
      { kind: 'aws', regions: { global: { accessKeyId: 'AKIA1', secretAccessKey: 's' } } },
    ],
  ]
  for (const [provider, credential] of credentials) {
    await createProviderKey(context, id, {
      provider,
      credential,
      name: provider,
      hint: null,
      api_key_ids: [],
      priority: 100,
      models: [],
      disabled: false,
      settings: {},
    })
  }
})

afterEach(() => vi.restoreAllMocks())

/** An isolate that has read nothing, which counts what it reads; readings end no sooner than `until`. */
function freshIsolate(until?: Promise<void>): { isolate: Env; reads: string[] } {
  const reads: string[] = []
  const KEYWAY = new Proxy(env.KEYWAY, {
    get(kv, member) {
      if (member !== 'get') return Reflect.get(kv, member)
      return async (name: string, options: KVNamespaceGetOptions<'json'>) => {
        reads.push(name)
        await until
        return await kv.get(name, options)
      }
    },
  })
  return { isolate: testEnv({ KEYWAY }), reads }
}

/** The whole answer to a call, which must be a good one. */
async function answerTo({ path, body }: Pick<Way, 'path' | 'body'>, isolate: Env): Promise<string> {
  const text = JSON.stringify(body)
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'content-type': 'application/json',
    'content-length': String(text.length),
  }
  const request = new Request(`https://keyway.test${path}`, { method: 'POST', headers, body: text })
  const response = await app.fetch(request, isolate, createExecutionContext())
  expect(response.status).toBe(200)
  return await response.text()
}

/** An upstream that answers with so many chunks, one for each time that it is asked; and how often it was. */
function upstreamOf(chunks: readonly string[]) {
  const left = chunks.values()
  const asked = { pulls: 0 }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = left.next()
        if (next.done) return controller.close()
        asked.pulls += 1
        controller.enqueue(encoder.encode(next.value))
      },
    },
    { highWaterMark: 0 },
  )
  const fetched = vi
    .spyOn(globalThis, 'fetch')
    .mockResolvedValue(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))
  return { asked, fetched }
}

/** How often a stream is written to, in JavaScript. */
const countWrites = () => vi.spyOn(WritableStreamDefaultWriter.prototype, 'write')

/** Whatever waits for less is no deadline. */
const SHORTEST_DEADLINE_MS = 120_000

const ticksIn = (text: string): number => text.split('tick').length - 1

describe.each(WAYS)('$name', (way) => {
  test('a cold request reads KV in one round trip, a warm one not at all', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { isolate, reads } = freshIsolate(promise)
    upstreamOf(way.events)
    const answering = answerTo(way, isolate)
    // None is answered yet: whatever is read now is read at once.
    await expect.poll(() => reads.length).toBe(3)
    resolve()
    await answering
    upstreamOf(way.events)
    await answerTo(way, isolate)
    expect(reads).toHaveLength(3)
  })

  test('one request to the upstream, and no stored secret is opened twice', async () => {
    const { isolate } = freshIsolate()
    upstreamOf(way.events)
    await answerTo(way, isolate)
    const { fetched } = upstreamOf(way.events)
    fetched.mockClear()
    const decrypted = vi.spyOn(crypto.subtle, 'decrypt')
    const imported = vi.spyOn(crypto.subtle, 'importKey')
    await answerTo(way, isolate)
    expect(fetched).toHaveBeenCalledTimes(1)
    expect(decrypted).not.toHaveBeenCalled()
    expect(imported).not.toHaveBeenCalled()
  })

  test('each chunk is read once, and written once where it is touched at all', async () => {
    const { isolate } = freshIsolate()
    const { asked } = upstreamOf(way.events)
    const written = countWrites()
    expect(ticksIn(await answerTo(way, isolate))).toBeGreaterThanOrEqual(EVENTS)
    expect(asked.pulls).toBe(way.events.length)
    expect(written.mock.calls.length).toBeLessThanOrEqual(way.isTouched ? way.events.length + 1 : 0)
  })

  test('events that come in one chunk are written at once', async () => {
    const { isolate } = freshIsolate()
    upstreamOf([way.events.join('')])
    const written = countWrites()
    expect(ticksIn(await answerTo(way, isolate))).toBeGreaterThanOrEqual(EVENTS)
    expect(written.mock.calls.length).toBeLessThanOrEqual(way.isTouched ? 1 : 0)
  })

  test('one timer keeps all of the deadlines, and goes with the answer', async () => {
    const { isolate } = freshIsolate()
    upstreamOf(way.events)
    const set = vi.spyOn(globalThis, 'setTimeout')
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    await answerTo(way, isolate)
    const isDeadline = (_: unknown, at: number): boolean =>
      (set.mock.calls[at]?.[1] ?? 0) >= SHORTEST_DEADLINE_MS
    const timers = set.mock.results.filter(isDeadline).map(({ value }) => value as unknown)
    expect(timers).toHaveLength(1)
    expect(cleared.mock.calls.map(([timer]) => timer as unknown)).toContain(timers[0])
  })

  test('the body and each event are parsed once at most', async () => {
    const { isolate } = freshIsolate()
    upstreamOf(way.events)
    await answerTo(way, isolate)
    upstreamOf(way.events)
    const parsed = vi.spyOn(JSON, 'parse')
    await answerTo(way, isolate)
    const holding = (word: string): number =>
      parsed.mock.calls.filter(([text]) => typeof text === 'string' && text.includes(word)).length
    expect(holding(PROMPT)).toBeLessThanOrEqual(1)
    expect(holding('tick')).toBeLessThanOrEqual(way.parses)
  })
})

test('a warm request to Bedrock derives no signing key anew', async () => {
  const { isolate } = freshIsolate()
  const way = {
    path: '/native/bedrock/model/amazon.nova-lite-v1%3A0/converse',
    body: { messages: [{ role: 'user', content: [{ text: PROMPT }] }] },
  }
  const { fetched } = upstreamOf(['{}'])
  await answerTo(way, isolate)
  upstreamOf(['{}'])
  const signed = vi.spyOn(crypto.subtle, 'sign')
  await answerTo(way, isolate)
  expect(fetched.mock.calls.length).toBe(2)
  expect(signed).toHaveBeenCalledTimes(1)
})
