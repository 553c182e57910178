import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packToolCallId } from '../../../../src/core/tool-call-id.ts'
import { decode, messagesOf, refusedPath, USER } from './request.ts'

const text = (value: string) => ({ type: 'text', text: value })
const use = (id: string) => ({ type: 'tool_use', id, name: 'f', input: {} })
const result = (id: string, content?: unknown) => ({
  type: 'tool_result',
  tool_use_id: id,
  ...(content === undefined ? {} : { content }),
})
const says = (...content: unknown[]) => ({ role: 'assistant', content })
const asks = (...content: unknown[]) => ({ role: 'user', content })

const textPart = (value: string) => ({ kind: 'text', text: value })
const call = (id: string) => ({ kind: 'tool-call', id, name: 'f', arguments: '{}' })
const answered = (id: string, ...content: unknown[]) => ({ role: 'tool', callId: id, content })

describe('tools and their results', () => {
  test.each<[string, unknown[], unknown[]]>([
    [
      '#20 results come first, in order, then the rest',
      [USER, says(use('a'), use('b')), asks(text('and?'), result('b', 'B'), result('a', 'A'))],
      [
        { role: 'user', content: [textPart('hi')] },
        { role: 'assistant', content: [call('a'), call('b')] },
        answered('b', textPart('B')),
        answered('a', textPart('A')),
        { role: 'user', content: [textPart('and?')] },
      ],
    ],
    [
      '#20 results in more than one message of the same turn',
      [says(use('a'), use('b')), asks(result('a'), text('x')), asks(result('b'), text('y'))],
      [
        { role: 'assistant', content: [call('a'), call('b')] },
        answered('a'),
        answered('b'),
        { role: 'user', content: [textPart('x')] },
        { role: 'user', content: [textPart('y')] },
      ],
    ],
    [
      'calls in more than one message of the same turn',
      [says(text('x'), use('a')), says(use('b')), asks(result('a'), result('b'))],
      [
        { role: 'assistant', content: [textPart('x'), call('a'), call('b')] },
        answered('a'),
        answered('b'),
      ],
    ],
    [
      'messages of the same role without calls stay apart',
      [USER, says(text('x')), says(text('y')), USER],
      [
        { role: 'user', content: [textPart('hi')] },
        { role: 'assistant', content: [textPart('x')] },
        { role: 'assistant', content: [textPart('y')] },
        { role: 'user', content: [textPart('hi')] },
      ],
    ],
    [
      'the same id in a later turn',
      [says(use('a')), asks(result('a')), says(use('a')), asks(result('a'))],
      [
        { role: 'assistant', content: [call('a')] },
        answered('a'),
        { role: 'assistant', content: [call('a')] },
        answered('a'),
      ],
    ],
    [
      '#24 system anywhere',
      [USER, { role: 'system', content: 'Now.' }, says(text('x')), USER],
      [
        { role: 'user', content: [textPart('hi')] },
        { role: 'system', content: [textPart('Now.')] },
        { role: 'assistant', content: [textPart('x')] },
        { role: 'user', content: [textPart('hi')] },
      ],
    ],
    [
      '#23 assistants that say nothing are left out',
      [USER, says(), says(text('')), { role: 'assistant', content: '' }, USER],
      [
        { role: 'user', content: [textPart('hi')] },
        { role: 'user', content: [textPart('hi')] },
      ],
    ],
    [
      '#23 white space is text',
      [asks(text(' ')), { role: 'assistant', content: 'x \n' }],
      [
        { role: 'user', content: [textPart(' ')] },
        { role: 'assistant', content: [textPart('x \n')] },
      ],
    ],
  ])('%s', (_, messages, expected) => {
    expect(messagesOf(messages)).toEqual(expected)
  })

  test.each<[string, string, unknown[]]>([
    ['a call at the end', 'messages.0.content.1', [says(text('x'), use('a'))]],
    ['a call without a result', 'messages.0.content.0', [says(use('a')), USER]],
    ['one of two', 'messages.0.content.1', [says(use('a'), use('b')), asks(result('a'))]],
    [
      'one of two before the assistant goes on',
      'messages.0.content.1',
      [says(use('a'), use('b')), asks(result('a')), says(text('x'))],
    ],
    [
      'a system message in between',
      'messages.0.content.0',
      [says(use('a')), { role: 'system', content: 'x' }, asks(result('a'))],
    ],
    ['a result without a call', 'messages.1.content.0.tool_use_id', [USER, asks(result('a'))]],
    [
      'a result too late',
      'messages.2.content.0.tool_use_id',
      [says(text('x')), USER, asks(result('a'))],
    ],
    [
      'a second result',
      'messages.1.content.1.tool_use_id',
      [says(use('a')), asks(result('a'), result('a'))],
    ],
    ['an id twice', 'messages.0.content.1.id', [says(use('a'), use('a')), asks(result('a'))]],
    ['an empty id', 'messages.0.content.0.id', [says(use('')), asks(result(''))]],
    ['a user who says nothing', 'messages.0.content', [asks()]],
    ['a user who says an empty text', 'messages.0.content', [{ role: 'user', content: '' }]],
    ['no content', 'messages.0.content', [{ role: 'user' }]],
    ['content of another kind', 'messages.0.content', [{ role: 'assistant', content: 7 }]],
    ['a call of the user', 'messages.0.content.0.type', [asks(use('a'))]],
    ['input that is a string', 'messages.0.content.0.input', [says({ ...use('a'), input: '{}' })]],
    ['no input', 'messages.0.content.0.input', [says({ ...use('a'), input: undefined })]],
    ['no name', 'messages.0.content.0.name', [says({ ...use('a'), name: '' })]],
  ])('refused: %s', (_, path, messages) => {
    expect(refusedPath({ messages })).toBe(path)
  })

  test('#22 ids that were packed on the way out are what they were, in calls and results', () => {
    for (const id of ['functions.get:0', 'a|b', 'kwid_x', 'toolu_01', 'ü']) {
      const packed = packToolCallId({ id })
      const [said, given] = messagesOf([says(use(packed)), asks(result(packed, 'x'))])
      expect(said).toEqual({ role: 'assistant', content: [call(id)] })
      expect(given).toEqual(answered(id, textPart('x')))
    }
  })

  test('a proof that travelled in an id is in the call again', () => {
    const proof = { family: 'gemini', kind: 'signature', value: 'c2ln' } as const
    const packed = packToolCallId({ id: 'call_1', proof })
    const [said, given] = messagesOf([says(use(packed)), asks(result(packed))])
    expect(said).toEqual({ role: 'assistant', content: [{ ...call('call_1'), proof }] })
    expect(given).toEqual(answered('call_1'))
  })
})

