import { describe, expect, test } from 'vitest'
import type { ChatMessage } from '../../../src/core/chat.ts'
import { thrownBy } from '../../thrown-by.ts'
import {
  assistant,
  call,
  CLAUDE_46,
  CLAUDE_5,
  encode,
  file,
  GPT,
  image,
  MISTRAL,
  messagesOf,
  NOVA,
  result,
  system,
  TITAN,
  user,
} from './fixtures.ts'

const turn = (role: 'user' | 'assistant', ...content: object[]) => ({ role, content })
const use = (toolUseId: string, name = 'look', input: object = {}) => ({
  toolUse: { toolUseId, name, input },
})
const answer = (toolUseId: string, text: string) => ({
  toolResult: { toolUseId, content: [{ text }] },
})

describe('turns', () => {
  test.each<[string, ChatMessage[], object[]]>([
    ['one word', [user('Hello')], [turn('user', { text: 'Hello' })]],
    [
      'consecutive messages of a role are one turn',
      [user('a'), user('b'), assistant('c'), assistant('d'), user('e')],
      [
        turn('user', { text: 'a' }, { text: 'b' }),
        turn('assistant', { text: 'c' }, { text: 'd' }),
        turn('user', { text: 'e' }),
      ],
    ],
    [
      '#23 blank text is dropped, and a turn with nothing else',
      [user('a', '', ' \n'), assistant('', '  '), user('b'), assistant(), user('c')],
      [turn('user', { text: 'a' }, { text: 'b' }, { text: 'c' })],
    ],
    [
      '#23 text keeps the white space around it',
      [user(' a '), assistant('b \n'), user('c')],
      [
        turn('user', { text: ' a ' }),
        turn('assistant', { text: 'b \n' }),
        turn('user', { text: 'c' }),
      ],
    ],
    [
      'a refusal is said as text',
      [user('a'), assistant({ kind: 'refusal', text: 'No.' }), user('b')],
      [
        turn('user', { text: 'a' }),
        turn('assistant', { text: 'No.' }),
        turn('user', { text: 'b' }),
      ],
    ],
  ])('%s', (_, messages, turns) => {
    expect(messagesOf(messages)).toEqual(turns)
  })

  test('a conversation that the assistant begins is begun by the user, and says so', () => {
    const { body, warnings } = encode({ messages: [assistant('Hello!'), user('a')] })
    expect(body.messages).toEqual([
      turn('user', { text: 'Begin.' }),
      turn('assistant', { text: 'Hello!' }),
      turn('user', { text: 'a' }),
    ])
    expect(warnings).toEqual(['messages:begun'])
  })

  test.each<[string, ChatMessage[]]>([
    ['nothing', []],
    ['instructions alone', [system('a')]],
    ['blank words', [user(' '), assistant('')]],
  ])('%s is nothing to answer', (_, messages) => {
    expect(thrownBy(() => encode({ messages }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'messages' },
    })
  })

  test('a name is not carried over, and says so', () => {
    const messages: ChatMessage[] = [{ role: 'user', name: 'Ann', content: [] }, user('a')]
    expect(encode({ messages }).warnings).toEqual(['name:dropped'])
  })
})

describe('the beginning of an answer at the end', () => {
  const messages = [user('a'), assistant('So: \n')]

  test('goes along to a model that goes on with it, less the white space at its end', () => {
    expect(encode({ messages }).body.messages.at(-1)).toEqual(turn('assistant', { text: 'So:' }))
  })

  test('is refused for a model that does not', () => {
    expect(thrownBy(() => encode({ messages }, CLAUDE_46))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'messages' },
    })
  })

  test('is left out where the caller is lenient', () => {
    const { body, warnings } = encode({ messages }, GPT, 'lenient')
    expect(body.messages).toEqual([turn('user', { text: 'a' })])
    expect(warnings).toEqual(['messages:dropped'])
  })
})

