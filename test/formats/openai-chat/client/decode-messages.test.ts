import { describe, expect, test } from 'vitest'
import { packToolCallId } from '../../../../src/core/tool-call-id.ts'
import { call, decoded, decodedMessages, fault, faultOf } from './fixtures.ts'

const user = { role: 'user', content: 'hi' }
const ephemeral = { type: 'ephemeral' }
const text = (words: string, more: object = {}): object => ({ kind: 'text', text: words, ...more })
const result = (id: string, content: unknown = 'ok'): { readonly [name: string]: unknown } => ({
  role: 'tool',
  tool_call_id: id,
  content,
})
const calls = (...tool_calls: readonly object[]): { readonly [name: string]: unknown } => ({
  role: 'assistant',
  content: null,
  tool_calls,
})

describe('a message becomes', () => {
  test.each([
    ['a user’s words', user, { role: 'user', content: [text('hi')] }],
    ['with a name', { ...user, name: 'ann' }, { role: 'user', content: [text('hi')], name: 'ann' }],
    [
      'several words',
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: ' ' },
        ],
      },
      { role: 'user', content: [text('a'), text(' ')] },
    ],
    ['instructions', { role: 'system', content: 'be' }, { role: 'system', content: [text('be')] }],
    [
      'instructions of a developer',
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'be' },
          { type: 'text', text: 'so' },
        ],
      },
      { role: 'system', content: [text('be'), text('so')] },
    ],
    [
      'an answer, spaces and all',
      { role: 'assistant', content: ' a \n' },
      { role: 'assistant', content: [text(' a \n')] },
    ],
    [
      'an answer as an SDK gives it back',
      {
        role: 'assistant',
        content: 'a',
        refusal: null,
        annotations: [{ type: 'url_citation', url_citation: {} }],
        audio: null,
        function_call: null,
        tool_calls: [],
        parsed: { a: 1 },
      },
      { role: 'assistant', content: [text('a')] },
    ],
    [
      'an answer in parts, one of which refuses',
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'a', annotations: [{}] },
          { type: 'refusal', refusal: 'b' },
        ],
      },
      { role: 'assistant', content: [text('a'), { kind: 'refusal', text: 'b' }] },
    ],
    [
      'an answer that refuses',
      { role: 'assistant', content: null, refusal: 'no' },
      { role: 'assistant', content: [{ kind: 'refusal', text: 'no' }] },
    ],
  ])('%s', (_, message, expected) => {
    const request = decoded({ messages: [message] })
    expect(request.messages).toEqual([expected])
    expect(request.untranslated).toBeUndefined()
  })

  test('#24 #35 instructions, wherever they stand and however many there are', () => {
    const system = (...words: readonly string[]): object => ({
      role: 'system',
      content: words.map((word) => ({ type: 'text', text: word })),
    })
    expect(
      decoded({
        messages: [system('a', 'b'), { role: 'developer', content: 'c' }, user, system('d'), user],
      }).messages,
    ).toEqual([
      { role: 'system', content: [text('a'), text('b')] },
      { role: 'system', content: [text('c')] },
      { role: 'user', content: [text('hi')] },
      { role: 'system', content: [text('d')] },
      { role: 'user', content: [text('hi')] },
    ])
  })

  test('a note, where it has members that only some know', () => {
    expect(
      decoded({
        messages: [
          { role: 'system', content: 'a', name: 'b' },
          { role: 'assistant', content: 'a', prefix: true },
          { role: 'user', content: [{ type: 'text', text: 'a', 'X Y': 1 }] },
        ],
      }).untranslated,
    ).toEqual([{ parameter: 'name' }, { parameter: 'prefix' }, { parameter: 'messages' }])
  })

  test('a note that refuses, where it was spoken', () => {
    const spoken = { role: 'assistant', content: null, audio: { id: 'audio_1' } }
    expect(decoded({ messages: [user, spoken] }).untranslated).toEqual([
      { parameter: 'messages.1.audio', why: expect.any(String) },
    ])
  })
})

