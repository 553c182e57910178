import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import { thrownBy } from '../../../thrown-by.ts'
import {
  assistant,
  call,
  calling,
  encode,
  NEWEST,
  OLD,
  result,
  system,
  text,
  user,
} from './claude.ts'

const said = (words: string) => ({ type: 'text', text: words })
const used = (id: string, input: object = {}) => ({ type: 'tool_use', id, name: 'look', input })
const got = (id: string, ...words: string[]) => ({
  type: 'tool_result',
  tool_use_id: id,
  ...(words.length > 0 && { content: words.map(said) }),
})
const turnsOf = (...messages: Parameters<typeof encode>[0]['messages'] & {}) =>
  encode({ messages }).body['messages']

describe('instructions', () => {
  test('at the head are system blocks, one for each part', () => {
    const { body } = encode({
      messages: [system('Be kind.', 'Be brief.'), system(' '), system('Now.'), user('Hi')],
    })
    expect(body['system']).toEqual([said('Be kind.'), said('Be brief.'), said('Now.')])
    expect(body['messages']).toEqual([{ role: 'user', content: [said('Hi')] }])
  })

  test('amid the conversation keep their place as words of the user', () => {
    expect(turnsOf(user('Hi'), system('Be', 'brief.'), assistant('Ok'), system('Now.'))).toEqual([
      { role: 'user', content: [said('Hi'), said('<system>\nBe\n\nbrief.\n</system>')] },
      { role: 'assistant', content: [said('Ok')] },
      { role: 'user', content: [said('<system>\nNow.\n</system>')] },
    ])
  })

  test('alone are nothing to answer', () => {
    expect(thrownBy(() => encode({ messages: [system('Be brief.')] }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'messages' },
    })
  })
})

describe('turns', () => {
  test('of one side are one', () => {
    expect(turnsOf(user('a'), user('b', 'c'), assistant('d'), assistant('e'), user('f'))).toEqual([
      { role: 'user', content: ['a', 'b', 'c'].map(said) },
      { role: 'assistant', content: ['d', 'e'].map(said) },
      { role: 'user', content: [said('f')] },
    ])
  })

  test('#20 tool results come first, then what else was said', () => {
    expect(
      turnsOf(user('a'), calling('x'), user('b'), result('x', 'r'), system('s'), user('c')),
    ).toEqual([
      { role: 'user', content: [said('a')] },
      { role: 'assistant', content: [used('x')] },
      {
        role: 'user',
        content: [got('x', 'r'), said('b'), said('<system>\ns\n</system>'), said('c')],
      },
    ])
  })

  test('#21 parallel results are in one turn, in the order of the calls, whatever the tools are called', () => {
    expect(
      turnsOf(
        user('a'),
        calling('x', 'y', 'z'),
        result('z', '3'),
        result('x', '1'),
        result('y', '2'),
      )[2],
    ).toEqual({ role: 'user', content: [got('x', '1'), got('y', '2'), got('z', '3')] })
  })

  test('#23 that say nothing are left out', () => {
    expect(
      turnsOf(
        user('a', ''),
        assistant(''),
        assistant(' \n'),
        user(' '),
        assistant('b '),
        user('c'),
      ),
    ).toEqual([
      { role: 'user', content: [said('a')] },
      { role: 'assistant', content: [said('b ')] },
      { role: 'user', content: [said('c')] },
    ])
    expect(turnsOf(user('a'), assistant(''), user('b'))).toEqual([
      { role: 'user', content: [said('a'), said('b')] },
    ])
  })

  test('#23 a call without words has no text block', () => {
    const message = { role: 'assistant', content: [text(''), call('x')] } as const
    expect(turnsOf(user('a'), message, result('x', 'r'))[1].content).toEqual([used('x')])
  })

  test('a refusal is text', () => {
    const refusal = { role: 'assistant', content: [{ kind: 'refusal', text: 'No.' }] } as const
    expect(turnsOf(user('a'), refusal, user('b'))[1].content).toEqual([said('No.')])
  })

  test('the name of a user is reported', () => {
    const named = { role: 'user', content: [text('a')], name: 'Ann' } as const
    expect(encode({ messages: [named] }).warnings).toEqual(['name:dropped'])
  })
})

describe('the beginning of an answer', () => {
  const messages = [user('a'), assistant('The answer is \n')]

  test('#23 loses the white space at its end where the model goes on with it', () => {
    expect(encode({ messages }, { model: OLD }).body['messages'][1].content).toEqual([
      said('The answer is'),
    ])
  })

  test('is refused where the model does not', () => {
    expect(thrownBy(() => encode({ messages }, { model: NEWEST }))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'messages' },
    })
    const lenient = encode({ messages }, { model: NEWEST, mode: 'lenient' })
    expect(lenient.body['messages']).toEqual([{ role: 'user', content: [said('a')] }])
    expect(lenient.warnings).toEqual(['messages:dropped'])
  })

  test('is not refused where there is nothing in it', () => {
    expect(
      encode({ messages: [user('a'), assistant(' ')] }, { model: NEWEST }).body['messages'],
    ).toEqual([{ role: 'user', content: [said('a')] }])
  })
})

