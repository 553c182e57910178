import type { ChatCompletionChunk } from 'openai/resources'
import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { unpackToolCallId } from '../../../../src/core/tool-call-id.ts'
import { openAiChatClient } from '../../../../src/formats/openai-chat/client.ts'
import { contextOf } from './fixtures.ts'

const START: ChatEvent = { kind: 'start', id: 'msg_1', model: 'model-2026' }
const STOP: ChatEvent = { kind: 'finish', finish: { reason: 'stop' } }
const END: ChatEvent = { kind: 'end' }

const textsOf = (events: readonly ChatEvent[], members: JsonObject = {}): readonly string[] => {
  const encoder = openAiChatClient.streamEncoder(contextOf({ stream: true, ...members }))
  return events.map((event) => encoder.next(event))
}
/** The chunks in a text; every event of it is one. */
const chunksIn = (text: string): readonly ChatCompletionChunk[] => {
  if (text === '') return []
  expect(text.endsWith('\n\n')).toBe(true)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((event) => {
      expect(event).toMatch(/^data: \{.*\}$/)
      return JSON.parse(event.slice('data: '.length)) as ChatCompletionChunk
    })
}
/** What each event became, less what is the same in all chunks. */
const deltasOf = (events: readonly ChatEvent[], members?: JsonObject): readonly unknown[] =>
  textsOf([START, ...events], members)
    .slice(1)
    .map((text) => chunksIn(text).map(({ choices }) => choices[0]?.delta))

const begin = (call: number, more: object = {}): ChatEvent => ({
  kind: 'tool-call',
  call,
  id: `id${call}`,
  name: `tool${call}`,
  ...more,
})
const pieces = (call: number, text: string): ChatEvent => ({ kind: 'tool-arguments', call, text })
const over = (call: number): ChatEvent => ({ kind: 'tool-call-end', call })
const callDelta = (index: number, name = `tool${index}`): object => ({
  tool_calls: [{ index, id: `id${index}`, type: 'function', function: { name, arguments: '' } }],
})
const argumentsDelta = (index: number, text: string): object => ({
  tool_calls: [{ index, function: { arguments: text } }],
})

describe('a stream', () => {
  test('is exactly what OpenAI’s is', () => {
    const head =
      'data: {"id":"msg_1","object":"chat.completion.chunk","created":1795000000,"model":"model-2026","choices":['
    const end = ',"logprobs":null,"finish_reason":null}]}\n\n'
    expect(textsOf([START, { kind: 'text', text: 'a "quoted"\nline' }, STOP, END])).toEqual([
      `${head}{"index":0,"delta":{"role":"assistant","content":"","refusal":null}${end}`,
      `${head}{"index":0,"delta":{"content":"a \\"quoted\\"\\nline"}${end}`,
      `${head}{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}\n\n`,
      'data: [DONE]\n\n',
    ])
  })

  test('has an id and a model, where the provider gave none', () => {
    for (const start of [{ kind: 'start' }, { kind: 'start', id: '', model: '' }] as const) {
      const chunks = textsOf([start, { kind: 'text', text: 'a' }]).flatMap(chunksIn)
      expect(chunks).toHaveLength(2)
      for (const chunk of chunks) {
        expect(chunk).toMatchObject({ id: 'chatcmpl-0123456789', model: 'provider-model' })
      }
    }
  })

  test('#8 shows that the provider is alive', () => {
    expect(textsOf([{ kind: 'ping' }, START, { kind: 'ping' }])).toEqual([
      ': ping\n\n',
      expect.any(String),
      ': ping\n\n',
    ])
  })

  test.each([
    [{ kind: 'text', text: '' }],
    [{ kind: 'refusal', text: '' }],
    [{ kind: 'reasoning', text: '' }],
    [{ kind: 'usage', usage: { inputTokens: 1 } }],
    [{ kind: 'error', error: { message: 'the gateway says it' } }],
  ] as const)('is silent on %j', (event) => {
    expect(textsOf([START, event])[1]).toBe('')
  })

  test('of a refusal', () => {
    expect(
      deltasOf([
        { kind: 'refusal', text: 'n' },
        { kind: 'refusal', text: 'o' },
      ]),
    ).toEqual([[{ refusal: 'n' }], [{ refusal: 'o' }]])
  })
})

