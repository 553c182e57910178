import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { args, begin, end, proof, START, STOP, text, thought } from './events.ts'
import { eventsOf, streamOf } from './stream.ts'

const TEXT = { type: 'text', text: '', citations: null }
const THINKING = { type: 'thinking', thinking: '', signature: '' }
const use = (id: string) => ({
  type: 'tool_use',
  id,
  name: 'f',
  input: {},
  caller: { type: 'direct' },
})

/** A block's events in short: what it begins as, then the texts of its deltas. */
const block = (index: number, content: object, ...deltas: [type: string, value: string][]) => [
  { type: 'content_block_start', index, content_block: content },
  ...deltas.map(([type, value]) => ({
    type: 'content_block_delta',
    index,
    delta: { type: `${type}_delta`, [MEMBERS[type] ?? type]: value },
  })),
  { type: 'content_block_stop', index },
]
const MEMBERS: Readonly<Record<string, string>> = { input_json: 'partial_json' }

/** The events between the first and the last two. */
const contentOf = (...events: ChatEvent[]) =>
  eventsOf(streamOf([START, ...events, ...STOP])).slice(1, -2)

describe('content', () => {
  test.each<[string, ChatEvent[], unknown[]]>([
    ['nothing', [], []],
    ['#23 empty pieces', [text(''), thought(''), { kind: 'refusal', text: '' }], []],
    [
      '#13 reasoning, then text',
      [thought('t'), thought('u'), proof('signature'), text('a')],
      [
        ...block(0, THINKING, ['thinking', 't'], ['thinking', 'u'], ['signature', 'v']),
        ...block(1, TEXT, ['text', 'a']),
      ],
    ],
    [
      '#13 unsigned reasoning',
      [thought('t'), text('a')],
      [
        ...block(0, THINKING, ['thinking', 't'], ['signature', '']),
        ...block(1, TEXT, ['text', 'a']),
      ],
    ],
    ['#13 a signature alone', [proof('signature')], block(0, THINKING, ['signature', 'v'])],
    [
      '#13 a signature after nothing',
      [thought(''), proof('signature')],
      block(0, THINKING, ['signature', 'v']),
    ],
    [
      'redacted reasoning',
      [text('a'), thought(''), proof('encrypted'), thought('t')],
      [
        ...block(0, TEXT, ['text', 'a']),
        ...block(1, { type: 'redacted_thinking', data: 'v' }),
        ...block(2, THINKING, ['thinking', 't'], ['signature', '']),
      ],
    ],
    [
      'encrypted reasoning of another family, with a summary',
      [thought('s'), proof('encrypted', 'gpt')],
      [
        ...block(0, THINKING, ['thinking', 's'], ['signature', '']),
        ...block(1, { type: 'redacted_thinking', data: 'kwproof.gpt.v' }),
      ],
    ],
    [
      'each proof ends its reasoning',
      [thought('t'), proof('signature'), thought('u'), proof('signature')],
      [
        ...block(0, THINKING, ['thinking', 't'], ['signature', 'v']),
        ...block(1, THINKING, ['thinking', 'u'], ['signature', 'v']),
      ],
    ],
    [
      'text and a refusal',
      [text('a'), { kind: 'refusal', text: 'b' }],
      [...block(0, TEXT, ['text', 'a']), ...block(1, TEXT, ['text', 'b'])],
    ],
    [
      'an empty piece ends nothing',
      [text('a'), { kind: 'refusal', text: '' }, text('b'), thought(''), text('c')],
      block(0, TEXT, ['text', 'a'], ['text', 'b'], ['text', 'c']),
    ],
    [
      'pings and usage end nothing',
      [text('a'), { kind: 'usage', usage: {} }, text('b')],
      block(0, TEXT, ['text', 'a'], ['text', 'b']),
    ],
    [
      'a call, its arguments as they come',
      [begin(0), args(0, '{"a"'), args(0, ''), args(0, ':1}'), end(0)],
      block(0, use('c0'), ['input_json', '{"a"'], ['input_json', ':1}']),
    ],
    ['#2 a call without arguments', [begin(0), end(0)], block(0, use('c0'), ['input_json', '{}'])],
    [
      '#2 a call with empty arguments',
      [begin(0), args(0, ''), end(0)],
      block(0, use('c0'), ['input_json', '{}']),
    ],
    [
      '#2 a call whose arguments are white space',
      [begin(0), args(0, ' '), end(0)],
      block(0, use('c0'), ['input_json', ' '], ['input_json', '{}']),
    ],
    [
      '#3 a call that was cut off keeps what there is of it',
      [begin(0), args(0, '{"a":"b')],
      block(0, use('c0'), ['input_json', '{"a":"b']),
    ],
    [
      '#1 calls one after the other',
      [begin(0), args(0, '{"a":1}'), end(0), begin(1), args(1, '{"b":2}'), end(1)],
      [
        ...block(0, use('c0'), ['input_json', '{"a":1}']),
        ...block(1, use('c1'), ['input_json', '{"b":2}']),
      ],
    ],
    [
      '#14 calls in turns',
      [
        begin(0),
        begin(1),
        args(1, '{"b"'),
        args(0, '{"a"'),
        args(1, ':2}'),
        args(0, ':1}'),
        end(0),
        end(1),
      ],
      [
        ...block(0, use('c0'), ['input_json', '{"a"'], ['input_json', ':1}']),
        ...block(1, use('c1'), ['input_json', '{"b":2}']),
      ],
    ],
    [
      '#14 calls that end in another order',
      [
        begin(0),
        begin(1),
        begin(2),
        args(2, '{"c":3}'),
        end(2),
        end(1),
        args(0, '{"a":1}'),
        end(0),
      ],
      [
        ...block(0, use('c0'), ['input_json', '{"a":1}']),
        ...block(1, use('c1'), ['input_json', '{}']),
        ...block(2, use('c2'), ['input_json', '{"c":3}']),
      ],
    ],
    [
      '#14 a call that waited goes on as it comes',
      [begin(0), begin(1), args(1, '{"b"'), end(0), args(1, ':'), args(1, '2}'), end(1), text('a')],
      [
        ...block(0, use('c0'), ['input_json', '{}']),
        ...block(1, use('c1'), ['input_json', '{"b"'], ['input_json', ':'], ['input_json', '2}']),
        ...block(2, TEXT, ['text', 'a']),
      ],
    ],
    [
      'text amid a call waits for its end',
      [
        begin(0),
        text('a'),
        args(0, '{}'),
        text('b'),
        thought('t'),
        end(0),
        thought('u'),
        text('c'),
      ],
      [
        ...block(0, use('c0'), ['input_json', '{}']),
        ...block(1, TEXT, ['text', 'a'], ['text', 'b']),
        ...block(2, THINKING, ['thinking', 't'], ['thinking', 'u'], ['signature', '']),
        ...block(3, TEXT, ['text', 'c']),
      ],
    ],
    [
      'calls that nobody ended, with text behind',
      [begin(0), args(0, '{"a":1}'), begin(1), text('x')],
      [
        ...block(0, use('c0'), ['input_json', '{"a":1}']),
        ...block(1, use('c1'), ['input_json', '{}']),
        ...block(2, TEXT, ['text', 'x']),
      ],
    ],
    [
      '#22 an id that is not plain',
      [begin(0, 'functions.f:0'), end(0)],
      block(0, use('kwid_ZnVuY3Rpb25zLmY6MA'), ['input_json', '{}']),
    ],
    [
      'characters that lines and JSON are made of',
      [text('"\n\r\u2028\\'), text('\ud83d'), text('\ude00')],
      block(0, TEXT, ['text', '"\n\r\u2028\\'], ['text', '\ud83d'], ['text', '\ude00']),
    ],
  ])('%s', (_, events, expected) => {
    expect(contentOf(...events)).toEqual(expected)
  })

  test('#14 calls without ids have the ids of the whole answer', () => {
    const ids = contentOf(begin(0, ''), end(0), begin(1, ''), end(1)).flatMap(
      ({ content_block: content }) =>
        content === undefined ? [] : [(content as { id: string }).id],
    )
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^toolu_/)
  })
})
