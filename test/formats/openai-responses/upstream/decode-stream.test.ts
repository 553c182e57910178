import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiResponsesUpstream } from '../../../../src/formats/openai-responses/upstream.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { assembled, eventsOf, source } from './source.ts'

const TOOLS = source({ tools: [{ name: 'f' }, { name: 'patch', isFreeform: true }] })
const CREATED = { type: 'response.created', response: { id: 'resp_1', model: 'said' } }
const COMPLETED = { type: 'response.completed', response: { status: 'completed' } }

const at = (index: number, type: string, members: JsonObject): JsonObject => ({
  type: `response.${type}`,
  output_index: index,
  item_id: `item_${index}`,
  ...members,
})
const added = (index: number, item: JsonObject): JsonObject =>
  at(index, 'output_item.added', { item })
const done = (index: number, item: JsonObject): JsonObject =>
  at(index, 'output_item.done', { item })
const call = (name = 'f', more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id: `c_${name}`,
  name,
  arguments: '',
  ...more,
})
const contentOf = (events: readonly JsonObject[]): readonly ChatEvent[] =>
  eventsOf([CREATED, ...events, COMPLETED], TOOLS).slice(1, -2)

test('a stream from its first word to its last', () => {
  const usage = { input_tokens: 9, output_tokens: 5 }
  expect(
    eventsOf([
      CREATED,
      { type: 'response.in_progress', response: { id: 'resp_1', model: 'said' } },
      added(0, { type: 'message', content: [] }),
      at(0, 'content_part.added', { part: { type: 'output_text', text: '' } }),
      at(0, 'output_text.delta', { delta: 'a' }),
      at(0, 'output_text.delta', { delta: '' }),
      at(0, 'refusal.delta', { delta: 'no' }),
      at(0, 'output_text.done', { text: 'a' }),
      done(0, { type: 'message', content: [{ type: 'output_text', text: 'a' }] }),
      { type: 'response.completed', response: { status: 'completed', usage } },
      at(0, 'output_text.delta', { delta: 'behind the end' }),
    ]),
  ).toEqual([
    { kind: 'start', id: 'resp_1', model: 'said' },
    { kind: 'text', text: 'a' },
    { kind: 'refusal', text: 'no' },
    { kind: 'usage', usage: { inputTokens: 9, outputTokens: 5 } },
    { kind: 'finish', finish: { reason: 'stop' } },
    { kind: 'end' },
  ])
})

describe('calls', () => {
  test('#14 side by side, each by its place', () => {
    expect(
      contentOf([
        added(1, call('f')),
        added(2, { type: 'custom_tool_call', call_id: 'c_p', name: 'patch', input: '' }),
        at(2, 'custom_tool_call_input.delta', { delta: 'a"' }),
        at(1, 'function_call_arguments.delta', { delta: '{}' }),
        at(2, 'custom_tool_call_input.delta', { delta: '\n' }),
        at(1, 'function_call_arguments.done', { arguments: '{}' }),
        done(1, call('f', { arguments: '{}' })),
        done(2, { type: 'custom_tool_call', call_id: 'c_p', name: 'patch', input: 'a"\n' }),
      ]),
    ).toEqual([
      { kind: 'tool-call', call: 0, id: 'c_f', name: 'f' },
      { kind: 'tool-call', call: 1, id: 'c_p', name: 'patch' },
      { kind: 'tool-arguments', call: 1, text: '{"input":"a\\"' },
      { kind: 'tool-arguments', call: 0, text: '{}' },
      { kind: 'tool-arguments', call: 1, text: '\\n' },
      { kind: 'tool-call-end', call: 0 },
      { kind: 'tool-arguments', call: 1, text: '"}' },
      { kind: 'tool-call-end', call: 1 },
    ])
  })

  test.each<[string, JsonObject[]]>([
    ['in one piece', [added(0, call()), done(0, call('f', { arguments: '{"a":1}' }))]],
    ['told when they are whole', [done(0, call('f', { arguments: '{"a":1}' }))]],
    [
      'whole from the first',
      [
        added(0, call('f', { arguments: '{"a":1}' })),
        done(0, call('f', { arguments: '{"a":1}' })),
        done(0, call('f', { arguments: '{"a":1}' })),
      ],
    ],
  ])('%s', (_, events) => {
    expect(contentOf(events)).toEqual([
      { kind: 'tool-call', call: 0, id: 'c_f', name: 'f' },
      { kind: 'tool-arguments', call: 0, text: '{"a":1}' },
      { kind: 'tool-call-end', call: 0 },
    ])
  })

  test('#2 without arguments', () => {
    expect(contentOf([added(0, call()), done(0, call())])).toEqual([
      { kind: 'tool-call', call: 0, id: 'c_f', name: 'f' },
      { kind: 'tool-call-end', call: 0 },
    ])
    const empty = { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: '' }
    expect(contentOf([added(0, empty), done(0, empty)])).toMatchObject([
      { kind: 'tool-call' },
      { kind: 'tool-arguments', text: '{"input":"' },
      { kind: 'tool-arguments', text: '"}' },
      { kind: 'tool-call-end' },
    ])
  })

  test('#3 cut off', () => {
    const events = eventsOf(
      [
        CREATED,
        added(0, call()),
        at(0, 'function_call_arguments.delta', { delta: '{"a' }),
        {
          type: 'response.incomplete',
          response: {
            status: 'incomplete',
            incomplete_details: { reason: 'max_output_tokens' },
            usage: { input_tokens: 1, output_tokens: 2 },
          },
        },
      ],
      TOOLS,
    )
    expect(events.slice(2)).toEqual([
      { kind: 'tool-arguments', call: 0, text: '{"a' },
      { kind: 'tool-call-end', call: 0 },
      { kind: 'usage', usage: { inputTokens: 1, outputTokens: 2 } },
      { kind: 'finish', finish: { reason: 'length' } },
      { kind: 'end' },
    ])
  })

  test('end an answer as calls', () => {
    const events = eventsOf([CREATED, done(0, call()), COMPLETED], TOOLS)
    expect(events.at(-2)).toEqual({ kind: 'finish', finish: { reason: 'tool-calls' } })
  })

  test('of tools that a host runs itself are passed over', () => {
    const own = { type: 'custom_tool_call', call_id: 'c', name: 'x_search', input: 'q' }
    expect(
      contentOf([
        added(0, own),
        at(0, 'custom_tool_call_input.delta', { delta: 'q' }),
        done(0, own),
        added(1, { type: 'web_search_call' }),
        at(1, 'web_search_call.searching', {}),
      ]),
    ).toEqual([])
  })
})

