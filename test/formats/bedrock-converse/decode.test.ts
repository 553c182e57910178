import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../src/core/chat-events.ts'
import type { AssistantPart, ChatRequest, Finish, Usage } from '../../../src/core/chat.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import { bedrockConverseUpstream } from '../../../src/formats/bedrock-converse/upstream.ts'
import { thrownBy } from '../../thrown-by.ts'
import {
  assembled,
  assistant,
  call,
  CLAUDE_5,
  encode,
  eventsOf,
  type Frame,
  GPT,
  GPT_OSS,
  MISTRAL,
  NOVA,
  result,
  source,
  tool,
  user,
} from './fixtures.ts'

/** A whole answer, as Converse gives it. */
const whole = (content: readonly object[], more: JsonObject = {}): JsonObject => ({
  output: { message: { role: 'assistant', content } },
  stopReason: 'end_turn',
  usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
  metrics: { latencyMs: 1 },
  ...more,
})

/** The same answer as a stream: words in two pieces, and every block in its own. */
function framesOf(answer: JsonObject): Frame[] {
  const {
    output,
    usage,
    serviceTier: _,
    ...stop
  } = answer as {
    output: { message: { content: readonly JsonObject[] } }
    usage: JsonObject
    serviceTier?: unknown
  }
  return [
    { messageStart: { role: 'assistant' } },
    ...output.message.content.flatMap(blockFrames),
    { messageStop: { ...stop, p: 'abc' } },
    { metadata: { usage, metrics: { latencyMs: 1 }, p: 'abc' } },
  ]
}

function blockFrames(block: JsonObject, contentBlockIndex: number): Frame[] {
  const { text, toolUse, reasoningContent } = block as {
    text?: string
    toolUse?: { toolUseId: string; name: string; input: unknown }
    reasoningContent?: { reasoningText?: JsonObject; redactedContent?: string }
  }
  const deltas: object[] = []
  const start: Frame[] = []
  if (text !== undefined) deltas.push({ text: text.slice(0, 2) }, { text: text.slice(2) })
  if (reasoningContent?.reasoningText) {
    const { text: thought, signature } = reasoningContent.reasoningText
    deltas.push({ reasoningContent: { text: thought } })
    if (signature !== undefined) deltas.push({ reasoningContent: { signature } })
  } else if (reasoningContent) deltas.push({ reasoningContent })
  if (toolUse) {
    const { input = {}, ...begun } = toolUse
    const json = JSON.stringify(input)
    start.push({ contentBlockStart: { contentBlockIndex, start: { toolUse: begun } } })
    if (json !== '{}') {
      deltas.push({ toolUse: { input: json.slice(0, 3) } }, { toolUse: { input: json.slice(3) } })
    }
  }
  return [
    ...start,
    ...deltas.map((delta): Frame => ({ contentBlockDelta: { contentBlockIndex, delta, p: 'x' } })),
    { contentBlockStop: { contentBlockIndex } },
  ]
}

const answerOf = (body: JsonObject, members: Partial<ChatRequest> = {}, model = NOVA) =>
  bedrockConverseUpstream.decodeAnswer(body, source(members, model))

const use = (toolUseId: string, name: string, input: unknown) => ({
  toolUse: { toolUseId, name, input },
})

