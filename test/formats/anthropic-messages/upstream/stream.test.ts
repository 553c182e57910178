import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { SseEvent } from '../../../../src/core/wire-format.ts'
import { anthropicMessagesUpstream } from '../../../../src/formats/anthropic-messages/upstream.ts'
import { claudeProfile } from '../../../../src/providers/models/claude.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { chat, CURRENT, stream } from './claude.ts'

const begin = (usage?: object) => ({
  type: 'message_start',
  message: { id: 'msg_1', model: 'claude-x', usage },
})
const open = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
})
const delta = (index: number, said: object) => ({ type: 'content_block_delta', index, delta: said })
const words = (index: number, text: string) => delta(index, { type: 'text_delta', text })
const json = (index: number, partial_json: string) =>
  delta(index, { type: 'input_json_delta', partial_json })
const close = (index: number) => ({ type: 'content_block_stop', index })
const update = (stop_reason: string | null, usage?: object, more: object = {}) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null, ...more },
  ...(usage && { usage }),
})
const stop = { type: 'message_stop' }
const tool = (id: string, name = 'look', input: object = {}) => ({
  type: 'tool_use',
  id,
  name,
  input,
})

/** The events between the start and the finish. */
const between = (...events: object[]) => {
  const emitted = stream([begin(), ...events, update('end_turn'), stop])
  expect(emitted[0]).toEqual({ kind: 'start', id: 'msg_1', model: 'claude-x' })
  expect(emitted.at(-1)).toEqual({ kind: 'end' })
  expect(emitted.at(-2)?.kind).toBe('finish')
  return emitted.slice(1, -2)
}

describe('content', () => {
  test('of text, in pieces and from the beginning of its block', () => {
    expect(
      between(open(0, { type: 'text', text: 'a' }), words(0, ''), words(0, 'b'), close(0)),
    ).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'text', text: 'b' },
    ])
  })

  test('is read whether events are named or not', () => {
    const events = [
      begin(),
      open(0, { type: 'text', text: '' }),
      words(0, 'a'),
      close(0),
      update('end_turn'),
      stop,
    ]
    expect(stream(events, { areNamed: false })).toEqual(stream(events))
    expect(stream(events)).toHaveLength(4)
  })

  test('of reasoning, with what proves it', () => {
    const proof = { family: 'claude', kind: 'signature', value: 's1' }
    expect(
      between(
        open(0, { type: 'thinking', thinking: '', signature: '' }),
        delta(0, { type: 'thinking_delta', thinking: 'a' }),
        delta(0, { type: 'signature_delta', signature: 's1' }),
        close(0),
        open(1, { type: 'redacted_thinking', data: 'd' }),
        close(1),
      ),
    ).toEqual([
      { kind: 'reasoning', text: 'a' },
      { kind: 'reasoning-proof', proof },
      { kind: 'reasoning-proof', proof: { ...proof, kind: 'encrypted', value: 'd' } },
    ])
  })

  test('#13 of a proof without a word is kept', () => {
    expect(
      between(
        open(0, { type: 'thinking', thinking: '' }),
        delta(0, { type: 'signature_delta', signature: 's' }),
        close(0),
      ),
    ).toEqual([
      { kind: 'reasoning-proof', proof: { family: 'claude', kind: 'signature', value: 's' } },
    ])
    expect(between(open(0, { type: 'thinking', thinking: '', signature: '' }), close(0))).toEqual(
      [],
    )
  })

  test('of the provider’s own tools, citations and what is new is passed over', () => {
    expect(
      between(
        open(0, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }),
        json(0, '{"query":"a"}'),
        close(0),
        open(1, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }),
        close(1),
        open(2, { type: 'mcp_tool_use', id: 'm', name: 'look', input: {} }),
        json(2, '{}'),
        close(2),
        open(3, { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } }),
        close(3),
        open(4, { type: 'text', text: '' }),
        delta(4, { type: 'citations_delta', citation: {} }),
        words(4, 'b'),
        delta(4, { type: 'made_up_delta', text: 'x' }),
        close(4),
        { type: 'made_up_event' },
      ),
    ).toEqual([{ kind: 'text', text: 'b' }])
  })
})

