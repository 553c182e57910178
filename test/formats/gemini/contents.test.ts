import { describe, expect, test } from 'vitest'
import type { AssistantPart, ChatMessage } from '../../../src/core/chat.ts'
import { GatewayError } from '../../../src/core/errors.ts'
import { thrownBy } from '../../thrown-by.ts'
import { NO_SIGNATURE as SKIP } from '../../upstreams/dialects/gemini-signature.ts'
import {
  assistant,
  call,
  contentsOf,
  encode,
  proof,
  result,
  said,
  system,
  user,
} from './fixtures.ts'

const OLD = 'gemini-2.5-flash'

const model = (...parts: object[]) => ({ role: 'model', parts })
const asUser = (...parts: object[]) => ({ role: 'user', parts })

describe('instructions', () => {
  test('#35 all parts of all leading system messages are the system instruction', () => {
    const { body } = encode({ messages: [system('a', 'b'), system('c'), user('hi')] })
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] })
    expect(body.contents).toEqual([asUser({ text: 'hi' })])
  })

  test('#24 later ones keep their place, as words of the user', () => {
    const messages = [user('hi'), assistant(said('yes')), system('be', 'short'), user('go on')]
    expect(contentsOf({ messages }).at(-1)).toEqual(
      asUser({ text: '<system>\nbe\n\nshort\n</system>' }, { text: 'go on' }),
    )
  })

  test('there is none where nobody gives any, nor an empty one', () => {
    expect(encode({ messages: [system(''), user('hi')] }).body).toEqual({
      contents: [asUser({ text: 'hi' })],
    })
  })

  test('a conversation without a word of the user begins with the last of them', () => {
    const { body } = encode({ messages: [system('a'), system('b')] })
    expect(body.systemInstruction).toEqual({ parts: [{ text: 'a' }] })
    expect(body.contents).toEqual([asUser({ text: '<system>\nb\n</system>' })])
  })
})

describe('turns', () => {
  test('what one side says in several messages is one content', () => {
    const messages = [user('a'), user('b'), assistant(said('c')), assistant(said('d')), user('e')]
    expect(contentsOf({ messages })).toEqual([
      asUser({ text: 'a' }, { text: 'b' }),
      model({ text: 'c' }, { text: 'd' }),
      asUser({ text: 'e' }),
    ])
  })

  test('#23 an assistant that says nothing is left out', () => {
    const messages = [user('a'), assistant(), assistant(said('')), user('b')]
    expect(contentsOf({ messages })).toEqual([asUser({ text: 'a' }, { text: 'b' })])
  })

  test('refusals are text', () => {
    const messages = [user('a'), assistant({ kind: 'refusal', text: 'No.' }), user('b')]
    expect(contentsOf({ messages })[1]).toEqual(model({ text: 'No.' }))
  })

  test('the last word must not be that of the assistant; a lenient caller has it left out', () => {
    const messages = [user('a'), assistant(said('{'))]
    expect(thrownBy(() => encode({ messages }))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'messages' },
    })
    const { body, warnings } = encode({ messages }, undefined, 'lenient')
    expect(body.contents).toEqual([asUser({ text: 'a' })])
    expect(warnings).toEqual(['messages:dropped'])
  })

  test.each([[[]], [[user('')]], [[assistant(said('a'))]]])('%j says nothing', (messages) => {
    expect(thrownBy(() => encode({ messages }, undefined, 'lenient'))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'messages' },
    })
  })
})