describe('an answer means the same streamed and whole', () => {
  const proof = (family: 'claude' | 'converse', kind: 'signature' | 'encrypted', value: string) =>
    ({ family, kind, value }) as const
  test.each<[string, readonly object[], string, readonly AssistantPart[]]>([
    ['nothing', [], NOVA, []],
    ['text', [{ text: 'Hello, Ann' }], NOVA, [{ kind: 'text', text: 'Hello, Ann' }]],
    ['text that is empty', [{ text: '' }], NOVA, []],
    [
      '#1 text and two calls',
      [{ text: 'So:' }, use('c1', 'look', { q: 'ä' }), use('c2', 'find', { q: 2 })],
      NOVA,
      [
        { kind: 'text', text: 'So:' },
        { kind: 'tool-call', id: 'c1', name: 'look', arguments: '{"q":"ä"}' },
        { kind: 'tool-call', id: 'c2', name: 'find', arguments: '{"q":2}' },
      ],
    ],
    [
      '#2 a call without arguments',
      [use('c1', 'look', {})],
      NOVA,
      [{ kind: 'tool-call', id: 'c1', name: 'look', arguments: '{}' }],
    ],
    [
      'a call without an id',
      [use('', 'look', {}), { toolUse: { name: 'look' } }],
      NOVA,
      [
        { kind: 'tool-call', id: 'req_1-0', name: 'look', arguments: '{}' },
        { kind: 'tool-call', id: 'req_1-1', name: 'look', arguments: '{}' },
      ],
    ],
    [
      '#13 reasoning with its proof',
      [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'ZW5j' } },
        { text: 'So.' },
      ],
      CLAUDE_5,
      [
        { kind: 'reasoning', text: 'Hm.', proof: proof('claude', 'signature', 'c2ln') },
        { kind: 'reasoning', text: '', proof: proof('claude', 'encrypted', 'ZW5j') },
        { kind: 'text', text: 'So.' },
      ],
    ],
    [
      '#13 reasoning that is a proof alone',
      [{ reasoningContent: { reasoningText: { text: '', signature: 'c2ln' } } }],
      CLAUDE_5,
      [{ kind: 'reasoning', text: '', proof: proof('claude', 'signature', 'c2ln') }],
    ],
    [
      'reasoning of GPT’s',
      [{ reasoningContent: { redactedContent: 'cnNu' } }],
      GPT,
      [{ kind: 'reasoning', text: '', proof: proof('converse', 'encrypted', 'openai:cnNu') }],
    ],
    [
      'reasoning that nothing proves',
      [{ reasoningContent: { reasoningText: { text: 'Hm.' } } }, { text: 'So.' }],
      GPT_OSS,
      [
        { kind: 'reasoning', text: 'Hm.' },
        { kind: 'text', text: 'So.' },
      ],
    ],
    [
      'a call whose name lets a channel slip',
      [use('c1', 'look<|channel|>commentary', {})],
      GPT_OSS,
      [{ kind: 'tool-call', id: 'c1', name: 'look', arguments: '{}' }],
    ],
    [
      'a tool that the provider runs',
      [
        { toolUse: { toolUseId: 'c1', name: 'nova_grounding', type: 'server_tool_use' } },
        { text: 'So.' },
      ],
      NOVA,
      [{ kind: 'text', text: 'So.' }],
    ],
    ['what nobody knows', [{ video: {} }, { text: 'So.' }], NOVA, [{ kind: 'text', text: 'So.' }]],
  ])('%s', (_, content, model, expected) => {
    const body = whole(content)
    const answer = answerOf(body, {}, model)
    expect(answer.content).toEqual(expected)
    expect(assembled(eventsOf(framesOf(body), source({}, model)))).toEqual(answer)
  })
})

test('text with citations is text', () => {
  const content = [{ citationsContent: { content: [{ text: 'a' }, { text: 'b' }], citations: [] } }]
  expect(answerOf(whole(content)).content).toEqual([{ kind: 'text', text: 'ab' }])
})

test('reasoning given back is what was answered', () => {
  const content = [
    { reasoningContent: { reasoningText: { text: ' Hm.\n', signature: 'c2ln' } } },
    { text: 'So.' },
  ]
  const { content: answered } = answerOf(whole(content), {}, CLAUDE_5)
  const { body } = encode({ messages: [user('a'), assistant(...answered), user('b')] }, CLAUDE_5)
  expect(body.messages[1]?.content).toEqual(content)
})

describe('names that had to be changed come back as the caller knows them', () => {
  const name = 'weather.get'
  const plain = (members: Partial<ChatRequest>) => {
    const [declared] = encode(members).body.toolConfig?.tools ?? []
    return declared && 'toolSpec' in declared ? declared.toolSpec.name : ''
  }
  test.each<[string, Partial<ChatRequest>]>([
    ['from the tools', { tools: [tool(name)] }],
    ['from the history', { messages: [user('a'), assistant(call('c', name)), result('c', 'b')] }],
  ])('%s', (_, members) => {
    const body = whole([use('c1', plain(members), {})])
    expect(plain(members)).not.toBe(name)
    expect(answerOf(body, members).content).toMatchObject([{ name }])
    expect(assembled(eventsOf(framesOf(body), source(members)))?.content).toMatchObject([{ name }])
  })
})

