import { describe, expect, test } from 'vitest'
import type { CacheMark, ChatMessage, ChatRequest } from '../../../src/core/chat.ts'
import {
  assistant,
  call,
  CLAUDE_37,
  CLAUDE_5,
  encode,
  LLAMA,
  NOVA,
  result,
  tool,
  user,
} from './fixtures.ts'

const cache: CacheMark = {}
const point = { cachePoint: { type: 'default' } }
const hour = { cachePoint: { type: 'default', ttl: '1h' } }
const marked = (text: string, mark = cache) => ({ kind: 'text', text, cache: mark }) as const
const instructions = (...texts: string[]): ChatMessage => ({
  role: 'system',
  content: texts.map((text) => marked(text)),
})

describe('#33 a point stands behind what is to be cached, as an element of its own', () => {
  test('of tools, instructions and words', () => {
    const { body, warnings } = encode(
      {
        tools: [tool('a', { cache }), tool('b')],
        messages: [
          instructions('c'),
          user(marked('d'), 'e'),
          assistant(call('c1', 'a'), { ...call('c2', 'a'), cache }),
          { role: 'tool', callId: 'c1', content: [], cache },
          { role: 'tool', callId: 'c2', content: [marked('f'), marked('g')] },
        ],
      },
      CLAUDE_5,
      'lenient',
    )
    const kinds = (list: readonly object[] = []) => list.map((one) => Object.keys(one)[0])
    expect(kinds(body.toolConfig?.tools)).toEqual(['toolSpec', 'cachePoint', 'toolSpec'])
    expect(kinds(body.system)).toEqual(['text', 'cachePoint'])
    // Four are kept: those of the tools and the instructions, and the latest.
    expect(body.messages.map(({ content }) => kinds(content))).toEqual([
      ['text', 'text'],
      ['toolUse', 'toolUse'],
      ['toolResult', 'cachePoint', 'toolResult', 'cachePoint'],
    ])
    expect(warnings).toEqual(['cache_control:limited'])
  })

  test.each<[CacheMark, string, object, string[]]>([
    [{ ttl: '5m' }, CLAUDE_5, point, []],
    [{ ttl: '1h' }, CLAUDE_5, hour, []],
    [{ ttl: '1h' }, CLAUDE_37, point, ['cache_control:shortened']],
  ])('%j for %s is %j', (mark, model, expected, warnings) => {
    const encoded = encode({ messages: [user(marked('a', mark))] }, model)
    expect(encoded.body.messages[0]?.content).toEqual([{ text: 'a' }, expected])
    expect(encoded.warnings).toEqual(warnings)
  })

  test('blank text leaves no point behind', () => {
    const { body } = encode({ messages: [user(marked(' '), 'a')] }, CLAUDE_5)
    expect(body.messages[0]?.content).toEqual([{ text: 'a' }])
  })

  test.each<[string, Partial<ChatRequest>, string]>([
    ['a model that caches nothing', { messages: [user(marked('a'))] }, LLAMA],
    ['tools of a model that caches none', { tools: [tool('a', { cache })] }, NOVA],
  ])('%s gets none, and the caller is told', (_, members, model) => {
    const { body, warnings } = encode(members, model)
    expect(JSON.stringify(body)).not.toContain('cachePoint')
    expect(warnings).toEqual(['cache_control:dropped'])
  })
})

describe('a prompt that is to be cached as a whole', () => {
  const messages = [user('a'), assistant('b'), user('c')]

  test('has a point at its end', () => {
    const { body } = encode({ messages, cache: { ttl: '1h' } }, CLAUDE_5)
    expect(body.messages.map(({ content }) => content)).toEqual([
      [{ text: 'a' }],
      [{ text: 'b' }],
      [{ text: 'c' }, hour],
    ])
  })

  test('has no second one', () => {
    const { body } = encode({ messages: [user(marked('a'))], cache }, CLAUDE_5)
    expect(body.messages[0]?.content).toEqual([{ text: 'a' }, point])
  })
})

describe('#33 of more than four', () => {
  test('the last of the tools, the last of the instructions and the latest words stay', () => {
    const { body, warnings } = encode(
      {
        tools: [tool('a', { cache }), tool('b', { cache })],
        messages: [
          instructions('c', 'd'),
          user(marked('e')),
          assistant(marked('f')),
          user(marked('g')),
        ],
      },
      CLAUDE_5,
    )
    expect(body.toolConfig?.tools.map((one) => 'cachePoint' in one)).toEqual([false, false, true])
    expect(body.system).toEqual([{ text: 'c' }, { text: 'd' }, point])
    expect(body.messages.map(({ content }) => content)).toEqual([
      [{ text: 'e' }],
      [{ text: 'f' }, point],
      [{ text: 'g' }, point],
    ])
    expect(warnings).toEqual(['cache_control:limited'])
  })

  test('four are not touched', () => {
    const messages = [user(marked('a'), marked('b')), assistant(marked('c')), user(marked('d'))]
    const { body, warnings } = encode({ messages }, CLAUDE_5)
    expect(
      body.messages.flatMap(({ content }) => content).filter((one) => 'cachePoint' in one),
    ).toHaveLength(4)
    expect(warnings).toEqual([])
  })

  test('results keep theirs behind them', () => {
    const messages = [
      user('a'),
      assistant(call('1')),
      { ...result('1', 'b'), cache } as ChatMessage,
    ]
    expect(encode({ messages }, NOVA).body.messages.at(-1)?.content).toEqual([
      { toolResult: { toolUseId: '1', content: [{ text: 'b' }] } },
      point,
    ])
  })
})
