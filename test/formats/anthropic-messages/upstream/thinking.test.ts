import { describe, expect, test } from 'vitest'
import type { ChatRequest, ReasoningWish } from '../../../../src/core/chat.ts'
import {
  assistant,
  call,
  calling,
  CURRENT,
  encode,
  type Json,
  MIXED,
  NEWEST,
  OLD,
  result,
  text,
  thought,
  user,
} from './claude.ts'

const FABLE = 'claude-fable-5-2'
const SONNET = 'claude-sonnet-5-5'
const HAIKU3 = 'claude-3-haiku-20240307'

function thinkingOf(reasoning: ReasoningWish, model: string, members: Partial<ChatRequest> = {}) {
  const { body, warnings } = encode({ reasoning, ...members }, { model })
  return [body['thinking'], body['output_config'], warnings]
}

describe('how hard to think', () => {
  const adaptive = { type: 'adaptive' }
  const disabled = { type: 'disabled' }
  const budget = (tokens: number) => ({ type: 'enabled', budget_tokens: tokens })
  const effort = (word: string) => ({ effort: word })
  const none = undefined

  test.each<[string, ReasoningWish, object | undefined, object | undefined, string[]]>([
    [OLD, { effort: 'none' }, disabled, none, []],
    [OLD, { effort: 'minimal' }, budget(1024), none, []],
    [OLD, { effort: 'low' }, budget(1024), none, []],
    [OLD, { effort: 'medium' }, budget(8192), none, []],
    [OLD, { effort: 'high' }, budget(16_384), none, []],
    [OLD, { effort: 'max' }, budget(32_768), none, []],
    ['claude-opus-4', { effort: 'max' }, budget(16_000), none, ['reasoning_effort:lowered']],
    [OLD, { budgetTokens: 5000 }, budget(5000), none, []],
    [OLD, { budgetTokens: 100 }, budget(1024), none, []],
    [OLD, { isAdaptive: true }, budget(8192), none, []],
    [OLD, { show: 'detailed' }, none, none, []],
    [
      OLD,
      { effort: 'low', show: 'detailed' },
      { ...budget(1024), display: 'summarized' },
      none,
      [],
    ],
    [MIXED, { effort: 'low' }, adaptive, effort('low'), []],
    [MIXED, { effort: 'xhigh' }, adaptive, effort('high'), ['reasoning_effort:lowered']],
    [MIXED, { effort: 'max' }, adaptive, effort('max'), []],
    [MIXED, { budgetTokens: 5000 }, budget(5000), none, []],
    [
      MIXED,
      { budgetTokens: 5000, isAdaptive: true },
      adaptive,
      effort('medium'),
      ['reasoning_effort:approximated'],
    ],
    [CURRENT, { effort: 'none' }, disabled, none, []],
    [CURRENT, { effort: 'minimal' }, adaptive, effort('low'), []],
    [CURRENT, { effort: 'xhigh' }, adaptive, effort('xhigh'), []],
    [
      CURRENT,
      { budgetTokens: 5000 },
      adaptive,
      effort('medium'),
      ['reasoning_effort:approximated'],
    ],
    [CURRENT, { isAdaptive: true }, adaptive, none, []],
    [CURRENT, { show: 'auto' }, none, none, []],
    [
      NEWEST,
      { effort: 'high', show: 'omitted' },
      { ...adaptive, display: 'omitted' },
      effort('high'),
      [],
    ],
    [NEWEST, { show: 'auto' }, { ...adaptive, display: 'summarized' }, none, []],
    [NEWEST, { effort: 'none' }, none, effort('low'), ['reasoning_effort:raised']],
    [FABLE, { effort: 'none' }, none, effort('low'), ['reasoning_effort:raised']],
    [SONNET, { effort: 'none' }, { type: 'between_tools' }, none, []],
    ['claude-haiku-5-5', { effort: 'none' }, disabled, none, []],
    [HAIKU3, { effort: 'none' }, none, none, []],
    [HAIKU3, { effort: 'high' }, none, none, ['reasoning_effort:dropped']],
    [NEWEST, {}, adaptive, none, []],
  ])('%s, asked for %j', (model, wish, thinking, config, warnings) => {
    expect(thinkingOf(wish, model)).toEqual([thinking, config, warnings])
  })

  test.each([
    [16_000, 'high', 8000, ['reasoning_effort:lowered']],
    [3000, 'medium', 1500, ['reasoning_effort:lowered']],
    [1500, 'low', 1024, []],
    [1025, 'low', 1024, []],
  ] as const)(
    'with %d tokens in all, %s is a budget of %d',
    (maxOutputTokens, word, tokens, warnings) => {
      expect(thinkingOf({ effort: word }, OLD, { maxOutputTokens })).toEqual([
        budget(tokens),
        none,
        warnings,
      ])
    },
  )

  test('a budget is less than all tokens', () => {
    expect(thinkingOf({ budgetTokens: 9000 }, OLD, { maxOutputTokens: 9000 })).toEqual([
      budget(8999),
      none,
      ['reasoning_effort:lowered'],
    ])
  })

  test('with too few tokens there is no thinking', () => {
    expect(thinkingOf({ effort: 'high' }, OLD, { maxOutputTokens: 1024 })).toEqual([
      disabled,
      none,
      ['reasoning_effort:dropped'],
    ])
  })

  test('a tool that has to be called goes before a budget, and together with adaptive thinking', () => {
    const forced = { tools: [{ name: 'look' }], toolChoice: { kind: 'required' } } as const
    expect(thinkingOf({ effort: 'high' }, OLD, forced)).toEqual([
      disabled,
      none,
      ['reasoning_effort:dropped'],
    ])
    expect(thinkingOf({ effort: 'high' }, CURRENT, forced)).toEqual([adaptive, effort('high'), []])
  })

  test('a budget gives way to adaptive thinking where the model has both', () => {
    const forced = { tools: [{ name: 'look' }], toolChoice: { kind: 'required' } } as const
    expect(thinkingOf({ budgetTokens: 5000 }, MIXED, forced)).toEqual([
      adaptive,
      effort('medium'),
      ['reasoning_effort:approximated'],
    ])
  })

  test.each([
    ['an answer', assistant('b')],
    [
      'one with its thoughts',
      { role: 'assistant', content: [thought('t', 's'), text('b')] } as const,
    ],
  ])('%s that is begun goes before a budget', (_, begun) => {
    expect(thinkingOf({ effort: 'high' }, OLD, { messages: [user('a'), begun] })).toEqual([
      disabled,
      none,
      ['reasoning_effort:dropped'],
    ])
  })
})

