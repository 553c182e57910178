import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import { plainName } from '../../../../src/core/plain-name.ts'
import { openAiChatUpstream } from '../../../../src/formats/openai-chat/upstream.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { azureChatProfile, openAiChatProfile } from '../../../../src/providers/models/openai.ts'
import { privateChatProfile } from '../../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { assembled, call, chunk, events, plain, requestOf } from './support.ts'

const mistral = mistralChatProfile('mistral-large-4-0')
const own = privateChatProfile({})
const stop = chunk({}, 'stop')
const toolCalls = chunk({}, 'tool_calls')
const called = (
  index: number | undefined,
  id: string | undefined,
  name: string | undefined,
  text?: string,
) =>
  call(index, {
    ...(id === undefined ? {} : { id }),
    type: 'function',
    function: {
      ...(name === undefined ? {} : { name }),
      ...(text === undefined ? {} : { arguments: text }),
    },
  })
const next = (index: number | undefined, text: string) =>
  call(index, { function: { arguments: text } })

/** The calls of a stream, as `name(id) arguments`; it must be in order, which this checks. */
function callsIn(chunks: readonly unknown[], profile = plain): string[] {
  const seen = events(chunks, { profile })
  const lines: string[] = []
  let open: number | undefined
  for (const event of seen) {
    if (event.kind === 'tool-call') {
      expect(open).toBeUndefined()
      expect(event.call).toBe(lines.length)
      open = event.call
      lines.push(`${event.name}(${event.id}) `)
    } else if (event.kind === 'tool-arguments') {
      expect(event.call).toBe(open)
      lines[event.call] += event.text
    } else if (event.kind === 'tool-call-end') {
      expect(event.call).toBe(open)
      open = undefined
    } else if (event.kind === 'text' || event.kind === 'finish') expect(open).toBeUndefined()
  }
  return lines
}

describe('text', () => {
  test('comes as it comes, between one beginning and one end', () => {
    const seen = events([
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      stop,
    ])
    expect(seen).toEqual([
      { kind: 'start', id: 'chatcmpl-1', model: 'model-1' },
      { kind: 'text', text: 'Hel' },
      { kind: 'text', text: 'lo' },
      { kind: 'finish', finish: { reason: 'stop' } },
      { kind: 'end' },
    ])
  })

  test('names neither itself nor its model where the host does not', () => {
    const nameless = {
      id: '',
      model: '',
      choices: [{ index: 0, delta: {}, finish_reason: 'stop' }],
    }
    expect(events([nameless])[0]).toEqual({ kind: 'start' })
  })

  test('#16 of several choices the first is read, in whatever order they come', () => {
    const second = { index: 1, delta: { content: 'other' }, finish_reason: 'length' }
    const first = { index: 0, delta: { content: 'mine' }, finish_reason: 'stop' }
    expect(assembled(events([chunk({}, undefined, { choices: [second, first] })]))).toMatchObject({
      content: [{ kind: 'text', text: 'mine' }],
      finish: { reason: 'stop' },
    })
  })

  test('a refusal is one', () => {
    const part = { type: 'refusal', refusal: 'not.' }
    const seen = events([
      chunk({ refusal: '' }),
      chunk({ refusal: 'I ' }),
      chunk({ refusal: 'will ' }),
      chunk({ content: [part, { type: 'refusal', refusal: '' }] }),
      stop,
    ])
    expect(assembled(seen)?.content).toEqual([{ kind: 'refusal', text: 'I will not.' }])
    expect(seen.filter(({ kind }) => kind === 'refusal')).toHaveLength(3)
  })
})