describe('tool calls', () => {
  test('are numbered as calls, not as blocks', () => {
    expect(
      between(
        open(0, { type: 'text', text: 'a' }),
        close(0),
        open(1, tool('x')),
        json(1, '{"a":'),
        json(1, '1}'),
        close(1),
        open(2, tool('y', 'find')),
        json(2, '{}'),
        close(2),
      ).slice(1),
    ).toEqual([
      { kind: 'tool-call', call: 0, id: 'x', name: 'look' },
      { kind: 'tool-arguments', call: 0, text: '{"a":' },
      { kind: 'tool-arguments', call: 0, text: '1}' },
      { kind: 'tool-call-end', call: 0 },
      { kind: 'tool-call', call: 1, id: 'y', name: 'find' },
      { kind: 'tool-arguments', call: 1, text: '{}' },
      { kind: 'tool-call-end', call: 1 },
    ])
  })

  test('whose blocks overlap keep their arguments apart', () => {
    const events = between(
      open(0, tool('x')),
      open(1, tool('y')),
      json(1, '{"y":1}'),
      json(0, '{"x":1}'),
      close(0),
      close(1),
    )
    expect(events.filter(({ kind }) => kind === 'tool-arguments')).toEqual([
      { kind: 'tool-arguments', call: 1, text: '{"y":1}' },
      { kind: 'tool-arguments', call: 0, text: '{"x":1}' },
    ])
  })

  test.each([
    ['#2 nothing', [json(0, '')], {}, ['{}']],
    ['no piece', [], {}, ['{}']],
    ['the beginning of its block', [], { a: 1 }, ['{"a":1}']],
    ['pieces that take its place', [json(0, '{"b":2}')], { a: 1 }, ['{"b":2}']],
  ])('whose arguments are %s', (_, pieces, input, expected) => {
    const events = between(open(0, tool('x', 'look', input)), ...pieces, close(0))
    expect(events).toEqual([
      { kind: 'tool-call', call: 0, id: 'x', name: 'look' },
      ...expected.map((text) => ({ kind: 'tool-arguments', call: 0, text })),
      { kind: 'tool-call-end', call: 0 },
    ])
  })

  test.each([
    ['{"a":"b', ['{"a":"b']],
    ['{}', ['{}']],
    ['', []],
  ])('#3 that are cut off after %j keep what there is', (piece, expected) => {
    const events = stream([
      begin(),
      open(0, tool('x')),
      json(0, piece),
      close(0),
      update('max_tokens'),
      stop,
    ])
    expect(events.slice(1)).toEqual([
      { kind: 'tool-call', call: 0, id: 'x', name: 'look' },
      ...expected.map((text) => ({ kind: 'tool-arguments', call: 0, text })),
      { kind: 'tool-call-end', call: 0 },
      { kind: 'finish', finish: { reason: 'length' } },
      { kind: 'end' },
    ])
  })

  test('without arguments are ended before anything else comes', () => {
    expect(
      between(
        open(0, tool('x')),
        close(0),
        open(1, tool('y')),
        close(1),
        open(2, { type: 'text', text: 'a' }),
        close(2),
      ),
    ).toEqual([
      { kind: 'tool-call', call: 0, id: 'x', name: 'look' },
      { kind: 'tool-arguments', call: 0, text: '{}' },
      { kind: 'tool-call-end', call: 0 },
      { kind: 'tool-call', call: 1, id: 'y', name: 'look' },
      { kind: 'tool-arguments', call: 1, text: '{}' },
      { kind: 'tool-call-end', call: 1 },
      { kind: 'text', text: 'a' },
    ])
  })

  test('whose blocks nobody closed are ended', () => {
    expect(between(open(0, tool('x')), open(1, tool('y')), json(1, '{')).slice(2)).toEqual([
      { kind: 'tool-arguments', call: 1, text: '{' },
      { kind: 'tool-arguments', call: 0, text: '{}' },
      { kind: 'tool-call-end', call: 0 },
      { kind: 'tool-call-end', call: 1 },
    ])
  })

  test('have the caller’s names', () => {
    const request = { tools: [{ name: 'weather.get' }] }
    const profile = claudeProfile(CURRENT, 'anthropic')
    const compat = { changed: () => expect.fail(), refused: () => expect.fail() }
    const body = anthropicMessagesUpstream.encodeRequest(chat(request), {
      model: CURRENT,
      profile,
      compat,
    })
    const [{ name }] = body['tools'] as [{ name: string }]
    const events = stream([begin(), open(0, tool('x', name)), close(0), update('tool_use'), stop], {
      request,
    })
    expect(events[1]).toMatchObject({ kind: 'tool-call', name: 'weather.get' })
  })
})