describe('calls and results', () => {
  const calls = assistant(call('a', 'look', '{"at":1}', 'U0E='), call('b', 'look', '{"at":2}'))
  const responses = (before: object, after: object) => [
    { functionResponse: { id: 'a', name: 'look', response: before } },
    { functionResponse: { id: 'b', name: 'look', response: after } },
  ]

  test('#21 all results of a turn are one content, in the order of the calls, names twice or not', () => {
    const messages = [user('x'), calls, result('b', 'second'), result('a', 'first')]
    expect(contentsOf({ messages })).toEqual([
      asUser({ text: 'x' }),
      model(
        { functionCall: { id: 'a', name: 'look', args: { at: 1 } }, thoughtSignature: 'U0E=' },
        { functionCall: { id: 'b', name: 'look', args: { at: 2 } } },
      ),
      asUser(...responses({ output: 'first' }, { output: 'second' })),
    ])
  })

  test('calls of one id are answered in order', () => {
    const twice = assistant(call('a', 'one'), call('a', 'two'))
    const messages = [user('x'), twice, result('a', 'first'), result('a', 'second')]
    expect(contentsOf({ messages }, OLD).at(-1)).toEqual(
      asUser(
        { functionResponse: { name: 'one', response: { output: 'first' } } },
        { functionResponse: { name: 'two', response: { output: 'second' } } },
      ),
    )
  })

  test('#20 results come first, and what the user says along with them behind', () => {
    const messages = [user('x'), calls, system('s'), result('a', '1'), user('u'), result('b', '2')]
    expect(contentsOf({ messages }).at(-1)).toEqual(
      asUser(
        ...responses({ output: '1' }, { output: '2' }),
        { text: '<system>\ns\n</system>' },
        { text: 'u' },
      ),
    )
  })

  test('an error is one, and results stay the text that they are', () => {
    const messages = [user('x'), calls, result('a', '{"n":1.0}'), result('b', 'bad', true)]
    expect(contentsOf({ messages }).at(-1)).toEqual(
      asUser(...responses({ output: '{"n":1.0}' }, { error: 'bad' })),
    )
  })

  test('#22 ids of all kinds come and go as they are, where the model knows ids', () => {
    const messages = [
      user('x'),
      assistant(call('functions.look:0|é')),
      result('functions.look:0|é', '1'),
    ]
    const [, spoken, answered] = contentsOf({ messages })
    expect(spoken?.parts[0]?.functionCall?.id).toBe('functions.look:0|é')
    expect(answered?.parts[0]?.functionResponse?.id).toBe('functions.look:0|é')
    expect(JSON.stringify(contentsOf({ messages }, OLD))).not.toContain('"id"')
  })

  test.each<[string, readonly ChatMessage[]]>([
    ['a call without a result', [user('x'), calls, result('a', '1')]],
    [
      'a call without a result, and more',
      [user('x'), calls, result('a', '1'), assistant(said('y')), user('z')],
    ],
    ['a result without a call', [user('x'), result('a', '1')]],
    [
      'a result of an earlier turn',
      [
        user('x'),
        calls,
        result('a', '1'),
        result('b', '2'),
        assistant(said('y')),
        result('a', '3'),
      ],
    ],
    [
      'one result too many',
      [user('x'), calls, result('a', '1'), result('b', '2'), result('b', '2')],
    ],
    [
      'arguments that are no JSON',
      [user('x'), assistant(call('a', 'look', '{"at":')), result('a', '1')],
    ],
  ])('%s is refused', (_, messages) => {
    const error = thrownBy(() => encode({ messages }))
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ code: 'invalid_request', details: { param: 'messages' } })
  })

  test.each([
    ['', {}],
    [' ', {}],
    ['[1]', { value: [1] }],
    ['"a"', { value: 'a' }],
    ['null', { value: null }],
    ['{"__proto__":1}', JSON.parse('{"__proto__":1}') as object],
  ])('arguments %j are an object', (args, expected) => {
    const messages = [user('x'), assistant(call('a', 'look', args)), result('a', '1')]
    expect(contentsOf({ messages })[1]?.parts[0]?.functionCall?.args).toEqual(expected)
  })
})

describe('#31 signatures', () => {
  const history = (...content: readonly AssistantPart[]) => [
    user('x'),
    assistant(...content),
    ...content.flatMap((part) => (part.kind === 'tool-call' ? [result(part.id, '1')] : [])),
  ]
  const signaturesOf = (messages: readonly ChatMessage[], of?: string) =>
    contentsOf({ messages }, of).flatMap(({ role, parts }) =>
      role === 'model' ? [parts.map((part) => part.thoughtSignature)] : [],
    )

  test('the first call of each step that lacks one says so, and no other', () => {
    const messages = [
      ...history(call('a'), call('b')),
      ...history(call('c')).slice(1),
      ...history(call('d', 'look', '{}', 'U0E='), call('e')),
    ]
    expect(signaturesOf(messages)).toEqual([[SKIP, undefined], [SKIP], ['U0E=', undefined]])
  })

  test('text in front of calls, and a signature on the second of them, make no difference', () => {
    const messages = history(said('Well.'), call('a'), call('b', 'look', '{}', 'U0I='))
    expect(signaturesOf(messages)).toEqual([[undefined, SKIP, 'U0I=']])
  })

  test('older models are told nothing, but get their own back', () => {
    const messages = history(call('a'), call('b', 'look', '{}', 'U0I='))
    expect(signaturesOf(messages, OLD)).toEqual([[undefined, 'U0I=']])
  })

  test('proofs of other families are no signatures', () => {
    const other = {
      ...call('a'),
      proof: { family: 'gpt', kind: 'signature', value: 'eA==' },
    } as const
    const thought = {
      kind: 'reasoning',
      text: 'Hm.',
      proof: { family: 'claude', kind: 'signature', value: 'eA==' },
    } as const
    expect(contentsOf({ messages: history(thought, other) })[1]).toEqual(
      model({ functionCall: { id: 'a', name: 'look', args: {} }, thoughtSignature: SKIP }),
    )
  })

  const bare = { kind: 'reasoning', text: '', proof: proof('UzE=') } as const
  const second = { kind: 'reasoning', text: '', proof: proof('UzI=') } as const
  const thought = { kind: 'reasoning', text: 'Hm.', proof: proof('UzE=') } as const
  const unproven = { kind: 'reasoning', text: 'Hm.' } as const

  test.each<[string, readonly AssistantPart[], object[]]>([
    ['behind a text', [said('a'), bare], [{ text: 'a', thoughtSignature: 'UzE=' }]],
    ['in front of a text', [bare, said('a')], [{ text: 'a', thoughtSignature: 'UzE=' }]],
    [
      'behind an unproven thought',
      [unproven, bare, said('a')],
      [{ text: 'a', thoughtSignature: 'UzE=' }],
    ],
    [
      'between texts',
      [said('a'), bare, said('b')],
      [{ text: 'a', thoughtSignature: 'UzE=' }, { text: 'b' }],
    ],
    ['alone', [bare], [{ text: '', thoughtSignature: 'UzE=' }]],
    [
      'beside another one',
      [bare, second, said('a')],
      [
        { text: '', thoughtSignature: 'UzE=' },
        { text: 'a', thoughtSignature: 'UzI=' },
      ],
    ],
    [
      'behind a text that has one',
      [said('a'), bare, second],
      [
        { text: 'a', thoughtSignature: 'UzE=' },
        { text: '', thoughtSignature: 'UzI=' },
      ],
    ],
    [
      'of a thought',
      [thought, said('a')],
      [{ text: 'Hm.', thought: true, thoughtSignature: 'UzE=' }, { text: 'a' }],
    ],
    [
      'in front of a call',
      [bare, call('a', 'look', '{}', 'UzI=')],
      [
        { text: '', thoughtSignature: 'UzE=' },
        { functionCall: { id: 'a', name: 'look', args: {} }, thoughtSignature: 'UzI=' },
      ],
    ],
  ])('one %s goes onto a part', (_, content, parts) => {
    const messages = [...history(...content), user('y')]
    expect(contentsOf({ messages })[1]).toEqual(model(...parts))
  })
})