describe('#23 a message that says nothing is skipped:', () => {
  test.each([
    [{ role: 'assistant', content: '' }],
    [{ role: 'assistant', content: null }],
    [{ role: 'assistant' }],
    [{ role: 'assistant', content: [] }],
    [{ role: 'assistant', content: '', refusal: '', tool_calls: [], reasoning_content: '' }],
    [{ role: 'assistant', content: [{ type: 'text', text: '' }] }],
    [{ role: 'user', content: '' }],
    [{ role: 'user', content: [{ type: 'text', text: '' }] }],
    [{ role: 'system', content: '' }],
  ])('%j', (message) => {
    expect(decodedMessages(user, message, user)).toEqual(decodedMessages(user, user))
    expect(faultOf({ messages: [message] })).toMatchObject(fault('messages') as object)
  })

  test('but not an empty result', () => {
    expect(decodedMessages(calls(call('a')), result('a', ''))).toEqual([
      expect.anything(),
      { role: 'tool', callId: 'a', content: [] },
    ])
  })

  test('nor an empty part beside others', () => {
    const content = [
      { type: 'text', text: '' },
      { type: 'text', text: 'a' },
    ]
    expect(decodedMessages({ role: 'user', content })).toEqual([
      { role: 'user', content: [text('a')] },
    ])
  })
})

describe('#33 a mark of the cache stays with its part:', () => {
  const part = (words: string, more: object = {}): object => ({
    type: 'text',
    text: words,
    ...more,
  })

  test('for every part, with its time', () => {
    const content = [
      part('a', { cache_control: ephemeral }),
      part('b'),
      part('c', { cache_control: { ...ephemeral, ttl: '1h' } }),
      part('d', { prompt_cache_breakpoint: { mode: 'explicit' } }),
      part('e', { prompt_cache_breakpoint: { mode: 'explicit', ttl: '12h' } }),
      { type: 'image_url', image_url: { url: 'https://x.example' }, cache_control: ephemeral },
      { type: 'file', file: { file_id: 'f' }, cache_control: ephemeral },
    ]
    const [message] = decodedMessages({ role: 'user', content })
    expect(message?.content.map((one) => ('cache' in one ? one.cache : undefined))).toEqual([
      {},
      undefined,
      { ttl: '1h' },
      { breakpoint: { mode: 'explicit' } },
      { ttl: '1h', breakpoint: { mode: 'explicit', ttl: '12h' } },
      {},
      {},
    ])
  })

  test.each([
    ['system', { role: 'system', content: 'a' }, [text('a', { cache: {} })]],
    [
      'user',
      { role: 'user', content: [part('a'), part('b')] },
      [text('a'), text('b', { cache: {} })],
    ],
    [
      'user, past what cannot bear it',
      {
        role: 'user',
        content: [part('a'), { type: 'input_audio', input_audio: { data: 'UklG', format: 'wav' } }],
      },
      [text('a', { cache: {} }), expect.not.objectContaining({ cache: {} })],
    ],
    [
      'user, whose last part has its own',
      { role: 'user', content: [part('a', { cache_control: { ...ephemeral, ttl: '1h' } })] },
      [text('a', { cache: { ttl: '1h' } })],
    ],
    ['assistant', { role: 'assistant', content: 'a' }, [text('a', { cache: {} })]],
  ])('the whole message of a %s marks its last', (_, message, content) => {
    expect(decodedMessages({ ...message, cache_control: ephemeral })[0]?.content).toEqual(content)
  })

  test('a call, and a result', () => {
    expect(
      decodedMessages(
        calls({ ...call('a'), cache_control: ephemeral }, call('b')),
        { ...result('a'), cache_control: ephemeral },
        result('b', [part('ok', { cache_control: ephemeral })]),
      ),
    ).toEqual([
      {
        role: 'assistant',
        content: [
          expect.objectContaining({ id: 'a', cache: {} }),
          expect.not.objectContaining({ cache: {} }),
        ],
      },
      { role: 'tool', callId: 'a', content: [text('ok')], cache: {} },
      { role: 'tool', callId: 'b', content: [text('ok', { cache: {} })] },
    ])
  })
})