describe('#22 ids of calls', () => {
  test.each(['functions.get:0', 'a|b', '', 'a'.repeat(100), 'größe', 'call_1__thought__x'])(
    '%j becomes one that Claude takes, the same for the call and its result',
    (id) => {
      const [, { content: calls }, { content: results }] = turnsOf(
        user('a'),
        calling(id),
        result(id, 'r'),
      )
      expect(calls[0].id).toMatch(/^[a-zA-Z0-9_-]+$/)
      expect(results[0].tool_use_id).toBe(calls[0].id)
    },
  )

  test('that are plain stay', () => {
    expect(
      turnsOf(user('a'), calling('toolu_01A-b'), result('toolu_01A-b', 'r'))[1].content[0].id,
    ).toBe('toolu_01A-b')
  })

  test('#31 leave the proofs of other providers behind', () => {
    const proof = { family: 'gemini', kind: 'signature', value: 's' } as const
    const message = { role: 'assistant', content: [{ ...call('x'), proof }] } as const
    expect(turnsOf(user('a'), message, result('x', 'r'))[1].content).toEqual([used('x')])
  })

  test('that differ stay different', () => {
    const ids = ['a.b', 'a:b', 'a|b', 'a_b', '', ' ']
    const [, { content }] = turnsOf(user('a'), calling(...ids), ...ids.map((id) => result(id, id)))
    expect(new Set(content.map(({ id }: { id: string }) => id)).size).toBe(ids.length)
  })

  test('that come again are told apart, and keep their results', () => {
    const turns = turnsOf(
      user('a'),
      calling('x', 'x'),
      result('x', '1'),
      result('x', '2'),
      calling('x'),
      result('x', '3'),
    )
    const [first, second, third] = [
      turns[1].content[0].id,
      turns[1].content[1].id,
      turns[3].content[0].id,
    ]
    expect(new Set([first, second, third]).size).toBe(3)
    expect(turns[2].content).toEqual([got(first, '1'), got(second, '2')])
    expect(turns[4].content).toEqual([got(third, '3')])
  })
})

describe('calls and their results', () => {
  test.each([
    ['without a result', [user('a'), calling('x'), user('b')]],
    ['without a result at the end', [user('a'), calling('x')]],
    ['of which one is without a result', [user('a'), calling('x', 'y'), result('x', 'r')]],
    ['with a result too many', [user('a'), calling('x'), result('x', 'r'), result('x', 'r')]],
    [
      'with a result that comes late',
      [user('a'), calling('x'), user('b'), assistant('c'), result('x', 'r')],
    ],
    ['with a result of another call', [user('a'), calling('x'), result('y', 'r')]],
  ])('%s are refused', (_, messages) => {
    expect(thrownBy(() => encode({ messages }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'messages' },
    })
  })

  test.each([
    ['', {}],
    [' ', {}],
    ['{}', {}],
    ['{"a":{"__proto__":1}}', JSON.parse('{"a":{"__proto__":1}}')],
  ])('arguments %j are the input %j', (args, input) => {
    const message = { role: 'assistant', content: [call('x', args)] } as const
    const turns = turnsOf(user('a'), message, result('x', 'r'))
    expect(JSON.stringify(turns[1].content[0].input)).toBe(JSON.stringify(input))
  })

  test.each(['{"a":', '[1]', '"a"', '1', 'null'])(
    'arguments %j are refused, naming the call',
    (args) => {
      const message = { role: 'assistant', content: [call('call_7', args)] } as const
      const error = thrownBy(() =>
        encode({ messages: [user('a'), message, result('call_7', 'r')] }),
      )
      expect(error).toBeInstanceOf(GatewayError)
      expect(error).toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('call_7'),
      })
    },
  )

  test('a tool that said nothing has said nothing', () => {
    expect(turnsOf(user('a'), calling('x'), result('x', ''))[2].content).toEqual([got('x')])
  })

  test('a tool that failed has said so', () => {
    const failed = {
      role: 'tool',
      callId: 'x',
      content: [text('No such file')],
      isError: true,
    } as const
    expect(turnsOf(user('a'), calling('x'), failed)[2].content).toEqual([
      { ...got('x', 'No such file'), is_error: true },
    ])
    const silent = { ...failed, content: [] }
    expect(turnsOf(user('a'), calling('x'), silent)[2].content).toEqual([
      { ...got('x', 'The tool failed.'), is_error: true },
    ])
  })
})