describe('usage', () => {
  const usages = (...events: object[]) =>
    stream(events).flatMap((event) =>
      (event.kind === 'start' || event.kind === 'usage') && event.usage ? [event.usage] : [],
    )

  test('#38 counts into the input what a cache had to do with', () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 200,
      cache_creation_input_tokens: 3000,
      cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 2000 },
      output_tokens: 1,
      output_tokens_details: { thinking_tokens: 0 },
    }
    expect(usages(begin(usage))).toEqual([
      {
        inputTokens: 3210,
        cachedInputTokens: 200,
        cacheWriteTokens: 3000,
        cacheWriteHourTokens: 2000,
        outputTokens: 1,
        reasoningTokens: 0,
      },
    ])
  })

  test('#10 is told again as it grows, and never doubled', () => {
    expect(
      usages(
        begin({ input_tokens: 43, output_tokens: 1 }),
        update(null, { output_tokens: 5 }),
        update('end_turn', { input_tokens: 61, output_tokens: 20, cache_read_input_tokens: null }),
        update(null, { cache_read_input_tokens: 100 }),
      ),
    ).toEqual([
      { inputTokens: 43, outputTokens: 1 },
      { inputTokens: 43, outputTokens: 5 },
      { inputTokens: 61, outputTokens: 20 },
      { inputTokens: 161, cachedInputTokens: 100, outputTokens: 20 },
    ])
  })

  test('#11 of a model that declined is replaced by that of the one that took over', () => {
    const events = stream([
      begin({ input_tokens: 17, cache_read_input_tokens: 5, output_tokens: 9 }),
      begin({ input_tokens: 30, output_tokens: 1 }),
      update('end_turn', { output_tokens: 7 }),
      stop,
    ])
    expect(events.filter(({ kind }) => kind === 'start')).toHaveLength(1)
    expect(events.filter(({ kind }) => kind === 'usage')).toEqual([
      { kind: 'usage', usage: { inputTokens: 30, outputTokens: 1 } },
      { kind: 'usage', usage: { inputTokens: 30, outputTokens: 7 } },
    ])
  })

  test('that nobody told is not made up', () => {
    expect(usages(begin(), update('end_turn'), stop)).toEqual([])
    expect(usages(begin({ output_tokens: 1 }))).toEqual([{ outputTokens: 1 }])
    expect(usages(begin({ input_tokens: 'many', output_tokens: -1 }))).toEqual([])
  })
})

describe('#39 the end of an answer', () => {
  const call = [open(0, tool('x')), json(0, '{}'), close(0)]

  test.each([
    ['end_turn', [], { reason: 'stop' }],
    ['stop_sequence', [], { reason: 'stop-sequence', stopSequence: 'END' }],
    ['max_tokens', [], { reason: 'length' }],
    ['model_context_window_exceeded', [], { reason: 'length' }],
    ['tool_use', call, { reason: 'tool-calls' }],
    ['end_turn', call, { reason: 'tool-calls' }],
    ['max_tokens', call, { reason: 'length' }],
    ['tool_use', [], { reason: 'stop' }],
    ['pause_turn', [], { reason: 'pause' }],
    ['compaction', [], { reason: 'pause' }],
    ['refusal', [], { reason: 'content-filter' }],
    ['made_up', [], { reason: 'stop' }],
    ['toString', [], { reason: 'stop' }],
    [null, [], { reason: 'stop' }],
  ] as const)('for %s', (reason, content, finish) => {
    const more = reason === 'stop_sequence' ? { stop_sequence: 'END' } : {}
    expect(stream([begin(), ...content, update(reason, {}, more), stop]).slice(-2)).toEqual([
      { kind: 'finish', finish },
      { kind: 'end' },
    ])
  })

  test('by refusal says why', () => {
    const more = { stop_details: { type: 'refusal', category: 'cyber', explanation: 'Not this.' } }
    expect(stream([begin(), update('refusal', {}, more), stop]).slice(1)).toEqual([
      { kind: 'refusal', text: 'Not this.' },
      { kind: 'finish', finish: { reason: 'content-filter' } },
      { kind: 'end' },
    ])
  })

  test('is not there before the last word, and nothing comes after it', () => {
    expect(stream([begin(), update('end_turn')]).map(({ kind }) => kind)).toEqual(['start'])
    expect(stream([begin(), update('end_turn'), stop, words(0, 'a'), stop, begin()])).toHaveLength(
      3,
    )
  })
})