describe('reasoning is given back', () => {
  const proof = (family: string, kind: string, value: string): object => ({
    proof: { family, kind, value },
  })
  const reasoning = (words: string, more: object = {}): object => ({
    kind: 'reasoning',
    text: words,
    ...more,
  })
  const thinking = (words: string, signature?: string): object => ({
    type: 'thinking',
    thinking: words,
    signature,
  })

  test.each([
    ['as text', { reasoning_content: 'hm' }, [reasoning('hm')]],
    ['as text by its other name', { reasoning: 'hm' }, [reasoning('hm')]],
    ['as text by both names', { reasoning_content: 'a', reasoning: 'b' }, [reasoning('a')]],
    [
      '#30 in blocks, in order and to the letter, empty ones too',
      {
        reasoning_content: 'a b',
        thinking_blocks: [
          thinking(' a ', 'sig=='),
          { type: 'redacted_thinking', data: 'xyz' },
          thinking('', 'sig2'),
          thinking('b'),
        ],
      },
      [
        reasoning(' a ', proof('claude', 'signature', 'sig==')),
        reasoning('', proof('claude', 'encrypted', 'xyz')),
        reasoning('', proof('claude', 'signature', 'sig2')),
        reasoning('b'),
      ],
    ],
    [
      'of other families',
      {
        thinking_blocks: [
          thinking('a', 'kwproof.gemini.s'),
          thinking('b'),
          { type: 'redacted_thinking', data: 'kwproof.gpt.e' },
          { type: 'redacted_thinking', data: 'kwproof.gpt.f' },
        ],
      },
      [
        reasoning('a', proof('gemini', 'signature', 's')),
        reasoning('b', proof('gpt', 'encrypted', 'e')),
        reasoning('', proof('gpt', 'encrypted', 'f')),
      ],
    ],
    [
      'without Claude’s encrypted blocks becoming proofs of others',
      { thinking_blocks: [thinking('a'), { type: 'redacted_thinking', data: 'xyz' }] },
      [reasoning('a'), reasoning('', proof('claude', 'encrypted', 'xyz'))],
    ],
    ['in blocks without a proof', { thinking_blocks: [thinking('a', '')] }, [reasoning('a')]],
    ['in no blocks', { reasoning_content: 'a', thinking_blocks: [] }, [reasoning('a')]],
    [
      'without a signature whose text was lost on the way',
      {
        reasoning_content: 'twice.',
        thinking_blocks: [{ index: 0, ...thinking('', 'sig') }],
      },
      [reasoning('twice.')],
    ],
    [
      'without signed text that is not what was shown',
      {
        reasoning_content: 'I think so.',
        thinking_blocks: [thinking('I think', 'sig'), { type: 'redacted_thinking', data: 'xyz' }],
      },
      [reasoning('I think so.')],
    ],
    [
      'without blocks of which the first is missing',
      { thinking_blocks: [{ index: 1, ...thinking('', 'sig') }] },
      [],
    ],
    [
      'in blocks that all are at their places',
      {
        thinking_blocks: [
          { index: 0, ...thinking('', 's') },
          { index: 1, ...thinking('', 't') },
        ],
      },
      [
        reasoning('', proof('claude', 'signature', 's')),
        reasoning('', proof('claude', 'signature', 't')),
      ],
    ],
    [
      'encrypted as a whole, whatever is left of the text that sums it up',
      {
        reasoning_content: 'twice.',
        thinking_blocks: [{ index: 1, type: 'redacted_thinking', data: 'kwproof.gpt.e' }],
      },
      [reasoning('', proof('gpt', 'encrypted', 'e'))],
    ],
  ])('%s', (_, members, expected) => {
    const message = { role: 'assistant', content: 'so', ...members }
    const request = decoded({ messages: [message] })
    expect(request.messages[0]?.content).toEqual([...expected, text('so')])
    expect(request.untranslated).toBeUndefined()
  })

  test('even where nothing else was said', () => {
    expect(decodedMessages({ role: 'assistant', content: '', reasoning_content: 'hm' })).toEqual([
      { role: 'assistant', content: [reasoning('hm')] },
    ])
  })
})