describe('#9 chunks that say nothing', () => {
  test('Azure’s first one, and its last ones without a delta, are passed over', () => {
    const filter = {
      choices: [],
      created: 0,
      id: '',
      model: '',
      object: '',
      prompt_filter_results: [{}],
    }
    const late = {
      id: '',
      choices: [{ index: 0, finish_reason: null, content_filter_offsets: {} }],
    }
    expect(
      events([filter, chunk({ content: 'a' }), stop, late], { profile: azureChatProfile('x') }),
    ).toEqual([
      { kind: 'start', id: 'chatcmpl-1', model: 'model-1' },
      { kind: 'text', text: 'a' },
      { kind: 'finish', finish: { reason: 'stop' } },
      { kind: 'end' },
    ])
  })

  test('no choices, no delta, no usage, no data', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    expect(
      events([
        '',
        chunk({ content: 'a' }, undefined, { usage: null }),
        { id: 'chatcmpl-1' },
        { id: 'chatcmpl-1', choices: null },
        chunk({}, 'stop', { usage: null }),
        { id: 'chatcmpl-1', choices: [], usage },
      ]),
    ).toEqual([
      { kind: 'start', id: 'chatcmpl-1', model: 'model-1' },
      { kind: 'text', text: 'a' },
      { kind: 'usage', usage: { inputTokens: 3, outputTokens: 2 } },
      { kind: 'finish', finish: { reason: 'stop' } },
      { kind: 'end' },
    ])
  })
})

describe('#13 reasoning', () => {
  test.each(['reasoning', 'reasoning_content'])('%s comes before text', (member) => {
    const seen = events(
      [
        chunk({ [member]: 'h', content: '' }),
        chunk({ [member]: 'm' }),
        chunk({ content: 'a' }),
        stop,
      ],
      { profile: own },
    )
    expect(assembled(seen)?.content).toEqual([
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'a' },
    ])
  })

  test('under one name it is read where the other is empty', () => {
    const seen = events([chunk({ reasoning_content: '', reasoning: 'hm' }), stop], { profile: own })
    expect(assembled(seen)?.content).toEqual([{ kind: 'reasoning', text: 'hm' }])
  })

  test('said under both names it is said once, and before the text of the same chunk', () => {
    const seen = events([chunk({ content: 'a', reasoning: 'hm', reasoning_content: 'hm' }), stop], {
      profile: own,
    })
    expect(seen.slice(1, 3)).toEqual([
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'a' },
    ])
  })

  test('#15 Mistral’s is a part of the content', () => {
    const thinking = {
      type: 'thinking',
      thinking: [{ type: 'text', text: 'hm' }, { type: 'reference' }],
    }
    const seen = events(
      [
        chunk({ content: [thinking] }),
        chunk({
          content: [
            { type: 'reference', reference_ids: [1] },
            { type: 'text', text: 'a' },
          ],
        }),
        chunk({
          content: [
            { type: 'thinking', thinking: [] },
            { type: 'text', text: '' },
          ],
        }),
        chunk({ content: 'b' }, 'stop'),
      ],
      { profile: mistral },
    )
    expect(seen.slice(1, 4)).toEqual([
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'a' },
      { kind: 'text', text: 'b' },
    ])
  })
})