describe('#39 how an answer ended', () => {
  const asked = { stop: ['END', 'STOP'] }
  const met = (sequence: unknown) => ({
    additionalModelResponseFields: { delta: { stop_sequence: sequence } },
  })
  test.each<[JsonObject, Finish, Partial<ChatRequest>]>([
    [{ stopReason: 'end_turn' }, { reason: 'stop' }, asked],
    [{ stopReason: 'end_turn', ...met(null) }, { reason: 'stop' }, asked],
    [
      { stopReason: 'stop_sequence', ...met('END') },
      { reason: 'stop-sequence', stopSequence: 'END' },
      asked,
    ],
    [
      { stopReason: 'end_turn', ...met('END') },
      { reason: 'stop-sequence', stopSequence: 'END' },
      asked,
    ],
    [{ stopReason: 'stop_sequence' }, { reason: 'stop-sequence' }, asked],
    [
      { stopReason: 'stop_sequence' },
      { reason: 'stop-sequence', stopSequence: 'END' },
      { stop: ['END'] },
    ],
    [{ stopReason: 'max_tokens' }, { reason: 'length' }, {}],
    [{ stopReason: 'model_context_window_exceeded' }, { reason: 'length' }, {}],
    [{ stopReason: 'content_filtered' }, { reason: 'content-filter' }, {}],
    [{ stopReason: 'guardrail_intervened' }, { reason: 'content-filter' }, {}],
    [{ stopReason: 'pause_turn' }, { reason: 'stop' }, {}],
    [{ stopReason: undefined }, { reason: 'stop' }, {}],
  ])('%j is %j', (members, finish, request) => {
    const body = whole([{ text: 'a' }], members)
    expect(answerOf(body, request).finish).toEqual(finish)
    expect(assembled(eventsOf(framesOf(body), source(request)))?.finish).toEqual(finish)
  })

  test.each<[string, Finish]>([
    ['tool_use', { reason: 'tool-calls' }],
    ['end_turn', { reason: 'tool-calls' }],
    ['max_tokens', { reason: 'length' }],
  ])('with calls, %s is %j', (stopReason, finish) => {
    const body = whole([use('c', 'look', {})], { stopReason })
    expect(answerOf(body).finish).toEqual(finish)
    expect(assembled(eventsOf(framesOf(body)))?.finish).toEqual(finish)
  })

  test.each(['malformed_model_output', 'malformed_tool_use'])(
    '%s is a failure, and no end',
    (stopReason) => {
      const body = whole([{ text: 'a' }], { stopReason })
      expect(thrownBy(() => answerOf(body))).toMatchObject({ code: 'upstream_error' })
      const events = eventsOf(framesOf(body))
      expect(events.at(-1)).toEqual({
        kind: 'error',
        error: { message: expect.any(String) as unknown, type: stopReason },
      })
      expect(assembled(events)).toBeUndefined()
    },
  )
})