describe('the end of a stream', () => {
  test.each([
    [{ reason: 'stop' }, { finish_reason: 'stop' }],
    [
      { reason: 'stop-sequence', stopSequence: '"' },
      { finish_reason: 'stop', stop_sequence: '"' },
    ],
    [{ reason: 'tool-calls' }, { finish_reason: 'tool_calls' }],
    [{ reason: 'length' }, { finish_reason: 'length' }],
    [{ reason: 'content-filter' }, { finish_reason: 'content_filter' }],
    [{ reason: 'pause' }, { finish_reason: 'stop', paused: true }],
  ] as const)('#39 for %j', (finish, expected) => {
    const chunks = chunksIn(textsOf([START, { kind: 'finish', finish }])[1] ?? '')
    expect(chunks.map(({ choices }) => choices)).toEqual([
      [{ index: 0, delta: {}, logprobs: null, ...expected }],
    ])
  })

  const usage = { inputTokens: 7, cachedInputTokens: 5, outputTokens: 2 }
  const counted = [
    { ...START, usage: { inputTokens: 3 } },
    { kind: 'text', text: 'a' },
    { kind: 'usage', usage: { inputTokens: 7, outputTokens: 1 } },
    STOP,
    { kind: 'usage', usage },
    END,
  ] as const

  test.each([[{}], [{ stream_options: { include_usage: false } }]])(
    'has no usage, unasked with %j',
    (members) => {
      const text = textsOf(counted, members).join('')
      expect(text).not.toContain('usage')
      expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    },
  )

  test('has the last usage in a chunk of its own, if it is asked for', () => {
    const texts = textsOf(counted, { stream_options: { include_usage: true } })
    const done = 'data: [DONE]\n\n'
    const last = texts.at(-1) ?? ''
    expect(last.endsWith(done)).toBe(true)
    const [chunk, ...more] = chunksIn(last.slice(0, -done.length))
    expect(more).toEqual([])
    expect(chunk).toStrictEqual({
      id: 'msg_1',
      object: 'chat.completion.chunk',
      created: 1_795_000_000,
      model: 'model-2026',
      choices: [],
      usage: {
        prompt_tokens: 7,
        completion_tokens: 2,
        total_tokens: 9,
        prompt_tokens_details: { cached_tokens: 5 },
      },
    })
    for (const one of texts.slice(0, -1).flatMap(chunksIn)) expect(one.usage).toBeNull()
  })

  test('is the end alone, if the usage that is asked for is not known', () => {
    const texts = textsOf([START, STOP, END], { stream_options: { include_usage: true } })
    expect(texts.at(-1)).toBe('data: [DONE]\n\n')
  })

  test('that failed is an error, and never the word for a good end', () => {
    const encoder = openAiChatClient.streamEncoder(contextOf({ stream: true }))
    encoder.next(START)
    const text = encoder.fail(new GatewayError('upstream_overloaded', 'too many of you'))
    expect(text).toBe(
      'data: {"error":{"message":"too many of you","type":"overloaded_error","code":"upstream_overloaded","param":null}}\n\n',
    )
  })
})