describe('tool calls and their results', () => {
  test('come after words, in their order', () => {
    const message = { ...calls(call('a', 'get', '{"x": 1}'), call('b', 'set', '')), content: 'so' }
    expect(decodedMessages(user, message, result('b'), result('a'))).toEqual([
      { role: 'user', content: [text('hi')] },
      {
        role: 'assistant',
        content: [
          text('so'),
          { kind: 'tool-call', id: 'a', name: 'get', arguments: '{"x": 1}' },
          { kind: 'tool-call', id: 'b', name: 'set', arguments: '{}' },
        ],
      },
      { role: 'tool', callId: 'b', content: [text('ok')] },
      { role: 'tool', callId: 'a', content: [text('ok')] },
    ])
  })

  test.each([[undefined], [null], [''], [[]]])(
    'come without words, content being %j',
    (content) => {
      const message = { ...calls(call('a')), content }
      expect(decodedMessages(message, result('a'))[0]?.content).toEqual([
        { kind: 'tool-call', id: 'a', name: 'get', arguments: '{}' },
      ])
    },
  )

  test('may be of tools that take text', () => {
    const custom = { id: 'a', type: 'custom', custom: { name: 'patch', input: 'a "b"\n' } }
    expect(decodedMessages(calls(custom), result('a'))[0]?.content).toEqual([
      { kind: 'tool-call', id: 'a', name: 'patch', arguments: '{"input":"a \\"b\\"\\n"}' },
    ])
  })

  test('may be without a type, and results with a name', () => {
    const { type: _, ...untyped } = call('a')
    const request = decoded({ messages: [calls(untyped), { ...result('a'), name: 'get' }] })
    expect(request.messages).toHaveLength(2)
    expect(request.untranslated).toBeUndefined()
  })

  test('may show pictures', () => {
    const content = [
      { type: 'text', text: 'a' },
      { type: 'image_url', image_url: { url: 'https://x.example' } },
    ]
    expect(decodedMessages(calls(call('a')), result('a', content))[1]?.content).toEqual([
      text('a'),
      { kind: 'image', source: { kind: 'url', url: 'https://x.example' } },
    ])
  })

  test.each([['functions.get:0'], ['a|b'], ['call_1'], ['é'], ['kwid_x']])(
    '#22 have the id that the provider gave, %s, on both sides',
    (id) => {
      const proof = { family: 'gemini', kind: 'signature', value: 'c2ln+/=' } as const
      for (const packed of [packToolCallId({ id }), packToolCallId({ id, proof })]) {
        expect(packed).toMatch(/^[a-zA-Z0-9_-]+$/)
        expect(decodedMessages(calls(call(packed)), result(packed))).toEqual([
          {
            role: 'assistant',
            content: [
              {
                kind: 'tool-call',
                id,
                name: 'get',
                arguments: '{}',
                ...(packed.includes('__thought__') ? { proof } : {}),
              },
            ],
          },
          { role: 'tool', callId: id, content: [text('ok')] },
        ])
      }
    },
  )

  test('may use an id again in another turn', () => {
    const turn = [calls(call('a')), result('a')]
    expect(decodedMessages(...turn, ...turn)).toHaveLength(4)
  })

  test('are not parted by a message that says nothing', () => {
    const nothing = { role: 'assistant', content: '' }
    expect(decodedMessages(calls(call('a')), nothing, result('a'))).toHaveLength(2)
  })
})

describe('what a conversation becomes', () => {
  test('#30 does not change when it goes on', () => {
    const conversation = [
      { role: 'system', content: 'be' },
      user,
      { ...calls(call('a'), call('b')), reasoning_content: 'hm' },
      result('b'),
      result('a'),
      { role: 'assistant', content: '' },
      { role: 'assistant', content: 'so', cache_control: ephemeral },
      { role: 'developer', content: 'be otherwise' },
      user,
    ]
    const whole = decodedMessages(...conversation)
    for (const length of [2, 5, 6, 7, 8, 9]) {
      const part = decodedMessages(...conversation.slice(0, length))
      expect(whole.slice(0, part.length)).toEqual(part)
    }
  })
})