describe('#38 usage', () => {
  test.each<[JsonObject | undefined, Usage | undefined]>([
    [
      { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
      { inputTokens: 10, outputTokens: 5 },
    ],
    [
      {
        inputTokens: 10,
        outputTokens: 5,
        cacheReadInputTokens: 100,
        cacheWriteInputTokens: 20,
        cacheDetails: [
          { ttl: '1h', inputTokens: 15 },
          { ttl: '5m', inputTokens: 5 },
        ],
      },
      {
        inputTokens: 130,
        cachedInputTokens: 100,
        cacheWriteTokens: 20,
        cacheWriteHourTokens: 15,
        outputTokens: 5,
      },
    ],
    [{ outputTokens: 5 }, { outputTokens: 5 }],
    [{ inputTokens: '10', outputTokens: null }, {}],
    [undefined, undefined],
  ])('%j is %j', (usage, expected) => {
    const body = whole([{ text: 'a' }], { usage })
    expect(answerOf(body).usage).toEqual(expected)
    expect(assembled(eventsOf(framesOf(body)))?.usage).toEqual(expected)
  })
})

test('the tier of service is told with a whole answer', () => {
  expect(answerOf(whole([], { serviceTier: { type: 'flex' } })).serviceTier).toBe('flex')
})

test.each<[JsonObject]>([
  [{}],
  [{ output: null }],
  [{ output: { message: { content: 'a' } } }],
  [{ message: 'no' }],
])('%j is no answer', (body) => {
  expect(thrownBy(() => answerOf(body))).toMatchObject({ code: 'upstream_error' })
})

describe('an answer that was taken from a call', () => {
  const json = { outputFormat: { kind: 'json' } } as const
  const tools = { ...json, tools: [tool('look')] }
  test.each<[string, readonly object[], Partial<ChatRequest>, readonly AssistantPart[], Finish]>([
    [
      'is text',
      [use('c', 'give_answer', { a: 1 })],
      json,
      [{ kind: 'text', text: '{"a":1}' }],
      { reason: 'stop' },
    ],
    [
      'is text without what was said beside it',
      [{ text: 'Here you are:' }, use('c', 'give_answer', {})],
      json,
      [{ kind: 'text', text: '{}' }],
      { reason: 'stop' },
    ],
    [
      'and was not made is what was said',
      [{ text: '{"a":1}' }],
      json,
      [{ kind: 'text', text: '{"a":1}' }],
      { reason: 'stop' },
    ],
    [
      'and gave way to a call of the caller’s is that call, and what was said beside it',
      [{ text: 'So:' }, use('c', 'look', {})],
      tools,
      [
        { kind: 'text', text: 'So:' },
        { kind: 'tool-call', id: 'c', name: 'look', arguments: '{}' },
      ],
      { reason: 'tool-calls' },
    ],
  ])('%s', (_, content, members, expected, finish) => {
    const body = whole(content, {
      stopReason:
        content.length > 0 && 'toolUse' in (content.at(-1) ?? {}) ? 'tool_use' : 'end_turn',
    })
    const answer = answerOf(body, members)
    expect(answer.content).toEqual(expected)
    expect(answer.finish).toEqual(finish)
    expect(assembled(eventsOf(framesOf(body), source(members)))).toEqual(answer)
  })

  test('#3 and was cut off keeps what there is, and says so', () => {
    const frames: Frame[] = [
      {
        contentBlockStart: {
          contentBlockIndex: 0,
          start: { toolUse: { toolUseId: 'c', name: 'give_answer' } },
        },
      },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"a":' } } } },
      { messageStop: { stopReason: 'max_tokens' } },
      { metadata: {} },
    ]
    expect(assembled(eventsOf(frames, source(json)))).toMatchObject({
      content: [{ kind: 'text', text: '{"a":' }],
      finish: { reason: 'length' },
    })
  })

  test('#3 and was cut off before its first piece is empty', () => {
    const body = whole([use('c', 'give_answer', {})], { stopReason: 'max_tokens' })
    expect(answerOf(body, json)).toMatchObject({ content: [], finish: { reason: 'length' } })
    expect(assembled(eventsOf(framesOf(body), source(json)))).toEqual(answerOf(body, json))
  })

  test('long words are said when it is clear that they are the answer', () => {
    const words = 'x'.repeat(10_000)
    const frames = Array.from({ length: 8 }, (): Frame => ({
      contentBlockDelta: { contentBlockIndex: 0, delta: { text: words } },
    }))
    const events = eventsOf(frames, source(json), false)
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'text', 'text'])
  })

  test.each([
    [GPT, {}],
    [MISTRAL, { tools: [tool('give_answer')] }],
  ] as const)(
    'is the one that was added for %s, whatever it had to be called',
    (model, members) => {
      const request = { ...json, ...members }
      const declared = encode(request, model).body.toolConfig?.tools.at(-1)
      const name = declared && 'toolSpec' in declared ? declared.toolSpec.name : ''
      expect(answerOf(whole([use('123456789', name, { a: 1 })]), request, model).content).toEqual([
        { kind: 'text', text: '{"a":1}' },
      ])
    },
  )
})