describe('tool calls', () => {
  test('#1 are numbered by themselves, whatever text comes before', () => {
    const chunks = [
      chunk({ content: 'I look.' }),
      chunk(called(0, 'call_a', 'look', '')),
      chunk(next(0, '{"at":')),
      chunk(next(0, '1}')),
      chunk(called(1, 'call_b', 'touch', '')),
      chunk(next(1, '{"at":2}')),
      toolCalls,
    ]
    expect(callsIn(chunks)).toEqual(['look(call_a) {"at":1}', 'touch(call_b) {"at":2}'])
    expect(events(chunks).map(({ kind }) => kind)).toEqual([
      'start',
      'text',
      'tool-call',
      'tool-arguments',
      'tool-arguments',
      'tool-call-end',
      'tool-call',
      'tool-arguments',
      'tool-call-end',
      'finish',
      'end',
    ])
  })

  test.each(['', ' ', undefined])(
    '#2 without arguments (%j) have an empty object of them',
    (text) => {
      const [line] = callsIn([chunk(called(0, 'call_a', 'look', text)), toolCalls])
      expect(line?.replaceAll(' ', '')).toBe('look(call_a){}')
      expect(
        callsIn([chunk(called(0, 'a', 'look', '')), chunk(called(1, 'b', 'touch', '')), toolCalls]),
      ).toEqual(['look(a) {}', 'touch(b) {}'])
    },
  )

  test('#3 that are cut off stay as far as they came', () => {
    for (const text of ['{"path":"a', '{"n":1', '']) {
      const seen = events([chunk(called(0, 'call_a', 'look', text)), chunk({}, 'length')])
      expect(assembled(seen)).toMatchObject({
        content: [{ kind: 'tool-call', arguments: text }],
        finish: { reason: 'length' },
      })
    }
    const later = [
      chunk(called(0, 'a', 'look', '')),
      chunk(called(1, 'b', 'touch', '{"x')),
      chunk({}, 'length'),
    ]
    expect(callsIn(later)).toEqual(['look(a) {}', 'touch(b) {"x'])
  })

  test('#3 do not end where a part of them happens to be JSON', () => {
    const pieces = ['{"a":{}', ',"b":"}', '{\\"', '"', ',"c":[1]', '}']
    const chunks = [
      chunk(called(0, 'a', 'look')),
      ...pieces.map((text) => chunk(next(0, text))),
      toolCalls,
    ]
    expect(callsIn(chunks)).toEqual([`look(a) ${pieces.join('')}`])
  })

  test('are told of as they come', () => {
    const open = events([chunk(called(0, 'a', 'look', '')), chunk(next(0, '{"a'))], {
      isOpen: true,
    })
    expect(open.slice(1)).toEqual([
      { kind: 'tool-call', call: 0, id: 'a', name: 'look' },
      { kind: 'tool-arguments', call: 0, text: '{"a' },
    ])
  })

  describe('#14 whatever the host leaves out or repeats', () => {
    const both = ['look(a) {"at":1}', 'touch(b) {"at":2}']
    test.each([
      [
        'pieces in turns',
        [
          called(0, 'a', 'look', ''),
          called(1, 'b', 'touch', '{"a'),
          next(0, '{"at"'),
          next(1, 't":2}'),
          next(0, ':1}'),
        ],
      ],
      [
        'no index, whole calls',
        [called(undefined, 'a', 'look', '{"at":1}'), called(undefined, 'b', 'touch', '{"at":2}')],
      ],
      [
        'no index, pieces',
        [
          called(undefined, 'a', 'look', ''),
          next(undefined, '{"at":1}'),
          called(undefined, 'b', 'touch', '{"at"'),
          next(undefined, ':2}'),
        ],
      ],
      [
        'no index, ids in every piece',
        [
          called(undefined, 'a', 'look', '{"at"'),
          called(undefined, 'a', undefined, ':1}'),
          called(undefined, 'b', 'touch', '{"at":2}'),
        ],
      ],
      [
        'no index, ids in turns',
        [
          called(undefined, 'a', 'look', '{"at"'),
          called(undefined, 'b', 'touch', '{"at"'),
          called(undefined, 'a', undefined, ':1}'),
          called(undefined, 'b', undefined, ':2}'),
        ],
      ],
      [
        'one index for all',
        [called(0, 'a', 'look', '{"at":1}'), called(0, 'b', 'touch', '{"at":2}')],
      ],
      ['indexes from 1', [called(1, 'a', 'look', '{"at":1}'), called(2, 'b', 'touch', '{"at":2}')]],
      [
        'name and id in every piece',
        [
          called(0, 'a', 'look', '{"at"'),
          called(0, 'a', 'look', ':1}'),
          called(0, 'a', 'look', ''),
          called(1, 'b', 'touch', '{"at":2}'),
        ],
      ],
      [
        'a name in every piece, the id in the first',
        [
          called(0, 'a', 'look', '{"at"'),
          called(0, '', 'look', ':1}'),
          called(0, undefined, 'look', ''),
          called(1, 'b', 'touch', '{"at":2}'),
        ],
      ],
      [
        'ids that come late',
        [
          called(0, '', 'look', '{"at"'),
          called(0, 'a', undefined, ':1}'),
          called(1, undefined, 'touch', '{"at"'),
          called(1, 'b', undefined, ':2}'),
        ],
      ],
      [
        'ids that come late, no index',
        [
          called(undefined, '', 'look', '{"at"'),
          called(undefined, 'a', undefined, ':1}'),
          called(undefined, 'b', 'touch', '{"at":2}'),
        ],
      ],
      [
        'names that come late',
        [
          called(0, 'a', '', ''),
          called(0, undefined, 'look', '{"at":1}'),
          called(1, 'b', 'touch', '{"at":2}'),
        ],
      ],
      [
        'names that are empty after the first',
        [
          called(0, 'a', 'look', ''),
          called(0, '', '', '{"at":1}'),
          called(1, 'b', 'touch', ''),
          called(1, '', '', '{"at":2}'),
        ],
      ],
      [
        'objects for arguments',
        [
          call(0, { id: 'a', function: { name: 'look', arguments: { at: 1 } } }),
          call(1, { id: 'b', function: { name: 'touch', arguments: { at: 2 } } }),
        ],
      ],
      [
        'deltas of nothing',
        [
          called(0, 'a', 'look', '{"at":1}'),
          call(0, {}),
          call(1, {}),
          { tool_calls: [null, 5] },
          called(1, 'b', 'touch', '{"at":2}'),
        ],
      ],
      [
        'both in one chunk',
        [
          {
            tool_calls: [
              ...(called(0, 'a', 'look', '{"at":1}').tool_calls as []),
              ...(called(1, 'b', 'touch', '{"at":2}').tool_calls as []),
            ],
          },
        ],
      ],
    ] as const)('%s', (_, deltas) => {
      expect(callsIn([...deltas.map((delta) => chunk(delta)), toolCalls])).toEqual(both)
    })

    test('ids that never come are made, from the request', () => {
      const chunks = [
        chunk(called(0, '', 'look', '{}')),
        chunk(called(undefined, undefined, 'look', '{"at":1}')),
        toolCalls,
      ]
      const lines = callsIn(chunks)
      expect(lines).toEqual(callsIn(chunks))
      expect(lines).toHaveLength(2)
      for (const line of lines) expect(line).toMatch(/^look\(call_[0-9A-Za-z]{9}\) \{/)
      expect(new Set(lines.map((line) => line.slice(0, 20))).size).toBe(2)
    })

    test('#15 Mistral’s whole call without index or type', () => {
      const whole = {
        tool_calls: [{ id: 'gSIMJiOkT', function: { name: 'look', arguments: '{"at": 1}' } }],
      }
      expect(callsIn([chunk({ content: null, ...whole }, 'tool_calls')], mistral)).toEqual([
        'look(gSIMJiOkT) {"at": 1}',
      ])
    })
  })

  test('text between them has its place', () => {
    const seen = events([
      chunk(called(0, 'a', 'look', '{}')),
      chunk({ content: 'then' }),
      chunk(called(1, 'b', 'touch', '{}')),
      toolCalls,
    ])
    expect(assembled(seen)?.content.map(({ kind }) => kind)).toEqual([
      'tool-call',
      'text',
      'tool-call',
    ])
    const inside = events([
      chunk(called(0, 'a', 'look', '{"a')),
      chunk({ content: 'th' }),
      chunk({ content: 'en' }),
      chunk(next(0, '":1}')),
      toolCalls,
    ])
    expect(assembled(inside)?.content).toMatchObject([{ arguments: '{"a":1}' }, { text: 'then' }])
  })

  test('arguments for a call that has ended make no sense, unless they say nothing', () => {
    const late = (text: string) => [
      chunk(called(0, 'a', 'look', '{}')),
      chunk(called(1, 'b', 'touch', '{')),
      chunk(next(0, text)),
      chunk(next(1, '}')),
      toolCalls,
    ]
    expect(() => events(late('{"at":1}'))).toThrow('had ended')
    expect(callsIn(late(' '))).toEqual(['look(a) {}', 'touch(b) {}'])
  })

  test('a call that has arguments and no name makes none', () => {
    expect(() => events([chunk(called(0, 'a', '', '{"at":1}')), toolCalls])).toThrow(GatewayError)
    expect(callsIn([chunk(called(0, 'a', '', '')), stop])).toEqual([])
    const nameless = events([chunk(called(0, 'a', '', '')), toolCalls])
    expect(nameless.at(-2)).toEqual({ kind: 'finish', finish: { reason: 'stop' } })
  })

  test('tools that take text give it as their one argument', () => {
    const custom = (more: object) => ({ tool_calls: [{ index: 0, type: 'custom', ...more }] })
    const chunks = [
      chunk(custom({ id: 'a', custom: { name: 'patch', input: '' } })),
      chunk(custom({ custom: { input: '+ "x"\n\ud83d' } })),
      chunk(custom({ custom: { input: '\ude00' } })),
      toolCalls,
    ]
    const [line = ''] = callsIn(chunks, openAiChatProfile('gpt-6-sol'))
    expect(JSON.parse(line.slice('patch(a) '.length))).toEqual({ input: '+ "x"\n😀' })
    const cut = assembled(events([...chunks.slice(0, 2), chunk({}, 'length')]))
    expect(cut?.content).toMatchObject([{ arguments: String.raw`{"input":"+ \"x\"\n\ud83d` }])
  })

  test('one ends where the next begins, and nothing waits for the end', () => {
    const custom = {
      tool_calls: [{ index: 0, id: 'a', custom: { name: 'patch', input: '{' } }],
    }
    for (const first of [custom, called(0, 'a', 'look', '{}')]) {
      const seen = events([chunk(first), chunk(called(1, 'b', 'touch', '{'))], { isOpen: true })
      expect(seen.slice(-3)).toEqual([
        { kind: 'tool-call-end', call: 0 },
        { kind: 'tool-call', call: 1, id: 'b', name: 'touch' },
        { kind: 'tool-arguments', call: 1, text: '{' },
      ])
    }
  })

  test('names that were made plain are the caller’s own again', () => {
    const name = `mcp.${'server_'.repeat(12)}look`
    const seen = events([chunk(called(0, 'a', plainName(name, 64), '{}')), toolCalls], {
      request: { tools: [{ name }] },
    })
    expect(seen.find(({ kind }) => kind === 'tool-call')).toMatchObject({ name })
  })
})

describe('the end', () => {
  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['model_length', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['sensitive', 'content-filter'],
    ['function_call', 'stop'],
    ['tool_calls', 'stop'],
    ['eos', 'stop'],
    ['constructor', 'stop'],
  ])('%s is %s', (word, reason) => {
    const seen = events([chunk({ content: 'a' }), chunk({}, word)])
    expect(seen.at(-2)).toEqual({ kind: 'finish', finish: { reason } })
  })

  test.each(['stop', 'tool_calls', 'function_call', 'eos'])(
    'with calls, %s is for their results',
    (word) => {
      const seen = events([chunk(called(0, 'a', 'look', '{}')), chunk({}, word)])
      expect(seen.at(-2)).toEqual({ kind: 'finish', finish: { reason: 'tool-calls' } })
    },
  )

  test.each([
    [{ stop_reason: 'END' }, { reason: 'stop-sequence', stopSequence: 'END' }],
    [{ matched_stop: 'END' }, { reason: 'stop-sequence', stopSequence: 'END' }],
    [{ stop_reason: 128_001 }, { reason: 'stop' }],
    [{ stop_reason: '' }, { reason: 'stop' }],
    [{ stop_reason: null, matched_stop: 2 }, { reason: 'stop' }],
  ])('#44 a stop sequence that was met is told: %j', (member, finish) => {
    const last = chunk({}, undefined, {
      choices: [{ index: 0, delta: {}, finish_reason: 'stop', ...member }],
    })
    expect(events([chunk({ content: 'a' }), last], { profile: own }).at(-2)).toEqual({
      kind: 'finish',
      finish,
    })
  })

  test.each(['', 'null'])('has not come where each piece says that its reason is %j', (none) => {
    const said = [chunk({ content: 'a' }, none), chunk({ content: 'b' }, none)]
    expect(events([...said, chunk({}, 'length')]).at(-2)).toEqual({
      kind: 'finish',
      finish: { reason: 'length' },
    })
    expect(() => events(said)).toThrow(GatewayError)
  })

  test('comes after a usage that comes after the reason', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    const kinds = events([chunk({ content: 'a' }), stop, { id: 'x', choices: [], usage }]).map(
      ({ kind }) => kind,
    )
    expect(kinds).toEqual(['start', 'text', 'usage', 'finish', 'end'])
  })

  test('is the one that says more, where there are two', () => {
    expect(events([chunk({}, 'length'), stop]).at(-2)).toMatchObject({
      finish: { reason: 'length' },
    })
    expect(
      events([chunk({ content: 'a' }, 'stop'), chunk({}, 'content_filter')]).at(-2),
    ).toMatchObject({
      finish: { reason: 'content-filter' },
    })
  })

  test('#12 is not made up: without the last word there is none, and without a reason no last word', () => {
    expect(
      events([chunk({ content: 'a' }), stop], { isOpen: true }).map(({ kind }) => kind),
    ).toEqual(['start', 'text'])
    expect(() => events([chunk({ content: 'a' })])).toThrow(GatewayError)
    expect(() => events([])).toThrow(GatewayError)
  })

  test('nothing follows it', () => {
    const seen = events([
      chunk({ content: 'a' }),
      stop,
      '[DONE]',
      chunk({ content: 'b' }),
      '[DONE]',
    ])
    expect(seen.map(({ kind }) => kind)).toEqual(['start', 'text', 'finish', 'end'])
  })
})