describe('#6 an error', () => {
  const error = (type: string) => ({ type: 'error', error: { type, message: 'No.' } })

  test.each([
    ['overloaded_error', 529],
    ['rate_limit_error', 429],
    ['api_error', 500],
    ['made_up_error', undefined],
  ])('%s is an error of status %s, and the last word', (type, status) => {
    expect(
      stream([
        begin(),
        open(0, { type: 'text', text: 'a' }),
        error(type),
        update('end_turn'),
        stop,
      ]).slice(2),
    ).toEqual([
      { kind: 'error', error: { message: 'No.', type, ...(status !== undefined && { status }) } },
    ])
  })

  test('can be the first word', () => {
    expect(stream([error('overloaded_error')]).map(({ kind }) => kind)).toEqual(['error'])
  })

  test('of no shape that is known is one all the same', () => {
    expect(stream([{ type: 'error' }])).toMatchObject([{ kind: 'error' }])
  })
})

describe('the stream', () => {
  const decoder = () => {
    const kinds: string[] = []
    const source = {
      model: CURRENT,
      profile: claudeProfile(CURRENT, 'anthropic'),
      request: chat(),
      requestId: 'r',
    }
    const made = anthropicMessagesUpstream.streamDecoder(
      source,
      ({ kind }) => void kinds.push(kind),
    )
    return { kinds, feed: (event: SseEvent) => made.next(event) }
  }

  test('shows that the provider is alive, once it has begun', () => {
    const ping = { type: 'ping' }
    expect(stream([ping, begin(), ping, update('end_turn'), stop]).map(({ kind }) => kind)).toEqual(
      ['start', 'ping', 'finish', 'end'],
    )
  })

  test('begins with a start where the provider forgot it', () => {
    expect(stream([open(0, { type: 'text', text: 'a' })])).toEqual([
      { kind: 'start' },
      { kind: 'text', text: 'a' },
    ])
  })

  test('may say all by the name of an event', () => {
    const { kinds, feed } = decoder()
    feed({ name: 'message_start', data: '{"message":{}}' })
    feed({ name: 'ping', data: '' })
    feed({ name: 'message_stop', data: '{}' })
    feed({ name: '', data: '[DONE]' })
    expect(kinds).toEqual(['start', 'ping', 'finish', 'end'])
  })

  test.each(['{', '"text"', '[]', 'null', '{"type":"ping"'])('%s in it makes no sense', (data) => {
    expect(thrownBy(() => decoder().feed({ name: 'ping', data }))).toBeInstanceOf(GatewayError)
  })

  test.each([
    { type: 'content_block_start', index: 0 },
    { type: 'content_block_start', content_block: { type: 'tool_use' } },
    {
      type: 'content_block_delta',
      index: 7,
      delta: { type: 'input_json_delta', partial_json: '{}' },
    },
    { type: 'content_block_delta', index: 0, delta: null },
    { type: 'content_block_delta' },
    { type: 'content_block_stop' },
    { type: 'message_delta' },
    { type: 7 },
    {},
  ])('takes %j without harm', (event) => {
    expect(between(event)).toEqual([])
  })
})