describe('#13 reasoning', () => {
  const reasoning = (members: JsonObject): JsonObject => ({
    type: 'reasoning',
    summary: [],
    ...members,
  })
  const proof = { family: 'gpt', kind: 'encrypted', value: 'gAAA' } as const

  test('in parts, with its proof at the end', () => {
    expect(
      contentOf([
        added(0, reasoning({})),
        at(0, 'reasoning_summary_text.delta', { delta: 'a', summary_index: 0 }),
        at(0, 'reasoning_summary_text.delta', { delta: 'b', summary_index: 0 }),
        at(0, 'reasoning_summary_text.delta', { delta: 'c', summary_index: 1 }),
        done(0, reasoning({ encrypted_content: 'gAAA' })),
      ]),
    ).toEqual([
      { kind: 'reasoning', text: 'a' },
      { kind: 'reasoning', text: 'b' },
      { kind: 'reasoning', text: '\n\n' },
      { kind: 'reasoning', text: 'c' },
      { kind: 'reasoning-proof', proof },
    ])
  })

  test.each<[string, JsonObject[], ChatEvent[]]>([
    [
      'in full',
      [at(0, 'reasoning_text.delta', { delta: 'a', content_index: 0 }), done(0, reasoning({}))],
      [{ kind: 'reasoning', text: 'a' }],
    ],
    [
      'in one piece',
      [done(0, reasoning({ summary: [{ text: 'a' }, { text: 'b' }] }))],
      [{ kind: 'reasoning', text: 'a\n\nb' }],
    ],
    [
      'with nothing but a proof',
      [added(0, reasoning({})), done(0, reasoning({ encrypted_content: 'gAAA' }))],
      [{ kind: 'reasoning-proof', proof }],
    ],
  ])('%s', (_, events, expected) => {
    expect(contentOf(events)).toEqual(expected)
  })
})

describe('messages', () => {
  const message = (phase: string | null): JsonObject => ({ type: 'message', phase, content: [] })
  const events = [
    added(0, message('commentary')),
    at(0, 'output_text.delta', { delta: 'I will ' }),
    at(0, 'output_text.delta', { delta: 'check.' }),
    done(0, {
      ...message('commentary'),
      content: [{ type: 'output_text', text: 'I will check.' }],
    }),
    added(1, message('final_answer')),
    at(1, 'output_text.delta', { delta: '{"a"' }),
    at(1, 'output_text.delta', { delta: ':1}' }),
    done(1, { ...message('final_answer'), content: [{ type: 'output_text', text: '{"a":1}' }] }),
  ]

  test('that follow each other are paragraphs', () => {
    expect(contentOf(events)).toEqual([
      { kind: 'text', text: 'I will ' },
      { kind: 'text', text: 'check.' },
      { kind: 'text', text: '\n\n' },
      { kind: 'text', text: '{"a"' },
      { kind: 'text', text: ':1}' },
    ])
  })

  test('of commentary are reasoning where a form of the answer was asked for', () => {
    const format = source({ outputFormat: { kind: 'json' } })
    expect(eventsOf([CREATED, ...events, COMPLETED], format).slice(1, -2)).toEqual([
      { kind: 'reasoning', text: 'I will ' },
      { kind: 'reasoning', text: 'check.' },
      { kind: 'text', text: '{"a"' },
      { kind: 'text', text: ':1}' },
    ])
  })
})