describe('tool results', () => {
  test.each<[string, object, object]>([
    ['no content', {}, { content: [] }],
    ['an empty string', { content: '' }, { content: [] }],
    ['an error', { content: 'no', is_error: true }, { content: [textPart('no')], isError: true }],
    ['no error', { is_error: false }, { content: [] }],
    ['#33 marked', { cache_control: { type: 'ephemeral' } }, { content: [], cache: {} }],
    [
      'pictures and documents',
      {
        content: [
          text('see'),
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'D' } },
        ],
      },
      {
        content: [
          textPart('see'),
          { kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
          { kind: 'file', source: { kind: 'text', text: 'D' } },
        ],
      },
    ],
  ])('%s', (_, members, expected) => {
    const messages = [says(use('a')), asks({ ...result('a'), ...members })]
    expect(messagesOf(messages)[1]).toEqual({ role: 'tool', callId: 'a', ...expected })
  })
})

test('#30 a conversation that goes on begins as it did', () => {
  const ids = ['a', 'b', 'c']
  const turn = fc.oneof(
    fc.string({ minLength: 1 }).map((said) => [{ role: 'user', content: said }]),
    fc.string().map((said) => [{ role: 'assistant', content: said }]),
    fc.string({ minLength: 1 }).map((said) => [{ role: 'system', content: said }]),
    fc
      .subarray(ids, { minLength: 1 })
      .chain((called) =>
        fc
          .tuple(fc.shuffledSubarray(called, { minLength: called.length }), fc.string())
          .map(([order, more]) => [
            says({ type: 'thinking', thinking: more, signature: '' }, ...called.map(use)),
            asks(text(more), ...order.map((id) => result(id, more))),
          ]),
      ),
    fc.constant([says(use('a')), says(use('b')), asks(result('b')), asks(result('a'), text('x'))]),
  )
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1 }), turn, (history, more) => {
      const before = messagesOf(history.flat())
      const after = messagesOf([...history.flat(), ...more])
      expect(JSON.stringify(after.slice(0, before.length))).toBe(JSON.stringify(before))
    }),
  )
})

test('a call keeps its input, its mark and nothing that is usual', () => {
  const input = { b: 1, a: [null, { c: 'é"' }] }
  const mark = { cache_control: { type: 'ephemeral' }, caller: { type: 'direct' } }
  const { messages, untranslated } = decode({
    messages: [says({ ...use('a'), input, ...mark }), asks(result('a'))],
  })
  const args = '{"b":1,"a":[null,{"c":"é\\""}]}'
  expect(messages[0]?.content).toEqual([{ ...call('a'), arguments: args, cache: {} }])
  expect(untranslated).toBeUndefined()
})
