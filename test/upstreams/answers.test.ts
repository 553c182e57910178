import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { echo, usageOf, type ProviderName } from './stand-ins.ts'
import { type Json, streamedEvents, streamedFrames } from './test-answers.ts'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const messages = [{ role: 'user', content: 'hello' }]

const events = (provider: ProviderName, body: object, path?: string) =>
  streamedEvents(posting, provider, body, path)
const frames = (path: string, body: object) => streamedFrames(posting, path, body)
const parse = (text: string): Json => JSON.parse(text)

const DELTAS = Array.from({ length: 6 }, (_, index) => index)

test('anthropic: from message_start to message_stop, with a ping, cache apart', async () => {
  const body = { model: 'claude-sonnet-5-5', max_tokens: 9, messages, stream: true }
  const sent = await events('anthropic', body)
  expect(sent.map(({ type }) => type)).toEqual([
    'message_start',
    'content_block_start',
    'ping',
    ...DELTAS.map(() => 'content_block_delta'),
    'content_block_stop',
    'message_delta',
    'message_stop',
  ])
  const { input, cached, output } = usageOf('hello', echo('anthropic', 'hello'))
  expect(sent.at(-2)?.['usage']).toEqual({
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: output,
  })
})

test('anthropic: thinking comes first, signed', async () => {
  const body = { model: 'claude-sonnet-5-5', max_tokens: 9, messages, stream: true }
  const sent = await events('anthropic', { ...body, thinking: { type: 'adaptive' } })
  const deltas = sent.filter(({ type }) => type === 'content_block_delta')
  expect(deltas.map(({ index, delta }) => [index, delta])).toMatchObject([
    ...[0, 1, 2].map(() => [0, { type: 'thinking_delta' }]),
    [0, { type: 'signature_delta' }],
    ...DELTAS.map(() => [1, { type: 'text_delta' }]),
  ])
})

test('the Responses API: every event in order, numbered, usage in the last', async () => {
  const body = { model: 'gpt-5.5', input: 'hello', stream: true }
  const sent = await events('openai', body, '/../../responses')
  expect(sent.map(({ type }) => type)).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.content_part.added',
    ...DELTAS.map(() => 'response.output_text.delta'),
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(sent.map((event) => event['sequence_number'])).toEqual(sent.map((_, index) => index))
  const { input, cached, output } = usageOf('hello', echo('openai', 'hello'))
  expect(sent.at(-1)).toMatchObject({
    response: {
      usage: {
        input_tokens: input,
        input_tokens_details: { cached_tokens: cached },
        output_tokens: output,
      },
    },
  })
})

test('converse: metadata comes last, text has no start', async () => {
  const body = { messages: [{ role: 'user', content: [{ text: 'hello' }] }] }
  const sent = await frames('amazon.nova-lite-v1%3A0/converse-stream', body)
  expect(sent.map(([type]) => type)).toEqual([
    'messageStart',
    ...DELTAS.map(() => 'contentBlockDelta'),
    'contentBlockStop',
    'messageStop',
    'metadata',
  ])
  const { input, cached, output } = usageOf('hello', echo('bedrock', 'hello'))
  expect(sent.at(-1)?.[1]).toMatchObject({
    usage: {
      inputTokens: input - cached,
      cacheReadInputTokens: cached,
      outputTokens: output,
      totalTokens: input + output,
    },
  })
})

test("InvokeModel: Anthropic's events in base64, metrics in the last", async () => {
  const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages }
  const path = 'anthropic.claude-opus-4-8/invoke-with-response-stream'
  const sent = await frames(path, body)
  expect(new Set(sent.map(([type]) => type))).toEqual(new Set(['chunk']))
  const inner = sent.map(([, { bytes }]) => parse(Buffer.from(String(bytes), 'base64').toString()))
  expect(inner[0]).toMatchObject({ type: 'message_start', message: { role: 'assistant' } })
  expect(inner.at(-1)).toMatchObject({
    type: 'message_stop',
    'amazon-bedrock-invocationMetrics': { outputTokenCount: expect.any(Number) },
  })
})