test('a message in one piece', () => {
  const message = {
    type: 'message',
    content: [
      { type: 'output_text', text: 'a' },
      { type: 'refusal', refusal: 'no' },
    ],
  }
  expect(contentOf([done(0, message)])).toEqual([
    { kind: 'text', text: 'a' },
    { kind: 'refusal', text: 'no' },
  ])
})

describe('a failure', () => {
  const failing = (...events: readonly JsonObject[]): ChatEvent | undefined =>
    eventsOf([CREATED, ...events, COMPLETED]).at(-1)

  test.each<[JsonObject, object]>([
    [
      { type: 'error', code: 'server_error', message: 'broke', param: null },
      { message: 'broke', code: 'server_error' },
    ],
    [
      {
        type: 'error',
        error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'm' },
      },
      { message: 'm', type: 'insufficient_quota', code: 'insufficient_quota', status: 429 },
    ],
    [
      {
        type: 'response.failed',
        response: { error: { code: 'rate_limit_exceeded', message: 'm' } },
      },
      { message: 'm', code: 'rate_limit_exceeded', status: 429 },
    ],
    [{ type: 'response.cancelled', response: {} }, { message: 'The response failed.' }],
    [{ type: 'error' }, { message: 'The response failed.' }],
    // xAI's.
    [
      { code: 'server_error', error: 'The service broke.' },
      { message: 'The service broke.', code: 'server_error' },
    ],
  ])('%j is the last that is said', (event, error) => {
    expect(failing(event)).toEqual({ kind: 'error', error })
  })

  test('tells what it cost', () => {
    const response = { error: null, usage: { input_tokens: 3, output_tokens: 0 } }
    expect(eventsOf([CREATED, { type: 'response.failed', response }]).at(-2)).toEqual({
      kind: 'usage',
      usage: { inputTokens: 3, outputTokens: 0 },
    })
  })
})

describe('what else comes', () => {
  const decoderOf = (told: ChatEvent[]) =>
    openAiResponsesUpstream.streamDecoder(source(), (event) => void told.push(event))

  test('#12 a stream that closes without a last word has no end', () => {
    const events = eventsOf([CREATED, at(0, 'output_text.delta', { delta: 'a' })])
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'text'])
  })

  test('a stream may begin with anything, and end in the word of another host', () => {
    const events = eventsOf([
      at(0, 'output_text.delta', { delta: 'a' }),
      { type: 'response.done', response: { status: 'completed' } },
    ])
    expect(events.map(({ kind }) => kind)).toEqual(['start', 'text', 'finish', 'end'])
  })

  test('a sign of life is a ping', () => {
    expect(eventsOf([{ type: 'keepalive' }])).toEqual([{ kind: 'ping' }])
  })

  test('events without a name, and what is none', () => {
    const told: ChatEvent[] = []
    const decoder = decoderOf(told)
    decoder.next({ name: '', data: JSON.stringify(CREATED) })
    decoder.next({ name: '', data: '[DONE]' })
    decoder.next({ name: '', data: '' })
    decoder.next({ name: '', data: '{"type":"response.new_thing"}' })
    expect(told).toEqual([{ kind: 'start', id: 'resp_1', model: 'said' }])
  })

  test.each(['{"type":', '7', '[]'])('%s makes no sense', (data) => {
    const next = (): void => decoderOf([]).next({ name: 'response.created', data })
    expect(next).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })

  const ENDINGS =
    'output_item.added output_item.done output_text.delta completed failed ' +
    'function_call_arguments.delta reasoning_summary_text.delta'

  test('nothing throws but an error of ours', () => {
    const type = fc.constantFrom(...ENDINGS.split(' '))
    const event = fc
      .tuple(type, fc.dictionary(fc.constantFrom('item', 'delta', 'response'), fc.jsonValue()))
      .map(([name, members]) => ({ type: `response.${name}`, ...members }))
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const error = thrownBy(() => eventsOf(events))
        if (error !== undefined) expect(error).toBeInstanceOf(GatewayError)
      }),
    )
  })
})

test('a whole response means what its stream means', () => {
  const items = [
    {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'gAAA',
    },
    { type: 'message', content: [{ type: 'output_text', text: 'a' }] },
    call('f', { arguments: '{"a":1}' }),
    { type: 'custom_tool_call', call_id: 'c_p', name: 'patch', input: 'x\n' },
  ]
  const response = {
    id: 'resp_1',
    model: 'said',
    status: 'completed',
    output: items,
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  const streamed = eventsOf(
    [
      CREATED,
      ...items.map((item, index) => done(index, item)),
      { type: 'response.completed', response },
    ],
    TOOLS,
  )
  expect(assembled(streamed)).toEqual(openAiResponsesUpstream.decodeAnswer(response, TOOLS))
})