describe('failures', () => {
  test.each([
    [
      'OpenAI’s',
      { error: { message: 'bad', type: 'server_error', code: null, param: null } },
      { message: 'bad', type: 'server_error' },
    ],
    ['xAI’s', { code: 'internal', error: 'bad' }, { message: 'bad', code: 'internal' }],
    [
      'Mistral’s',
      { object: 'error', message: 'bad', type: 'x', code: 3000 },
      { message: 'bad', type: 'x', code: '3000' },
    ],
    ['Z.ai’s', { error: { code: '1305', message: 'bad' } }, { message: 'bad', code: '1305' }],
    [
      'with a status',
      { error: { code: 503, message: 'bad' } },
      { message: 'bad', code: '503', status: 503 },
    ],
    ['beside choices', chunk({}, 'stop', { error: { message: 'bad' } }), { message: 'bad' }],
    ['without words', { error: {} }, { message: 'The provider failed without saying why.' }],
  ])('%s error in the stream ends it', (_, error, expected) => {
    const seen = events([chunk({ content: 'a' }), error, chunk({ content: 'b' }), stop])
    expect(seen.slice(2)).toEqual([{ kind: 'error', error: expected }])
  })

  test.each([null, '', false])('an error that is %j is none', (error) => {
    const seen = events([chunk({ content: 'a' }, 'stop', { error })])
    expect(seen.at(-1)).toEqual({ kind: 'end' })
  })

  test('an error that the event’s name tells', () => {
    const seen: ChatEvent[] = []
    const decoder = openAiStream(seen)
    decoder.next({ name: 'error', data: '{"message":"bad"}' })
    expect(seen).toEqual([{ kind: 'error', error: { message: 'bad' } }])
  })

  test.each([
    ['error', 502],
    ['network_error', 502],
    ['insufficient_system_resource', 503],
  ])('the end %s is one', (word, status) => {
    const seen = events([chunk({ content: 'a' }), chunk({ content: 'b' }, word)], {
      profile: deepseekChatProfile('deepseek-flash'),
    })
    expect(seen.at(-1)).toMatchObject({ kind: 'error', error: { code: word, status } })
  })

  test.each(['<html>', '{"id":', '5', 'null', '[]', '"text"'])('%s is no chunk', (data) => {
    expect(() => events([data])).toThrow(GatewayError)
  })
})