describe('is refused, naming the field:', () => {
  test.each([
    ['messages.0.role', [{ content: 'a' }]],
    ['messages.0.role', [{ role: 'function', name: 'a', content: 'b' }]],
    ['messages.0.content', [{ role: 'user' }]],
    ['messages.0.content', [{ role: 'user', content: null }]],
    ['messages.0.content', [{ role: 'user', content: { type: 'text', text: 'a' } }]],
    ['messages.0.content.0', [{ role: 'user', content: ['a'] }]],
    ['messages.1.name', [user, { ...user, name: 7 }]],
    ['messages.0.content', [{ role: 'system' }]],
    [
      'messages.0.content.1.type',
      [{ role: 'system', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }] }],
    ],
    ['messages.0.content.0.type', [{ role: 'assistant', content: [{ type: 'image_url' }] }]],
    ['messages.0.content.0.refusal', [{ role: 'assistant', content: [{ type: 'refusal' }] }]],
    ['messages.0.refusal', [{ role: 'assistant', refusal: true }]],
    ['messages.0.function_call', [{ role: 'assistant', function_call: { name: 'a' } }]],
    ['messages.0.reasoning_content', [{ role: 'assistant', reasoning_content: {} }]],
    ['messages.0.reasoning', [{ role: 'assistant', reasoning: [] }]],
    ['messages.0.thinking_blocks', [{ role: 'assistant', thinking_blocks: 'hm' }]],
    ['messages.0.thinking_blocks.0.type', [{ role: 'assistant', thinking_blocks: [{}] }]],
    [
      'messages.0.thinking_blocks.0.thinking',
      [{ role: 'assistant', thinking_blocks: [{ type: 'thinking' }] }],
    ],
    [
      'messages.0.thinking_blocks.0.data',
      [{ role: 'assistant', thinking_blocks: [{ type: 'redacted_thinking' }] }],
    ],
    ['messages.0.tool_calls', [{ role: 'assistant', tool_calls: {} }]],
    ['messages.0.tool_calls.0.id', [calls({ ...call('a'), id: undefined })]],
    ['messages.0.tool_calls.0.id', [calls(call(''))]],
    ['messages.0.tool_calls.0.type', [calls({ ...call('a'), type: 'mcp' })]],
    ['messages.0.tool_calls.0.function', [calls({ id: 'a' })]],
    ['messages.0.tool_calls.0.function.name', [calls({ id: 'a', function: { arguments: '' } })]],
    ['messages.0.tool_calls.0.function.arguments', [calls({ id: 'a', function: { name: 'a' } })]],
    [
      'messages.0.tool_calls.0.function.arguments',
      [calls({ id: 'a', function: { name: 'a', arguments: {} } })],
    ],
    [
      'messages.1.tool_calls.1.function.arguments',
      [user, calls(call('a'), call('b', 'x', '{"a":'))],
    ],
    ['messages.0.tool_calls.0.custom', [calls({ id: 'a', type: 'custom' })]],
    [
      'messages.0.tool_calls.0.custom.input',
      [calls({ id: 'a', type: 'custom', custom: { name: 'a' } })],
    ],
    ['messages.0.tool_calls.1.id', [calls(call('a'), call('a')), result('a')]],
    // Calls without results, and results without calls.
    ['messages.1.tool_calls.0', [user, calls(call('a'))]],
    ['messages.0.tool_calls.1', [calls(call('a'), call('b')), result('a')]],
    ['messages.0.tool_calls.1', [calls(call('a'), call('b')), result('a'), user, result('b')]],
    ['messages.0.tool_calls.0', [calls(call('a')), { role: 'system', content: 'b' }, result('a')]],
    ['messages.0.tool_calls.0', [calls(call('a')), calls(call('b')), result('a'), result('b')]],
    ['messages.0.tool_call_id', [result('a')]],
    ['messages.1.tool_call_id', [user, { role: 'tool', content: 'a' }]],
    ['messages.1.tool_call_id', [user, result('')]],
    ['messages.1.tool_call_id', [calls(call('a')), result('b')]],
    ['messages.2.tool_call_id', [calls(call('a')), result('a'), result('a')]],
    ['messages.3.tool_call_id', [calls(call('a')), result('a'), user, result('a')]],
    ['messages.1.content', [calls(call('a')), { ...result('a'), content: null }]],
    ['messages.0.cache_control', [{ ...user, cache_control: true }]],
    [
      'messages.0.content.0.cache_control.ttl',
      [
        {
          role: 'user',
          content: [{ type: 'text', text: 'a', cache_control: { ...ephemeral, ttl: '1d' } }],
        },
      ],
    ],
    [
      'messages.0.content.0.prompt_cache_breakpoint',
      [{ role: 'user', content: [{ type: 'text', text: 'a', prompt_cache_breakpoint: 'here' }] }],
    ],
  ])('%s in %j', (param, messages) => {
    expect(faultOf({ messages })).toMatchObject(fault(param) as object)
  })
})

test('content of the wrong kind is told both kinds that are right', () => {
  expect(faultOf({ messages: [{ role: 'user', content: 7 }] })).toMatchObject({
    message: 'messages.0.content must be a string or a list of parts.',
  })
})