describe('tool calls in a stream', () => {
  test('#1 are counted by themselves, whatever comes before or between them', () => {
    expect(
      deltasOf([
        { kind: 'text', text: 'a' },
        begin(0),
        pieces(0, '{"x":'),
        pieces(0, '1}'),
        over(0),
        { kind: 'text', text: 'b' },
        begin(1),
        pieces(1, '{"y":"z"}'),
        over(1),
      ]),
    ).toEqual([
      [{ content: 'a' }],
      [callDelta(0)],
      [argumentsDelta(0, '{"x":')],
      [argumentsDelta(0, '1}')],
      [],
      [{ content: 'b' }],
      [callDelta(1)],
      [argumentsDelta(1, '{"y":"z"}')],
      [],
    ])
  })

  test('#14 may be interleaved', () => {
    expect(
      deltasOf([
        begin(0),
        begin(1),
        pieces(1, '{'),
        pieces(0, '['),
        pieces(1, '}'),
        over(1),
        over(0),
      ]),
    ).toEqual([
      [callDelta(0)],
      [callDelta(1)],
      [argumentsDelta(1, '{')],
      [argumentsDelta(0, '[')],
      [argumentsDelta(1, '}')],
      [],
      [],
    ])
  })

  test.each<[string, ChatEvent, unknown]>([
    ['the answer', STOP, {}],
    ['another call', begin(1), callDelta(1)],
    ['words', { kind: 'text', text: 'a' }, { content: 'a' }],
  ])('#2 without arguments have an empty object of them, before %s goes on', (_, event, delta) => {
    expect(deltasOf([begin(0), pieces(0, ''), over(0), event])).toEqual([
      [callDelta(0)],
      [],
      [],
      [argumentsDelta(0, '{}'), delta],
    ])
  })

  test('#2 without arguments, all of them', () => {
    expect(deltasOf([begin(0), begin(1), over(0), over(1), STOP])).toEqual([
      [callDelta(0)],
      [callDelta(1)],
      [],
      [argumentsDelta(0, '{}')],
      [argumentsDelta(1, '{}'), {}],
    ])
  })

  test.each<[string, readonly ChatEvent[], readonly unknown[]]>([
    ['before its arguments', [], []],
    ['within its arguments', [pieces(0, '{"x": "a')], [[argumentsDelta(0, '{"x": "a')]]],
  ])('#3 that were cut off %s stay so', (_, events, deltas) => {
    const cut: ChatEvent = { kind: 'finish', finish: { reason: 'length' } }
    const texts = textsOf([START, begin(0), ...events, over(0), cut])
    expect(deltasOf([begin(0), ...events, over(0), cut])).toEqual([
      [callDelta(0)],
      ...deltas,
      [],
      [{}],
    ])
    expect(chunksIn(texts.at(-1) ?? '')[0]?.choices[0]?.finish_reason).toBe('length')
  })

  test('#22 have ids that are plain, and carry what belongs to them', () => {
    const proof = { family: 'gemini', kind: 'signature', value: 'c2ln' } as const
    const [deltas] = deltasOf([begin(0, { id: 'functions.get:0', proof })]) as [
      [{ tool_calls: [{ id: string }] }],
    ]
    const { id } = deltas[0].tool_calls[0]
    expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(unpackToolCallId(id)).toEqual({ id: 'functions.get:0', proof })
  })

  test('of tools that take text come as text', () => {
    const tools = [{ type: 'custom', custom: { name: 'tool0' } }]
    const input = (text: string): object => ({
      tool_calls: [{ index: 0, custom: { input: text } }],
    })
    expect(
      deltasOf(
        [begin(0), pieces(0, '{"input":"a\\'), pieces(0, 'n'), pieces(0, 'b"}'), over(0), STOP],
        {
          tools,
        },
      ),
    ).toEqual([
      [
        {
          tool_calls: [
            { index: 0, id: 'id0', type: 'custom', custom: { name: 'tool0', input: '' } },
          ],
        },
      ],
      [input('a')],
      [input('\n')],
      [input('b')],
      [],
      [{}],
    ])
    // Not what was asked for: it is the text.
    expect(deltasOf([begin(0), pieces(0, 'a b'), over(0)], { tools }).slice(1)).toEqual([
      [],
      [input('a b')],
    ])
  })
})

describe('reasoning in a stream', () => {
  const think = (text: string): ChatEvent => ({ kind: 'reasoning', text })
  const prove = (value: string, family = 'claude', kind = 'signature'): ChatEvent =>
    ({ kind: 'reasoning-proof', proof: { family, kind, value } }) as ChatEvent
  const thought = (index: number, text: string): object => ({
    reasoning_content: text,
    thinking_blocks: [{ index, type: 'thinking', thinking: text }],
  })
  const signed = (index: number, signature: string): object => ({
    thinking_blocks: [{ index, type: 'thinking', thinking: '', signature }],
  })
  const redacted = (index: number, data: string): object => ({
    thinking_blocks: [{ index, type: 'redacted_thinking', data }],
  })

  test('comes as text, and in blocks that a proof ends', () => {
    expect(
      deltasOf([think('a'), think(' b'), prove('s1'), think('c'), prove('s2'), prove('s3')]),
    ).toEqual([
      [thought(0, 'a')],
      [thought(0, ' b')],
      [signed(0, 's1')],
      [thought(1, 'c')],
      [signed(1, 's2')],
      [signed(2, 's3')],
    ])
  })

  test('has blocks that something else ends', () => {
    const events = [
      think('a'),
      { kind: 'text', text: 'x' },
      think('b'),
      begin(0),
      prove('s'),
    ] as const
    expect(deltasOf(events)).toEqual([
      [thought(0, 'a')],
      [{ content: 'x' }],
      [thought(1, 'b')],
      [callDelta(0)],
      [signed(2, 's')],
    ])
  })

  test('has encrypted blocks of their own', () => {
    expect(
      deltasOf([prove('e', 'claude', 'encrypted'), think('a'), prove('f', 'gpt', 'encrypted')]),
    ).toEqual([[redacted(0, 'e')], [thought(1, 'a')], [redacted(2, 'kwproof.gpt.f')]])
  })
})
