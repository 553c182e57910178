import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { Usage } from '../../../../src/core/chat.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import { estimateInputTokens } from '../../../../src/core/estimate-tokens.ts'
import { streamEncoder } from '../../../../src/formats/anthropic-messages/client/encode-stream.ts'
import { rejectionOf } from '../../../thrown-by.ts'
import { CONTEXT } from './answer.ts'
import { args, begin, end, proof, START, STOP, text, thought } from './events.ts'
import { decode } from './request.ts'
import { eventsOf, readBySdk, streamOf } from './stream.ts'

test('a stream, event by event, as soon as there is something to say', () => {
  const encoder = streamEncoder(CONTEXT)
  const usage: Usage = { inputTokens: 100, cachedInputTokens: 60, outputTokens: 7 }
  const steps: [ChatEvent, string[]][] = [
    [START, ['message_start']],
    [{ kind: 'ping' }, ['ping']],
    [text('a'), ['content_block_start', 'content_block_delta']],
    [text('b'), ['content_block_delta']],
    [begin(0), ['content_block_stop', 'content_block_start']],
    [args(0, '{'), ['content_block_delta']],
    [args(0, '}'), ['content_block_delta']],
    [end(0), ['content_block_stop']],
    [{ kind: 'finish', finish: { reason: 'tool-calls' } }, []],
    [{ kind: 'usage', usage }, []],
    [{ kind: 'end' }, ['message_delta', 'message_stop']],
  ]
  for (const [event, types] of steps) {
    expect(eventsOf(encoder.next(event)).map(({ type }) => type)).toEqual(types)
  }
})

describe('the first and the last events', () => {
  const startUsage = {
    input_tokens: 10,
    output_tokens: 0,
    cache_creation_input_tokens: 5,
    cache_read_input_tokens: 85,
    cache_creation: null,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: null,
    inference_geo: null,
    speed: null,
  }
  const known: Usage = { inputTokens: 100, cachedInputTokens: 85, cacheWriteTokens: 5 }

  test('#10 a message begins with the usage that is known then, and ends with all of it', () => {
    const events = eventsOf(
      streamOf([
        { ...START, usage: known },
        { kind: 'finish', finish: { reason: 'stop-sequence', stopSequence: 'E' } },
        {
          kind: 'usage',
          usage: { ...known, inputTokens: 110, outputTokens: 9, reasoningTokens: 4 },
        },
        { kind: 'end' },
      ]),
    )
    expect(events).toEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'said-model',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          stop_details: null,
          container: null,
          diagnostics: null,
          usage: startUsage,
        },
      },
      {
        type: 'message_delta',
        delta: {
          stop_reason: 'stop_sequence',
          stop_sequence: 'E',
          stop_details: null,
          container: null,
        },
        usage: {
          input_tokens: 20,
          cache_creation_input_tokens: 5,
          cache_read_input_tokens: 85,
          output_tokens: 9,
          output_tokens_details: { thinking_tokens: 4 },
          server_tool_use: null,
        },
      },
      { type: 'message_stop' },
    ])
  })

  test('#10 without a count the message begins with an estimate, and ends with no false one', () => {
    const [start, last] = eventsOf(streamOf([{ kind: 'start' }, ...STOP]))
    const estimate = estimateInputTokens(CONTEXT.request)
    expect(estimate).toBeGreaterThan(0)
    expect(start).toMatchObject({
      message: { id: 'msg_1', model: 'asked-model', usage: { input_tokens: estimate } },
    })
    expect(last).toMatchObject({ usage: { input_tokens: null, output_tokens: 0 } })
  })

  test('#10 usage of the start stands where none follows', () => {
    expect(eventsOf(streamOf([{ ...START, usage: known }, ...STOP]))[1]).toMatchObject({
      usage: { input_tokens: 10, cache_read_input_tokens: 85 },
    })
  })

  test('#39 a refusal ends the same as in a whole answer', () => {
    const declined = eventsOf(streamOf([START, { kind: 'refusal', text: 'No.' }, ...STOP]))
    expect(declined.at(-2)).toMatchObject({
      delta: { stop_reason: 'refusal', stop_details: { type: 'refusal' } },
    })
    const finish: ChatEvent = { kind: 'finish', finish: { reason: 'content-filter' } }
    const filtered = eventsOf(streamOf([START, finish, { kind: 'end' }]))
    expect(filtered.at(-2)).toMatchObject({ delta: { stop_reason: 'refusal' } })
  })

  test('the last word is said at the end, and only where the answer has one', () => {
    const types = (events: ChatEvent[]) => eventsOf(streamOf(events)).map(({ type }) => type)
    expect(types([START, text('a'), ...STOP.slice(0, 1)])).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
    ])
    expect(types([START, { kind: 'end' }])).toEqual(['message_start'])
    expect(types([START, { kind: 'error', error: { message: 'x' } }])).toEqual(['message_start'])
  })
})

test('#8 a ping is one, at any time', () => {
  const events: ChatEvent[] = [
    { kind: 'ping' },
    START,
    { kind: 'ping' },
    text('a'),
    { kind: 'ping' },
  ]
  const pings = streamOf(events).match(/event: ping\ndata: \{"type":"ping"\}\n\n/g)
  expect(pings).toHaveLength(3)
})

describe('a failure after the first byte', () => {
  const failed = (error: GatewayError) => {
    const encoder = streamEncoder(CONTEXT)
    const begun = encoder.next(START) + encoder.next(text('a')) + encoder.next(begin(0))
    return begun + encoder.fail(error)
  }

  test('#6 is an error event, and nothing that means a good end', () => {
    const events = eventsOf(failed(new GatewayError('upstream_overloaded', 'Busy.')))
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'overloaded_error', message: 'Busy.' },
      request_id: 'req_1',
    })
    expect(events.map(({ type }) => type)).not.toContain('message_delta')
    expect(events.map(({ type }) => type)).not.toContain('message_stop')
  })

  test('#6 the library throws it', async () => {
    const error = await rejectionOf(() =>
      readBySdk(failed(new GatewayError('upstream_error', 'Broken.'))),
    )
    expect(String(error)).toContain('Broken.')
  })
})

test('#8 the library reads a stream that is cut at every byte', async () => {
  const events: ChatEvent[] = [
    { ...START, usage: { inputTokens: 9 } },
    { kind: 'ping' },
    thought('é'),
    proof('signature'),
    text('a\n\n'),
    text('😀'),
    begin(0),
    args(0, '{"a":"ü'),
    args(0, '"}'),
    end(0),
    { kind: 'usage', usage: { inputTokens: 12, outputTokens: 3 } },
    { kind: 'finish', finish: { reason: 'tool-calls' } },
    { kind: 'end' },
  ]
  const message = await readBySdk(streamOf(events), 1)
  expect(message).toMatchObject({
    content: [
      { type: 'thinking', thinking: 'é', signature: 'v' },
      { type: 'text', text: 'a\n\n😀' },
      { type: 'tool_use', id: 'c0', input: { a: 'ü' } },
    ],
    stop_reason: 'tool_use',
    usage: { input_tokens: 12, output_tokens: 3 },
  })
})

test('an estimate counts what was asked', () => {
  const context = { ...CONTEXT, request: decode({ system: 'x'.repeat(4000) }) }
  const [start = {}] = eventsOf(streamOf([START], context))
  const { usage } = start['message'] as { usage: { input_tokens: number } }
  expect(usage.input_tokens).toBeGreaterThan(1000)
  expect(usage.input_tokens).toBeLessThan(1100)
})
