import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiResponsesClient } from '../../../../src/formats/openai-responses/client.ts'
import { openAiResponsesStream } from '../../../../src/formats/openai-responses/stream.ts'
import { rejectionOf } from '../../../thrown-by.ts'
import { CONTEXT, eventsOf, readBySdk, streamOf } from './answer.ts'

const START: ChatEvent = { kind: 'start', id: 'chatcmpl-1', model: 'said-model' }
const text = (value: string): ChatEvent => ({ kind: 'text', text: value })
const begin = (call: number, name = 'f'): ChatEvent => ({
  kind: 'tool-call',
  call,
  id: `c${call}`,
  name,
})
const args = (call: number, value: string): ChatEvent => ({
  kind: 'tool-arguments',
  call,
  text: value,
})
const end = (call: number): ChatEvent => ({ kind: 'tool-call-end', call })
const finish = (reason: 'stop' | 'length' | 'tool-calls'): ChatEvent => ({
  kind: 'finish',
  finish: { reason },
})
const END: ChatEvent = { kind: 'end' }

const typesOf = (events: readonly JsonObject[]): string[] =>
  events.map(({ type }) => String(type).replace('response.', ''))

describe('events come as soon as there is something to say', () => {
  const steps = (table: readonly [ChatEvent, string[]][]): void => {
    const encoder = openAiResponsesClient.streamEncoder(CONTEXT)
    for (const [event, types] of table)
      expect(typesOf(eventsOf(encoder.next(event)))).toEqual(types)
  }

  test('text, refusal and the end', () => {
    steps([
      [START, ['created', 'in_progress']],
      [text(''), []],
      [text('a'), ['output_item.added', 'content_part.added', 'output_text.delta']],
      [text('b'), ['output_text.delta']],
      [
        { kind: 'refusal', text: 'no' },
        ['output_text.done', 'content_part.done', 'content_part.added', 'refusal.delta'],
      ],
      [{ kind: 'usage', usage: { inputTokens: 1, outputTokens: 2 } }, []],
      [finish('stop'), ['refusal.done', 'content_part.done', 'output_item.done']],
      [END, ['completed']],
    ])
  })

  test('#13 reasoning and what proves it', () => {
    const proof = { family: 'claude', kind: 'signature', value: 's' } as const
    steps([
      [START, ['created', 'in_progress']],
      [
        { kind: 'reasoning', text: 'a' },
        ['output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta'],
      ],
      [{ kind: 'reasoning', text: 'b' }, ['reasoning_summary_text.delta']],
      [
        { kind: 'reasoning-proof', proof },
        ['reasoning_summary_text.done', 'reasoning_summary_part.done', 'output_item.done'],
      ],
      [{ kind: 'reasoning-proof', proof }, ['output_item.added', 'output_item.done']],
      [text('c'), ['output_item.added', 'content_part.added', 'output_text.delta']],
    ])
  })

  test('calls, side by side', () => {
    steps([
      [START, ['created', 'in_progress']],
      [text('a'), ['output_item.added', 'content_part.added', 'output_text.delta']],
      [
        begin(0),
        ['output_text.done', 'content_part.done', 'output_item.done', 'output_item.added'],
      ],
      [begin(1, 'patch'), ['output_item.added']],
      [args(0, '{"a'), ['function_call_arguments.delta']],
      [args(1, '{"inp'), []],
      [args(1, 'ut":"x'), ['custom_tool_call_input.delta']],
      [args(0, '":1}'), ['function_call_arguments.delta']],
      [end(1), []],
      [end(0), []],
      [
        finish('tool-calls'),
        [
          'function_call_arguments.done',
          'output_item.done',
          'custom_tool_call_input.done',
          'output_item.done',
        ],
      ],
      [END, ['completed']],
    ])
  })

  test('a call that has ended is told when something follows it', () => {
    steps([
      [START, ['created', 'in_progress']],
      [begin(0), ['output_item.added']],
      [end(0), []],
      [
        begin(1),
        [
          'function_call_arguments.delta',
          'function_call_arguments.done',
          'output_item.done',
          'output_item.added',
        ],
      ],
    ])
  })
})

test('places, ids and numbers', () => {
  const events = eventsOf(
    streamOf([
      START,
      { kind: 'reasoning', text: 'a' },
      text('b'),
      begin(0),
      begin(1, 'patch'),
      args(1, '{"input":"p"}'),
      args(0, '{}'),
      end(0),
      end(1),
      finish('tool-calls'),
      END,
    ]),
  )
  expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at))
  const places = events.flatMap(({ type, item_id, output_index, item }) =>
    output_index === undefined
      ? []
      : [[output_index, item_id ?? (item as JsonObject)['id'], String(type).split('.')[1]]],
  )
  const at = (index: number) => places.filter(([place]) => place === index).map(([, id]) => id)
  expect(new Set(at(0))).toEqual(new Set(['rs_1_0']))
  expect(new Set(at(1))).toEqual(new Set(['msg_1_1']))
  expect(new Set(at(2))).toEqual(new Set(['fc_1_2']))
  expect(new Set(at(3))).toEqual(new Set(['ctc_1_3']))
})