describe('#30 reasoning of earlier answers', () => {
  const blocksOf = (body: Json) =>
    body['messages'].flatMap(({ content }: { content: { type: string }[] }) =>
      content.filter(({ type }) => type.endsWith('thinking')),
    )
  const foreign = {
    kind: 'reasoning',
    text: 'f',
    proof: { family: 'gemini', kind: 'signature', value: 's' },
  } as const
  const unsigned = { kind: 'reasoning', text: 'u' } as const

  test('goes back byte by byte, an empty text included, at its place', () => {
    const strange = ' \n"thought"\\ \u{1F914} '
    const messages = [
      user('a'),
      {
        role: 'assistant',
        content: [
          thought('', 'sig1='),
          text('b'),
          thought(strange, 'sig2'),
          thought('', 'data', 'encrypted'),
          text('c'),
        ],
      } as const,
      user('d'),
    ]
    expect(encode({ messages }).body['messages'][1].content).toEqual([
      { type: 'thinking', thinking: '', signature: 'sig1=' },
      { type: 'text', text: 'b' },
      { type: 'thinking', thinking: strange, signature: 'sig2' },
      { type: 'redacted_thinking', data: 'data' },
      { type: 'text', text: 'c' },
    ])
  })

  test('that is not Claude’s, or has no proof, stays behind', () => {
    const messages = [
      user('a'),
      { role: 'assistant', content: [foreign, unsigned, text('b')] } as const,
      user('c'),
    ]
    expect(encode({ messages }).body['messages'][1].content).toEqual([{ type: 'text', text: 'b' }])
  })

  test('that is Claude’s goes although other models answered in between', () => {
    const messages = [
      user('a'),
      { role: 'assistant', content: [unsigned, text('b')] } as const,
      user('c'),
      { role: 'assistant', content: [thought('t', 's'), text('d')] } as const,
      user('e'),
      { role: 'assistant', content: [foreign, text('f')] } as const,
      user('g'),
    ]
    expect(blocksOf(encode({ messages }).body)).toHaveLength(1)
  })

  test('stays behind altogether where one part has lost its proof', () => {
    const messages = [
      user('a'),
      { role: 'assistant', content: [thought('t', 's'), text('b')] } as const,
      user('c'),
      { role: 'assistant', content: [thought('t', ''), text('d')] } as const,
      user('e'),
    ]
    expect(blocksOf(encode({ messages }).body)).toEqual([])
  })

  test('stays behind where the model cannot think', () => {
    const messages = [
      user('a'),
      { role: 'assistant', content: [thought('t', 's'), text('b')] } as const,
      user('c'),
    ]
    expect(blocksOf(encode({ messages }, { model: HAIKU3 }).body)).toEqual([])
    expect(blocksOf(encode({ messages }, { model: OLD }).body)).toHaveLength(1)
  })

  test('that never came to an answer stays behind, with its turn', () => {
    const messages = [
      user('a'),
      { role: 'assistant', content: [thought('t', 's')] } as const,
      user('b'),
    ]
    expect(encode({ messages }).body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
        ],
      },
    ])
  })

  describe('is missing before calls whose results have come', () => {
    const reasoning = { effort: 'high' } as const
    const bare = [user('a'), calling('x'), result('x', 'r')]
    const proved = [
      user('a'),
      { role: 'assistant', content: [thought('t', 's'), call('x')] } as const,
      result('x', 'r'),
    ]

    test.each([
      ['bare calls', bare, false],
      ['proved calls', proved, true],
      [
        'proved calls, then bare ones in the same turn',
        [...proved, calling('y'), result('y', 'r')],
        true,
      ],
      ['bare calls in an earlier turn', [...bare, assistant('b'), user('c')], true],
      ['bare calls after an earlier turn', [user('a'), assistant('b'), ...bare], false],
      ['bare calls, with words behind the results', [...bare, user('c')], false],
    ])('%s: thinks: %s', (_, messages, thinks) => {
      const { body, warnings } = encode({ messages, reasoning }, { model: OLD })
      expect(body['thinking'].type).toBe(thinks ? 'enabled' : 'disabled')
      expect(warnings).toEqual(thinks ? [] : ['reasoning_effort:dropped'])
    })

    test('models that decide for themselves need nothing', () => {
      expect(encode({ messages: bare, reasoning }).body['thinking']).toEqual({ type: 'adaptive' })
    })
  })
})