describe('media', () => {
  const png = { kind: 'data', mediaType: 'image/png', data: 'aWNvbg==' } as const
  const pdf = { kind: 'data', mediaType: 'application/pdf', data: 'JVBERg==' } as const
  const partsOf = (content: Extract<ChatMessage, { role: 'user' }>['content'], of?: string) =>
    contentsOf({ messages: [{ role: 'user', content }] }, of)[0]?.parts

  test('data goes with the request', () => {
    expect(
      partsOf([
        { kind: 'image', source: png },
        { kind: 'file', source: pdf, name: 'a.pdf' },
        { kind: 'audio', data: 'UklGRg==', format: 'wav' },
        { kind: 'file', source: { kind: 'text', text: 'é' } },
      ]),
    ).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'aWNvbg==' } },
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERg==' } },
      { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } },
      { inlineData: { mimeType: 'text/plain', data: 'w6k=' } },
    ])
  })

  test.each([
    ['image', 'https://example.com/a.png', 'image/png'],
    ['image', 'https://example.com/a.JPG?size=1', 'image/jpeg'],
    ['image', 'https://example.com/a', 'image/jpeg'],
    ['image', 'gs://bucket/film.mp4', 'video/mp4'],
    ['file', 'https://example.com/get?name=report.pdf', 'application/pdf'],
    ['file', 'https://example.com/notes.txt#top', 'text/plain'],
    ['file', 'gs://bucket/report', 'application/pdf'],
    ['file', 'gs://bucket/song.mp3', 'audio/mpeg'],
  ] as const)('#36 the type of the %s at %s is told: %s', (kind, url, mimeType) => {
    expect(partsOf([{ kind, source: { kind: 'url', url } }])).toEqual([
      { fileData: { mimeType, fileUri: url } },
    ])
  })

  test.each([
    ['gemini-1.5-pro', { kind: 'url', url: 'https://example.com/a.png' }],
    ['gemini-3.7-flash', { kind: 'url', url: 's3://bucket/a.png' }],
    ['gemini-3.7-flash', { kind: 'file', id: 'file-1' }],
  ] as const)('%s does not get at %j', (of, from) => {
    const content = [said('Look:'), { kind: 'image', source: from }] as const
    const messages = [{ role: 'user', content }] as const
    expect(thrownBy(() => encode({ messages }, of))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'image' },
    })
    expect(encode({ messages }, of, 'lenient').body.contents).toEqual([asUser({ text: 'Look:' })])
  })

  test('images in results stand in the response, and sound follows it; with older models all follow', () => {
    const messages: readonly ChatMessage[] = [
      user('x'),
      assistant(call('a')),
      {
        role: 'tool',
        callId: 'a',
        content: [
          { kind: 'image', source: png },
          { kind: 'audio', data: 'UklGRg==', format: 'wav' },
        ],
      },
      user('y'),
    ]
    const image = { inlineData: { mimeType: 'image/png', data: 'aWNvbg==' } }
    const sound = { inlineData: { mimeType: 'audio/wav', data: 'UklGRg==' } }
    const response = { name: 'look', response: { output: 'The result is attached.' } }
    expect(contentsOf({ messages }).at(-1)).toEqual(
      asUser({ functionResponse: { id: 'a', ...response, parts: [image] } }, sound, { text: 'y' }),
    )
    expect(contentsOf({ messages }, OLD).at(-1)).toEqual(
      asUser({ functionResponse: response }, image, sound, { text: 'y' }),
    )
  })
})