describe('#24 #35 instructions', () => {
  test('at the head stand apart, each part by itself', () => {
    const { body } = encode({ messages: [system('a', '', 'b'), system('c'), user('d')] })
    expect(body.system).toEqual([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
    expect(body.messages).toEqual([turn('user', { text: 'd' })])
  })

  test('amid the conversation keep their place, as marked words of the user', () => {
    const { body } = encode({
      messages: [user('a'), assistant('b'), system('c', 'd'), user('e'), system(' ')],
    })
    expect(body.system).toBeUndefined()
    expect(body.messages.at(-1)).toEqual(
      turn('user', { text: '<system>\nc\n\nd\n</system>' }, { text: 'e' }),
    )
  })

  test('are words of the user for a model that takes none apart', () => {
    const { body } = encode({ messages: [system('a'), user('b')] }, TITAN)
    expect(body.system).toBeUndefined()
    expect(body.messages).toEqual([turn('user', { text: '<system>\na\n</system>' }, { text: 'b' })])
  })
})

describe('calls and results', () => {
  test.each<[string, ChatMessage[], object[]]>([
    [
      '#21 parallel results are one turn, in the order of the calls',
      [
        user('a'),
        assistant('b', call('c1'), call('c2', 'find', '{"q":1}')),
        result('c2', 'two'),
        result('c1', 'one'),
      ],
      [
        turn('user', { text: 'a' }),
        turn('assistant', { text: 'b' }, use('c1'), use('c2', 'find', { q: 1 })),
        turn('user', answer('c1', 'one'), answer('c2', 'two')),
      ],
    ],
    [
      '#20 results come first, whatever was said before them',
      [user('a'), assistant(call('c1')), system('s'), user('b'), result('c1', 'one'), user('c')],
      [
        turn('user', { text: 'a' }),
        turn('assistant', use('c1')),
        turn(
          'user',
          answer('c1', 'one'),
          { text: '<system>\ns\n</system>' },
          { text: 'b' },
          { text: 'c' },
        ),
      ],
    ],
    [
      'calls in messages one behind the other are one turn',
      [
        user('a'),
        assistant(call('c1')),
        assistant(call('c2')),
        result('c1', '1'),
        result('c2', '2'),
      ],
      [
        turn('user', { text: 'a' }),
        turn('assistant', use('c1'), use('c2')),
        turn('user', answer('c1', '1'), answer('c2', '2')),
      ],
    ],
    [
      '#2 no arguments are an empty object',
      [user('a'), assistant(call('c1', 'look', ' ')), result('c1', 'one')],
      [
        turn('user', { text: 'a' }),
        turn('assistant', use('c1')),
        turn('user', answer('c1', 'one')),
      ],
    ],
    [
      'arguments that are no object are put into one',
      [user('a'), assistant(call('c1', 'look', '[1]')), result('c1', 'one')],
      [
        turn('user', { text: 'a' }),
        turn('assistant', use('c1', 'look', { value: [1] })),
        turn('user', answer('c1', 'one')),
      ],
    ],
    [
      '#23 a result without a word says so',
      [user('a'), assistant(call('c1')), result('c1', ' ')],
      [
        turn('user', { text: 'a' }),
        turn('assistant', use('c1')),
        turn('user', answer('c1', 'The tool said nothing.')),
      ],
    ],
  ])('%s', (_, messages, turns) => {
    expect(messagesOf(messages)).toEqual(turns)
  })

  test('an error is a status where the model knows one, and words where it does not', () => {
    const messages = [user('a'), assistant(call('c1')), result('c1', 'No such file.', true)]
    expect(messagesOf(messages, NOVA).at(-1)).toEqual(
      turn('user', {
        toolResult: { toolUseId: 'c1', content: [{ text: 'No such file.' }], status: 'error' },
      }),
    )
    expect(messagesOf(messages, GPT).at(-1)).toEqual(
      turn('user', {
        toolResult: {
          toolUseId: 'c1',
          content: [{ text: 'The tool failed.' }, { text: 'No such file.' }],
        },
      }),
    )
  })

  test('a result may show images and documents', () => {
    const content = [
      { kind: 'text', text: 'a' } as const,
      image(),
      file('application/pdf', 'b.pdf'),
    ]
    const messages = [user('a'), assistant(call('c1')), result('c1', content)]
    expect(messagesOf(messages, CLAUDE_5).at(-1)).toEqual(
      turn('user', {
        toolResult: {
          toolUseId: 'c1',
          content: [
            { text: 'a' },
            { image: { format: 'png', source: { bytes: 'QUJD' } } },
            { document: { format: 'pdf', name: 'b', source: { bytes: 'QUJD' } } },
          ],
        },
      }),
    )
  })

  const ids = (messages: ChatMessage[], model?: string) =>
    messagesOf(messages, model).flatMap(({ content }) =>
      content.flatMap((block) => [
        ...('toolUse' in block ? [block.toolUse.toolUseId] : []),
        ...('toolResult' in block ? [block.toolResult.toolUseId] : []),
      ]),
    )
  const round = (id: string) => [user('a'), assistant(call(id)), result(id, 'b')]

  test.each([NOVA, CLAUDE_5, MISTRAL])(
    '#22 ids are ones that %s takes, the same for call and result, and never two alike',
    (model) => {
      const shape = model === MISTRAL ? /^[a-zA-Z0-9]{9}$/ : /^[a-zA-Z0-9_-]{1,64}$/
      const callers = ['functions.get:0', 'functions.get:1', 'functions_get_0', '', 'x'.repeat(99)]
      const made = callers.map((id) => ids(round(id), model))
      for (const [use_, result_] of made) {
        expect(use_).toMatch(shape)
        expect(result_).toBe(use_)
      }
      expect(new Set(made.map(([id]) => id)).size).toBe(callers.length)
    },
  )

  test.each([
    [NOVA, 'call_1'],
    [NOVA, 'tooluse_bpe71yCfRu2b5i-nKGDr5g'],
    [MISTRAL, 'Ab3dEf6hI'],
  ])('#22 an id that %s takes stays: %s', (model, id) => {
    expect(ids(round(id), model)).toEqual([id, id])
  })

  test('#22 an id that occurs again, in the same answer or a later one, gets one of its own', () => {
    const messages = [
      user('a'),
      assistant(call('c'), call('c')),
      result('c', '1'),
      result('c', '2'),
      assistant(call('c')),
      result('c', '3'),
    ]
    const [first, second, , , third] = ids(messages)
    expect(first).toBe('c')
    expect(ids(messages)).toEqual([first, second, first, second, third, third])
    expect(new Set([first, second, third]).size).toBe(3)
  })

  test.each<[string, ChatMessage[], RegExp]>([
    ['a call without a result', [user('a'), assistant(call('c1')), user('b')], /has no result/],
    ['a call at the end', [user('a'), assistant(call('c1'))], /has no result/],
    ['a result without a call', [user('a'), result('c1', 'b')], /answers no tool call/],
    [
      '#3 arguments that were cut off',
      [user('a'), assistant(call('c1', 'look', '{"a":')), result('c1', 'b')],
      /not JSON/,
    ],
  ])('%s is refused by name', (_, messages, message) => {
    expect(thrownBy(() => encode({ messages }))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(message) as unknown,
      details: { param: 'messages' },
    })
  })
})