test('gemini: counts grow, the finish comes alone behind a function call', async () => {
  const body = {
    contents: [{ role: 'user', parts: [{ text: 'weather' }] }],
    tools: [{ functionDeclarations: [{ name: 'look_up' }] }],
  }
  const path = 'google/models/gemini-3.8-flash:streamGenerateContent?alt=sse'
  const sent = await events('google_vertex_ai', body, path)
  expect(sent.map(({ candidates }) => candidates)).toMatchObject([
    [{ content: { parts: [{ functionCall: { name: 'look_up' } }] } }],
    [{ finishReason: 'STOP', content: { parts: [{ text: '' }] } }],
  ])
  const { input, cached, output } = usageOf('weather', '{"city":"Paris"}')
  expect(sent.at(-1)?.['usageMetadata']).toMatchObject({
    promptTokenCount: input,
    cachedContentTokenCount: cached,
    candidatesTokenCount: output,
  })
})

const chat = (provider: ProviderName, model: string) =>
  posting.post(provider, { model, messages, stream: true })
const chunks = (provider: ProviderName, model: string) =>
  events(provider, { model, messages, stream: true })

describe('chat streams differ', () => {
  const thought = usageOf('hello', '', 'The caller wants an echo – nothing more. Écho.').reasoning

  test('mistral: usage on the last chunk without being asked', async () => {
    const sent = await chunks('mistral', 'mistral-large-4-0')
    const withUsage = sent.filter(({ usage }) => usage !== undefined)
    expect(withUsage).toEqual([sent.at(-1)])
    expect(sent.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }] })
  })

  test('deepseek: keep-alive comments, reasoning, usage null until the last', async () => {
    const { text } = await chat('deepseek', 'deepseek-v4-pro')
    expect(text).toMatch(/^: keep-alive\n\n/)
    const sent = await chunks('deepseek', 'deepseek-v4-pro')
    expect(sent.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
    expect(sent[1]).toMatchObject({
      choices: [{ delta: { reasoning_content: 'The caller want' } }],
    })
    const { output } = usageOf('hello', echo('deepseek', 'hello'))
    expect(sent.at(-1)).toMatchObject({ usage: { completion_tokens: output + thought } })
  })

  test('xai: usage in a chunk of its own, completion without the reasoning', async () => {
    const { input, output } = usageOf('hello', echo('xai', 'hello'))
    expect((await chunks('xai', 'grok-4.7')).at(-1)).toMatchObject({
      choices: [],
      usage: {
        completion_tokens: output,
        total_tokens: input + output + thought,
        completion_tokens_details: { reasoning_tokens: thought },
      },
    })
  })

  test.each([
    ['openai', 'gpt-4.1'],
    ['mistral', 'mistral-large-4-0'],
    ['deepseek', 'deepseek-v4-pro'],
    ['xai', 'grok-4.7'],
    ['zai', 'glm-5.3'],
  ] as const)('%s: the role comes first, [DONE] last', async (provider, model) => {
    const { text } = await chat(provider, model)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    const [first] = await chunks(provider, model)
    expect(first).toMatchObject({ choices: [{ delta: { role: 'assistant' } }] })
  })
})

test('azure: the first chunk has no choices, only the filter of the prompt', async () => {
  const body = { model: 'my-deployment', messages, stream: true }
  const [first, second] = await events('azure', body, '/chat/completions')
  expect(first).toMatchObject({ id: '', choices: [], prompt_filter_results: [{}] })
  expect(second).toMatchObject({ choices: [{ delta: { role: 'assistant' } }] })
})

test.each<[ProviderName, string, boolean]>([
  ['openai', 'x-request-id', true],
  ['anthropic', 'request-id', true],
  ['mistral', 'mistral-correlation-id', true],
  ['bedrock', 'x-amzn-requestid', false],
])('%s names the request in %s', async (provider, name, setsCookie) => {
  const { headers } = await posting.send(provider, {})
  expect(headers.get(name)).toMatch(/.{20,}/)
  expect(headers.has('set-cookie')).toBe(setsCookie)
})