describe('#38 usage', () => {
  const usageOf = (usage: unknown, profile = plain) => {
    const seen = events([chunk({ content: 'a' }, 'stop', { usage })], { profile })
    return seen.find((event) => event.kind === 'usage')?.usage
  }
  const grok = xaiChatProfile('grok-4.7')
  const base = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 }

  test.each([
    ['two counts', base, plain, { inputTokens: 12, outputTokens: 5 }],
    [
      'OpenAI’s details',
      {
        ...base,
        prompt_tokens_details: { cached_tokens: 8, cache_write_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 4 },
      },
      plain,
      {
        inputTokens: 12,
        cachedInputTokens: 8,
        cacheWriteTokens: 2,
        outputTokens: 5,
        reasoningTokens: 4,
      },
    ],
    [
      'details that are null',
      { ...base, prompt_tokens_details: null },
      own,
      { inputTokens: 12, outputTokens: 5 },
    ],
    [
      'DeepSeek’s cache',
      { ...base, prompt_cache_hit_tokens: 7, prompt_cache_miss_tokens: 5 },
      deepseekChatProfile('deepseek-flash'),
      { inputTokens: 12, cachedInputTokens: 7, outputTokens: 5 },
    ],
    [
      'Mistral’s cache',
      { ...base, num_cached_tokens: 3 },
      mistral,
      { inputTokens: 12, cachedInputTokens: 3, outputTokens: 5 },
    ],
    [
      'xAI’s, which leaves reasoning out',
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        prompt_tokens_details: { cached_tokens: 11 },
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      grok,
      { inputTokens: 12, cachedInputTokens: 11, outputTokens: 291, reasoningTokens: 290 },
    ],
    [
      'xAI’s, without a total',
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      grok,
      { inputTokens: 12, outputTokens: 291, reasoningTokens: 290 },
    ],
    [
      'xAI’s, should it count reasoning in one day',
      {
        prompt_tokens: 12,
        completion_tokens: 291,
        total_tokens: 303,
        completion_tokens_details: { reasoning_tokens: 290 },
      },
      grok,
      { inputTokens: 12, outputTokens: 291, reasoningTokens: 290 },
    ],
    [
      'more in the cache than in the prompt',
      { ...base, prompt_tokens_details: { cached_tokens: 64 } },
      grok,
      { inputTokens: 12, cachedInputTokens: 12, outputTokens: 5 },
    ],
    ['one count', { prompt_tokens: 12 }, own, { inputTokens: 12 }],
    ['nothing', {}, own, undefined],
    ['null', null, own, undefined],
    ['nonsense', { prompt_tokens: '12', completion_tokens: -1, total_tokens: {} }, own, undefined],
  ])('%s', (_, usage, profile, expected) => {
    expect(usageOf(usage, profile)).toEqual(expected)
  })

  test('each replaces the one before', () => {
    const seen = events([
      chunk({ content: 'a' }, undefined, { usage: base }),
      chunk({}, 'stop', { usage: { ...base, completion_tokens: 9 } }),
    ])
    expect(assembled(seen)?.usage?.outputTokens).toBe(9)
  })
})