describe('#26 how words are chosen', () => {
  test.each<[string, Partial<ChatRequest>, object, string[]]>([
    [
      'claude-3-5-sonnet-latest',
      { temperature: 0.5, topP: 0.9, topK: 5 },
      { temperature: 0.5, top_p: 0.9, top_k: 5 },
      [],
    ],
    [OLD, { temperature: 0.5, topP: 0.9 }, { temperature: 0.5 }, ['top_p:dropped']],
    [OLD, { temperature: 0.5, topP: 1 }, { temperature: 0.5 }, []],
    [OLD, { temperature: 1, topP: 0.9 }, { top_p: 0.9 }, []],
    [OLD, { temperature: 0 }, { temperature: 0 }, []],
    [OLD, { temperature: 1.7 }, { temperature: 1 }, ['temperature:clamped']],
    [OLD, { temperature: -1 }, { temperature: 0 }, ['temperature:clamped']],
    [MIXED, { temperature: 0.5 }, { temperature: 0.5 }, []],
    [
      MIXED,
      { temperature: 0.5, topK: 3, reasoning: { effort: 'low' } },
      {},
      ['temperature:dropped', 'top_k:dropped'],
    ],
    [MIXED, { temperature: 0.5, reasoning: { effort: 'none' } }, { temperature: 0.5 }, []],
    [OLD, { temperature: 1, topP: 1, reasoning: { effort: 'low' } }, {}, []],
    [
      'claude-opus-4-7',
      { temperature: 0.5, topP: 0.9, topK: 5 },
      {},
      ['temperature:dropped', 'top_p:dropped', 'top_k:dropped'],
    ],
    [CURRENT, { temperature: 0 }, {}, ['temperature:dropped']],
    [NEWEST, { temperature: 1, topP: 1 }, {}, []],
    ['anthropic.claude-sonnet-5', { temperature: 0.2 }, {}, ['temperature:dropped']],
  ])('%s, asked for %j', (model, members, expected, warnings) => {
    const { body, warnings: warned } = encode(members, { model })
    const { temperature, top_p, top_k } = body
    expect({ temperature, top_p, top_k }).toEqual({
      temperature: undefined,
      top_p: undefined,
      top_k: undefined,
      ...expected,
    })
    expect(warned).toEqual(warnings)
  })
})