describe('a stream', () => {
  const stop: Frame = { messageStop: { stopReason: 'end_turn' } }
  const metadata: Frame = { metadata: { usage: { inputTokens: 1, outputTokens: 2 } } }
  const text: Frame = { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'a' } } }
  const usage: ChatEvent = { kind: 'usage', usage: { inputTokens: 1, outputTokens: 2 } }
  const begun: readonly ChatEvent[] = [{ kind: 'start' }, { kind: 'text', text: 'a' }]
  const ended: readonly ChatEvent[] = [
    { kind: 'finish', finish: { reason: 'stop' } },
    { kind: 'end' },
  ]

  test.each<[string, Frame[], boolean, readonly ChatEvent[]]>([
    [
      'ends with the usage behind the reason',
      [text, stop, metadata],
      false,
      [...begun, usage, ...ended],
    ],
    [
      'ends with the reason behind the usage',
      [text, metadata, stop],
      false,
      [...begun, usage, ...ended],
    ],
    ['ends without usage where it was closed in order', [text, stop], true, [...begun, ...ended]],
    ['#12 waits for the usage', [text, stop], false, begun],
    ['#12 has no end without a reason', [text, metadata], true, [...begun, usage]],
    ['#12 has no end that was not there', [text], true, begun],
    [
      'says nothing behind its end',
      [text, stop, metadata, text, metadata],
      true,
      [...begun, usage, ...ended],
    ],
    [
      'says nothing more once it has said why it ended',
      [text, stop, text, metadata],
      true,
      [...begun, usage, ...ended],
    ],
    ['knows nothing of other events', [{ 'initial-response': {} }, text], false, begun],
    ['is empty where nothing came', [], true, []],
  ])('%s', (_, frames, isClosed, events) => {
    expect(eventsOf(frames, source(), isClosed)).toEqual(events)
  })

  test('#14 calls may come by turns, and end when the answer does', () => {
    const begin = (at: number): Frame => ({
      contentBlockStart: {
        contentBlockIndex: at,
        start: { toolUse: { toolUseId: `c${at}`, name: 'look' } },
      },
    })
    const piece = (at: number, input: string): Frame => ({
      contentBlockDelta: { contentBlockIndex: at, delta: { toolUse: { input } } },
    })
    const frames = [
      begin(1),
      begin(2),
      piece(2, '{"b"'),
      piece(1, '{}'),
      piece(2, ':1}'),
      { contentBlockStop: { contentBlockIndex: 2 } },
      { messageStop: { stopReason: 'tool_use' } },
      metadata,
    ]
    expect(eventsOf(frames)).toEqual([
      { kind: 'start' },
      { kind: 'tool-call', call: 0, id: 'c1', name: 'look' },
      { kind: 'tool-call', call: 1, id: 'c2', name: 'look' },
      { kind: 'tool-arguments', call: 1, text: '{"b"' },
      { kind: 'tool-arguments', call: 0, text: '{}' },
      { kind: 'tool-arguments', call: 1, text: ':1}' },
      { kind: 'tool-call-end', call: 1 },
      { kind: 'tool-call-end', call: 0 },
      usage,
      { kind: 'finish', finish: { reason: 'tool-calls' } },
      { kind: 'end' },
    ])
  })

  test.each<[stopReason: string, shown: string]>([
    ['max_tokens', ''],
    ['model_context_window_exceeded', ''],
    ['guardrail_intervened', ''],
    ['tool_use', '{}'],
    ['end_turn', '{}'],
  ])('#2 #3 of calls without arguments the last may have been cut off: %s', (stopReason, shown) => {
    const members = { tools: [tool('look')] }
    const body = whole([use('a', 'look', {}), { text: 'and' }, use('b', 'look', {})], {
      stopReason,
    })
    const answer = answerOf(body, members)
    expect(answer.content).toMatchObject([
      { kind: 'tool-call', id: 'a', arguments: '{}' },
      { kind: 'text' },
      { kind: 'tool-call', id: 'b', arguments: shown },
    ])
    const frames = framesOf(body)
    const events = eventsOf(frames, source(members))
    expect(assembled(events)).toEqual(answer)
    expect(events.filter(({ kind }) => kind === 'tool-call-end')).toHaveLength(2)
    // Its block may never have been closed.
    const open = frames.toSpliced(
      frames.findLastIndex((frame) => 'contentBlockStop' in frame),
      1,
    )
    expect(assembled(eventsOf(open, source(members)))).toEqual(answer)
  })

  test('#3 arguments that were cut off stay as far as they came', () => {
    const toolUse = { toolUseId: 'a', name: 'look' }
    const frames: Frame[] = [
      { contentBlockStart: { contentBlockIndex: 0, start: { toolUse } } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { toolUse: { input: '{"at":' } } } },
      { messageStop: { stopReason: 'max_tokens' } },
      metadata,
    ]
    expect(assembled(eventsOf(frames, source({ tools: [tool('look')] })))).toMatchObject({
      content: [{ kind: 'tool-call', arguments: '{"at":' }],
      finish: { reason: 'length' },
    })
  })

  test('a signature in pieces is one', () => {
    const piece = (signature: string): Frame => ({
      contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { signature } } },
    })
    const frames = [piece('c2'), piece('ln'), stop, metadata]
    expect(assembled(eventsOf(frames, source({}, CLAUDE_5)))?.content).toMatchObject([
      { proof: { value: 'c2ln' } },
    ])
  })

  test.each(['', 'no JSON', '1', '[]', 'null'])(
    'an event whose payload is %j makes no sense',
    (data) => {
      const decoder = bedrockConverseUpstream.streamDecoder(source(), () => {})
      expect(thrownBy(() => decoder.next({ name: 'metadata', data }))).toMatchObject({
        code: 'upstream_error',
      })
    },
  )

  test.each<[Frame]>([
    [{ contentBlockDelta: {} }],
    [{ contentBlockDelta: { delta: { text: 1 } } }],
    [{ contentBlockDelta: { delta: { toolUse: { input: 'a' } } } }],
    [{ contentBlockDelta: { delta: { reasoningContent: {} } } }],
    [{ contentBlockStart: {} }],
    [{ contentBlockStart: { start: { toolUse: {} } } }],
    [{ contentBlockStop: {} }],
    [{ metadata: { usage: 1 } }],
  ])('%j says nothing', (frame) => {
    expect(eventsOf([frame])).toEqual([{ kind: 'start' }])
  })
})