describe('any JSON', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom('{', '}', '{"a":1}', '"'),
    fc.jsonValue(),
  )
  const toolDelta = fc.record(
    {
      index: fc.oneof(fc.nat(2), fc.jsonValue()),
      id: fc.oneof(fc.constantFrom('', 'a', 'b'), fc.jsonValue()),
      type: fc.constantFrom('function', 'custom', null),
      function: fc.oneof(
        fc.record(
          { name: fc.constantFrom('look', '', null), arguments: piece },
          { requiredKeys: [] },
        ),
        fc.jsonValue(),
      ),
      custom: fc.oneof(
        fc.record({ name: fc.constantFrom('look', ''), input: piece }, { requiredKeys: [] }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  )
  const delta = fc.record(
    {
      content: fc.oneof(
        piece,
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({
              type: fc.constantFrom('text', 'thinking', 'refusal'),
              text: piece,
              thinking: fc.jsonValue(),
            }),
          ),
        ),
      ),
      reasoning_content: piece,
      reasoning: piece,
      refusal: piece,
      tool_calls: fc.oneof(
        fc.array(fc.oneof(toolDelta, fc.jsonValue()), { maxLength: 3 }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  )
  const choice = fc.record(
    {
      index: fc.oneof(fc.nat(1), fc.jsonValue()),
      delta: fc.oneof(delta, fc.jsonValue()),
      finish_reason: fc.constantFrom('stop', 'tool_calls', 'length', 'error', null, 5),
      stop_reason: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const anyChunk = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record(
        {
          id: fc.string(),
          choices: fc.array(
            fc.oneof({ weight: 5, arbitrary: choice }, { weight: 1, arbitrary: fc.jsonValue() }),
            { maxLength: 2 },
          ),
          usage: fc.oneof(
            fc.jsonValue(),
            fc.record({ prompt_tokens: fc.jsonValue(), completion_tokens_details: fc.jsonValue() }),
          ),
        },
        { requiredKeys: ['choices'] },
      ),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  )

  test('is read or refused with one error, and what is read is in order', () => {
    let read = 0
    fc.assert(
      fc.property(fc.array(anyChunk, { maxLength: 6 }), fc.boolean(), (chunks, ends) => {
        const seen: ChatEvent[] = []
        const decoder = openAiStream(seen)
        try {
          for (const one of chunks) decoder.next({ name: '', data: JSON.stringify(one) })
          if (ends) decoder.next({ name: '', data: '[DONE]' })
          read++
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError)
          expect((error as GatewayError).code).toBe('upstream_error')
        }
        expectOrder(seen)
      }),
      { numRuns: 500 },
    )
    // So that it is not refused for some other reason all the time.
    expect(read).toBeGreaterThan(100)
  })
})

function openAiStream(seen: ChatEvent[]) {
  return openAiChatUpstream.streamDecoder(
    { model: 'm', profile: own, requestId: 'req_1', request: requestOf() },
    (event) => seen.push(event),
  )
}

/** What every decoder promises of its events. */
function expectOrder(seen: readonly ChatEvent[]): void {
  let open: number | undefined
  let begun = 0
  for (const [at, event] of seen.entries()) {
    const isOver = ['end', 'error'].includes(seen[at - 1]?.kind ?? '')
    expect(isOver).toBe(false)
    if (event.kind === 'error') continue
    expect(event.kind === 'start').toBe(at === 0)
    if (event.kind === 'tool-call') {
      expect(open).toBeUndefined()
      expect(event.call).toBe(begun)
      open = begun
      begun += 1
      expect(event.id).not.toBe('')
      expect(event.name).not.toBe('')
    } else if (event.kind === 'tool-arguments') expect(event.call).toBe(open)
    else if (event.kind === 'tool-call-end') {
      expect(event.call).toBe(open)
      open = undefined
    } else if (event.kind !== 'usage') expect(open).toBeUndefined()
    if (event.kind === 'end') expect(seen[at - 1]?.kind).toBe('finish')
  }
}