test('the fields of each event', () => {
  const stream = eventsOf(
    streamOf([START, text('a"\n'), begin(0), args(0, '{}'), end(0), finish('tool-calls'), END]),
  )
  const part = { type: 'output_text', text: 'a"\n', annotations: [], logprobs: [] }
  const message = { id: 'msg_1_0', type: 'message', role: 'assistant' }
  const call = { id: 'fc_1_1', type: 'function_call', call_id: 'c0', name: 'f' }
  const inMessage = { item_id: 'msg_1_0', output_index: 0, content_index: 0 }
  const inCall = { item_id: 'fc_1_1', output_index: 1 }
  const fieldsOf = (event: JsonObject): unknown => {
    const fields = Object.entries(event)
    return Object.fromEntries(
      fields.filter(([name]) => name !== 'type' && name !== 'sequence_number'),
    )
  }
  expect(stream.slice(2, -1).map(fieldsOf)).toEqual([
    { output_index: 0, item: { ...message, status: 'in_progress', content: [] } },
    { ...inMessage, part: { ...part, text: '' } },
    { ...inMessage, delta: 'a"\n', logprobs: [] },
    { ...inMessage, text: 'a"\n', logprobs: [] },
    { ...inMessage, part },
    { output_index: 0, item: { ...message, status: 'completed', content: [part] } },
    { output_index: 1, item: { ...call, status: 'in_progress', arguments: '' } },
    { ...inCall, delta: '{}' },
    { ...inCall, arguments: '{}' },
    { output_index: 1, item: { ...call, status: 'completed', arguments: '{}' } },
  ])
  expect(stream[0]).toMatchObject({
    response: { id: 'resp_1', status: 'in_progress', model: 'said-model', output: [], usage: null },
  })
})

describe('#2 #3 arguments that are empty or cut off', () => {
  const lastItem = (events: readonly ChatEvent[]): unknown => {
    const last = eventsOf(streamOf([START, ...events, END])).at(-1) ?? {}
    return ((last['response'] as JsonObject)['output'] as readonly unknown[]).at(-1)
  }
  test.each<[string, ChatEvent[], object]>([
    ['none', [begin(0), end(0), finish('tool-calls')], { arguments: '{}', status: 'completed' }],
    [
      'none, cut off',
      [begin(0), end(0), finish('length')],
      { arguments: '', status: 'incomplete' },
    ],
    [
      'some, cut off',
      [begin(0), args(0, '{"a'), end(0), finish('length')],
      { arguments: '{"a', status: 'incomplete' },
    ],
    [
      'a text, cut off',
      [begin(0, 'patch'), args(0, '{"input":"a\\'), end(0), finish('length')],
      { input: 'a', status: 'incomplete' },
    ],
  ])('%s', (_, events, item) => {
    expect(lastItem(events)).toMatchObject(item)
  })
})

test('a stream that is cut off is incomplete, and says so last', () => {
  const events = eventsOf(streamOf([START, text('a'), finish('length'), END]))
  expect(events.at(-1)).toMatchObject({
    type: 'response.incomplete',
    response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
  })
})

test('the latest usage is told at the end', () => {
  const events = eventsOf(
    streamOf([
      { kind: 'start', usage: { inputTokens: 5 } },
      { kind: 'usage', usage: { inputTokens: 7, outputTokens: 1 } },
      finish('stop'),
      { kind: 'usage', usage: { inputTokens: 7, outputTokens: 3 } },
      END,
    ]),
  )
  expect(events.at(-1)).toMatchObject({
    response: { usage: { output_tokens: 3, total_tokens: 10 } },
  })
})

test('#8 a ping is a comment', () => {
  expect(streamOf([{ kind: 'ping' }])).toBe(': ping\n\n')
})

test('there is no end before the end, and no [DONE] behind it', () => {
  const events = [START, text('a'), finish('stop')]
  expect(streamOf(events)).not.toMatch(/response\.(?:completed|incomplete|failed)/)
  expect(streamOf([...events, END])).not.toContain('[DONE]')
})

describe('a failure', () => {
  const fail = (error: GatewayError, events: readonly ChatEvent[] = [START, text('a')]): string => {
    const encoder = openAiResponsesClient.streamEncoder(CONTEXT)
    return events.map((event) => encoder.next(event)).join('') + encoder.fail(error)
  }
  const error = new GatewayError('upstream_error', 'It "broke".', { param: 'p' })

  test('is an error event and a response that failed, the last ones', () => {
    const events = eventsOf(fail(error))
    expect(events.slice(-2)).toMatchObject([
      { type: 'error', code: 'upstream_error', message: 'It "broke".', param: 'p' },
      {
        type: 'response.failed',
        response: {
          id: 'resp_1',
          status: 'failed',
          error: { code: 'server_error', message: 'It "broke".' },
          incomplete_details: null,
        },
      },
    ])
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at))
    for (const { type } of events.slice(-2)) {
      expect(openAiResponsesStream.isLast({ name: String(type), data: '' })).toBe(true)
    }
  })

  test.each<[GatewayError, string]>([
    [new GatewayError('rate_limited', 'slow'), 'rate_limit_exceeded'],
    [new GatewayError('upstream_overloaded', 'busy'), 'server_error'],
    [
      new GatewayError('invalid_request', 'long', {
        upstream: { code: 'context_length_exceeded' },
      }),
      'context_length_exceeded',
    ],
  ])('%s is %s to those who look for a code', (failure, code) => {
    expect(eventsOf(fail(failure)).at(-1)).toMatchObject({ response: { error: { code } } })
  })

  test.each([
    ['before anything', []],
    ['within a text', [START, text('a')]],
    ['within calls', [START, begin(0), args(0, '{'), begin(1)]],
    ['before the end', [START, text('a'), finish('stop')]],
  ])('%s is thrown by the library', async (_, events) => {
    const thrown = await rejectionOf(() => readBySdk(fail(error, events)))
    expect(thrown).toMatchObject({ code: 'upstream_error' })
    expect(String(thrown)).toContain('It "broke".')
  })
})
