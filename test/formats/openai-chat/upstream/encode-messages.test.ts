import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AssistantPart, ChatMessage, UserPart } from '../../../../src/core/chat.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { openAiChatProfile } from '../../../../src/providers/models/openai.ts'
import { privateChatProfile } from '../../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { zaiChatProfile } from '../../../../src/providers/models/zai.ts'
import {
  type WireMessage,
  assistant,
  calls,
  encode,
  plain,
  requestOf,
  result,
  system,
  user,
} from './support.ts'

const gpt6 = openAiChatProfile('gpt-6-sol')
const mistral = mistralChatProfile('mistral-large-4-0')
const deepseek = deepseekChatProfile('deepseek-v4-pro')
const glm = zaiChatProfile('glm-5.3')
const grok = xaiChatProfile('grok-4.7')
const own = privateChatProfile({})

const messages = (list: readonly ChatMessage[], profile = plain) =>
  encode({ messages: list }, profile).body.messages

describe('turns', () => {
  test('are said in the words of the dialect', () => {
    expect(messages([system('be kind'), user('hi'), assistant('hello'), user('bye')])).toEqual([
      { role: 'system', content: 'be kind' },
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'hello' },
      { role: 'user', content: 'bye' },
    ])
  })

  test('calls have no content where nothing was said, and stand beside what was', () => {
    const both: AssistantPart[] = [
      { kind: 'text', text: 'I look.' },
      { kind: 'tool-call', id: 'call_1', name: 'look', arguments: '' },
    ]
    expect(messages([calls('call_0'), { role: 'assistant', content: both }])).toEqual([
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [
          {
            id: 'call_0',
            type: 'function',
            function: { name: 'look', arguments: '{"at":"call_0"}' },
          },
          { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } },
        ],
      },
    ])
    expect(messages([calls('call_0')])[0].content).toBeNull()
  })

  test('a refusal stays one where the host knows them, and is text elsewhere', () => {
    const refusal: ChatMessage = { role: 'assistant', content: [{ kind: 'refusal', text: 'No.' }] }
    expect(messages([refusal])).toEqual([{ role: 'assistant', content: null, refusal: 'No.' }])
    expect(messages([refusal], own)).toEqual([{ role: 'assistant', content: 'No.' }])
  })

  test.each([
    ['nothing', []],
    ['an empty text', [{ kind: 'text', text: '' }]],
    ['reasoning only', [{ kind: 'reasoning', text: 'hm' }]],
  ] as const)('#23 an assistant turn with %s is left out', (_, content) => {
    for (const profile of [plain, mistral, deepseek, own]) {
      expect(messages([user('a'), { role: 'assistant', content }, user('b')], profile)).toEqual([
        { role: 'user', content: 'a' },
        { role: 'user', content: 'b' },
      ])
    }
  })

  test('#23 text of white space, and white space at the end, stay', () => {
    expect(messages([user(' '), assistant('well ')])).toEqual([
      { role: 'user', content: ' ' },
      { role: 'assistant', content: 'well ' },
    ])
  })

  test('a name of the user goes along where it is taken', () => {
    const named: ChatMessage = {
      role: 'user',
      content: [{ kind: 'text', text: 'hi' }],
      name: 'Ann',
    }
    expect(encode({ messages: [named] }).body.messages[0].name).toBe('Ann')
    const { body, warnings } = encode({ messages: [named] }, mistral)
    expect(body.messages).toEqual([{ role: 'user', content: 'hi' }])
    expect(warnings).toEqual(['name:dropped'])
  })

  test('several texts are a list, or one text where lists are not taken', () => {
    const two: ChatMessage = {
      role: 'user',
      content: [
        { kind: 'text', text: 'one' },
        { kind: 'text', text: 'two', cache: {} },
      ],
    }
    expect(messages([two])[0].content).toEqual([
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two' },
    ])
    expect(messages([two], own)[0].content).toBe('one\n\ntwo')
    const empty = { kind: 'text', text: '' } as const
    const one: ChatMessage = {
      role: 'user',
      content: [empty, { kind: 'text', text: 'one' }, empty],
    }
    expect(messages([one])[0].content).toBe('one')
  })
})

describe('#24 instructions', () => {
  const conversation = [system('first'), user('a'), assistant('b'), system('later'), user('c')]

  test.each([
    ['gpt-4.1', plain, 'system'],
    ['gpt-6', gpt6, 'developer'],
    ['deepseek', deepseek, 'system'],
    ['grok', grok, 'system'],
    ['a private model', own, 'system'],
    [
      'a private model that knows developers',
      privateChatProfile({ supports_developer_role: true }),
      'developer',
    ],
  ] as const)('stand where they were said: %s', (_, profile, role) => {
    const roles = messages(conversation, profile).map((one) => one.role)
    expect(roles).toEqual([role, 'user', 'assistant', role, 'user'])
  })

  test.each([
    ['mistral', mistral],
    ['a private model that says so', privateChatProfile({ fold_mid_system: true })],
  ])('later ones become a turn of the user: %s', (_, profile) => {
    const encoded = messages(conversation, profile)
    expect(encoded[0]).toEqual({ role: 'system', content: 'first' })
    expect(encoded[3]).toEqual({ role: 'user', content: '<system>\nlater\n</system>' })
  })

  test('are later ones whatever was said first', () => {
    for (const first of [user('a'), assistant('a'), result('1')]) {
      expect(messages([first, system('later')], mistral).at(-1)?.role).toBe('user')
    }
  })

  test('empty ones are left out', () => {
    expect(messages([system(''), user('a')])).toEqual([{ role: 'user', content: 'a' }])
  })
})

describe('roles that follow each other', () => {
  test('are made one where the host refuses them', () => {
    const profile = privateChatProfile({ merge_consecutive_roles: true, fold_mid_system: true })
    const list = [
      system('s'),
      system('t'),
      user('a'),
      system('u'),
      user('b'),
      assistant('c'),
      calls('1'),
      result('1'),
      result('2'),
    ]
    expect(messages(list, profile)).toEqual([
      { role: 'system', content: 's\n\nt' },
      { role: 'user', content: 'a\n\n<system>\nu\n</system>\n\nb' },
      {
        role: 'assistant',
        content: 'c',
        tool_calls: [
          { id: '1', type: 'function', function: { name: 'look', arguments: '{"at":"1"}' } },
        ],
      },
      { role: 'tool', tool_call_id: '1', content: 'result of 1' },
      { role: 'tool', tool_call_id: '2', content: 'result of 2' },
    ])
  })

  test('pictures keep their place when they are', () => {
    const profile = privateChatProfile({ merge_consecutive_roles: true })
    const seen: ChatMessage = {
      role: 'user',
      content: [{ kind: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } }],
    }
    expect(messages([user('look'), seen], profile)).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
        ],
      },
    ])
  })

  test('nothing comes of what is empty when they are', () => {
    const profile = privateChatProfile({ merge_consecutive_roles: true })
    const image = { kind: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } } as const
    const seen: ChatMessage = { role: 'user', content: [image] }
    expect(messages([user(''), user('a'), user('')], profile)).toEqual([
      { role: 'user', content: 'a' },
    ])
    expect(messages([user(''), seen], profile)[0].content).toHaveLength(1)
  })

  test('the assistant says a word between a result and the user, for Mistral', () => {
    const roles = messages([user('a'), calls('1'), result('1'), user('b')], mistral).map(
      (one) => one.role,
    )
    expect(roles).toEqual(['user', 'assistant', 'tool', 'assistant', 'user'])
  })

  test('an assistant turn at the end is marked as one to go on with, for Mistral', () => {
    expect(messages([user('a'), assistant('So')], mistral)[1]).toEqual({
      role: 'assistant',
      content: 'So',
      prefix: true,
    })
    expect(messages([user('a'), assistant('So')])[1]).toEqual({ role: 'assistant', content: 'So' })
  })
})

describe('#20 results', () => {
  test('stand directly behind their calls, and what was said before them behind them', () => {
    const list = [user('a'), calls('1', '2'), user('mind you'), result('2'), result('1'), user('b')]
    expect(
      messages(list).map(({ role, tool_call_id, content }) => tool_call_id ?? content ?? role),
    ).toEqual(['a', 'assistant', '2', '1', 'mind you', 'b'])
  })

  test('belong to the last calls before them that have their id', () => {
    const list = [calls('1'), user('a'), calls('1'), result('1')]
    expect(messages(list).map(({ role, content }) => content ?? role)).toEqual([
      'assistant',
      'a',
      'assistant',
      'result of 1',
    ])
  })

  test('that answer no call before them stay where they are', () => {
    const list = [calls('1'), user('a'), result('other'), result('1'), user('b')]
    expect(messages(list).map(({ tool_call_id, content }) => tool_call_id ?? content)).toEqual([
      null,
      '1',
      'a',
      'other',
      'b',
    ])
  })

  test('calls in turns of their own are one turn', () => {
    const list = [user('a'), calls('1'), calls('2'), result('1'), result('2')]
    expect(messages(list).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool'])
  })

  test('ids that come again belong to the calls before them', () => {
    const list = [
      calls('1'),
      result('1', 'first'),
      assistant('x'),
      calls('1'),
      result('1', 'second'),
    ]
    expect(messages(list).map(({ role, content }) => content ?? role)).toEqual([
      'assistant',
      'first',
      'x',
      'assistant',
      'second',
    ])
  })

  test('are text, if only an empty one', () => {
    const texts = (...list: readonly string[]): ChatMessage => ({
      role: 'tool',
      callId: '1',
      content: list.map((text) => ({ kind: 'text', text })),
    })
    expect(messages([calls('1'), texts()])[1].content).toBe('')
    expect(messages([calls('1'), texts('', 'a', '')])[1].content).toBe('a')
    expect(messages([calls('1'), texts('a', 'b')], own)[1].content).toBe('a\n\nb')
  })

  test('that failed say so', () => {
    const failed = (text: string): ChatMessage => ({
      role: 'tool',
      callId: '1',
      isError: true,
      content: text === '' ? [] : [{ kind: 'text', text }],
    })
    expect(messages([calls('1'), failed('no such file')])[1].content).toBe('Error: no such file')
    expect(messages([calls('1'), failed('Error 5')])[1].content).toBe('Error 5')
    expect(messages([calls('1'), failed('')])[1].content).toBe('Error: the tool failed.')
  })

  test('pictures in them come in a turn of the user behind all of them', () => {
    const picture = (callId: string): ChatMessage => ({
      role: 'tool',
      callId,
      content: [
        { kind: 'text', text: `of ${callId}` },
        { kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } },
      ],
    })
    expect(messages([calls('1', '2'), picture('1'), picture('2'), user('b')]).slice(1)).toEqual([
      {
        role: 'tool',
        tool_call_id: '1',
        content: [
          { type: 'text', text: 'of 1' },
          { type: 'text', text: '[Image 1 is in the message that follows.]' },
        ],
      },
      {
        role: 'tool',
        tool_call_id: '2',
        content: [
          { type: 'text', text: 'of 2' },
          { type: 'text', text: '[Image 2 is in the message that follows.]' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Image 1 of the tool results:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
          { type: 'text', text: 'Image 2 of the tool results:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } },
        ],
      },
      { role: 'user', content: 'b' },
    ])
  })
})

describe('#22 ids of calls', () => {
  const idsOf = (list: readonly WireMessage[]) =>
    list.flatMap(
      ({ tool_calls, tool_call_id }) =>
        (tool_calls as typeof tool_calls | undefined)?.map(({ id }) => id) ?? tool_call_id ?? [],
    )

  test('Mistral’s have nine letters and digits, the same on calls and results, no two alike', () => {
    const ids = Array.from({ length: 300 }, (_, n) => `functions.look:${n}`)
    const encoded = idsOf(messages([calls(...ids), ...ids.map((id) => result(id))], mistral))
    expect(encoded).toHaveLength(600)
    for (const id of encoded) expect(id).toMatch(/^[A-Za-z0-9]{9}$/)
    expect(new Set(encoded).size).toBe(300)
    expect(encoded.slice(0, 300)).toEqual(encoded.slice(300))
  })

  test('its own pass, and one that a hash has taken is hashed anew', () => {
    const [hashed = ''] = idsOf(messages([calls('call_abc')], mistral))
    const encoded = idsOf(
      messages(
        [calls('call_abc'), result('call_abc'), calls(hashed, 'D681PevKs'), result(hashed)],
        mistral,
      ),
    )
    expect(encoded.slice(0, 2)).toEqual([hashed, hashed])
    expect(encoded[2]).not.toBe(hashed)
    expect(encoded[2]).toMatch(/^[A-Za-z0-9]{9}$/)
    expect(encoded[3]).toBe('D681PevKs')
    expect(encoded[4]).toBe(encoded[2])
  })

  test('longer ones than forty characters are shortened', () => {
    const long = `toolu_${'x'.repeat(60)}`
    const [id = '', same] = idsOf(messages([calls(long), result(long)]))
    expect(id.length).toBeLessThanOrEqual(40)
    expect(same).toBe(id)
    expect(idsOf(messages([calls(long)], own))).toEqual([long])
  })
})

describe('#34 reasoning given back', () => {
  const thought = (text: string, ...more: AssistantPart[]): ChatMessage => ({
    role: 'assistant',
    content: [{ kind: 'reasoning', text }, ...more],
  })
  const call: AssistantPart = { kind: 'tool-call', id: 'call_1', name: 'look', arguments: '{}' }
  const list = [user('a'), thought('hm', call), result('call_1'), assistant('b'), user('c')]

  test('DeepSeek gets its own, and an empty one where a turn had none', () => {
    const encoded = messages(list, deepseek)
    expect(encoded[1].reasoning_content).toBe('hm')
    expect(encoded[3]).toEqual({ role: 'assistant', content: 'b', reasoning_content: '' })
  })

  test('Z.ai gets its own, and none where there was none', () => {
    const encoded = messages(list, glm)
    expect(encoded[1].reasoning_content).toBe('hm')
    expect(encoded[3]).toEqual({ role: 'assistant', content: 'b' })
  })

  test('Mistral gets it as a part of the content', () => {
    const said = [user('a'), thought('hm', { kind: 'text', text: 'b' }), user('c')]
    expect(messages(said, mistral)[1].content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'b' },
    ])
    expect(messages(list, mistral)[1].content).toEqual([
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
    ])
  })

  test.each([
    [{ replay_reasoning: true }, { reasoning_content: 'hm' }],
    [{ replay_reasoning: true, reasoning_field: 'reasoning' }, { reasoning: 'hm' }],
    [{ reasoning_field: 'reasoning' }, {}],
    [{}, {}],
  ])('a private model with %j', (capabilities, expected) => {
    const { role, content, tool_calls, ...rest } = messages(
      list,
      privateChatProfile(capabilities),
    )[1]
    expect(role).toBe('assistant')
    expect(content).toBeNull()
    expect(tool_calls).toHaveLength(1)
    expect(rest).toEqual(expected)
  })

  test('the others get none', () => {
    for (const profile of [plain, gpt6, grok]) {
      expect(JSON.stringify(messages(list, profile))).not.toContain('hm')
    }
  })

  test('what another provider proved is shown to nobody', () => {
    const proved: ChatMessage = {
      role: 'assistant',
      content: [
        {
          kind: 'reasoning',
          text: 'secret',
          proof: { family: 'claude', kind: 'signature', value: 'sig' },
        },
        call,
      ],
    }
    for (const profile of [deepseek, glm, mistral, plain, own]) {
      const text = JSON.stringify(messages([user('a'), proved, result('call_1')], profile))
      expect(text).not.toMatch(/secret|sig/)
    }
    expect(messages([user('a'), proved, result('call_1')], deepseek)[1].reasoning_content).toBe('')
  })
})

describe('images, files, recordings', () => {
  const one = (part: unknown, profile = plain, mode: 'default' | 'lenient' = 'default') =>
    encode({ messages: [{ role: 'user', content: [part as UserPart] }] }, profile, mode)
  const pdf = { kind: 'data', mediaType: 'application/pdf', data: 'JVBERi0=' }

  test.each([
    [
      { kind: 'image', source: { kind: 'url', url: 'https://x.test/a.png' }, detail: 'low' },
      { type: 'image_url', image_url: { url: 'https://x.test/a.png', detail: 'low' } },
    ],
    [
      { kind: 'file', source: pdf, name: 'a.pdf' },
      {
        type: 'file',
        file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
      },
    ],
    [
      { kind: 'file', source: pdf },
      {
        type: 'file',
        file: { filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
      },
    ],
    [
      { kind: 'file', source: { kind: 'file', id: 'file-1' } },
      { type: 'file', file: { file_id: 'file-1' } },
    ],
    [
      { kind: 'audio', data: 'QUJD', format: 'wav' },
      { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } },
    ],
  ])('%j', (part, expected) => {
    expect(one(part).body.messages[0].content).toEqual([expected])
  })

  test('text files are text for every model', () => {
    const text = '<document name="a.txt">\nABC\n</document>'
    for (const profile of [plain, deepseek, mistral]) {
      const data = {
        kind: 'file',
        source: { kind: 'data', mediaType: 'text/plain', data: 'QUJD' },
        name: 'a.txt',
      }
      expect(one(data, profile).body.messages[0].content).toBe(text)
      const plainText = { kind: 'file', source: { kind: 'text', text: 'ABC' }, name: 'a.txt' }
      expect(one(plainText, profile).body.messages[0].content).toBe(text)
    }
  })

  test('and so is JSON', () => {
    const source = { kind: 'data', mediaType: 'application/json', data: 'e30=' }
    expect(one({ kind: 'file', source }).body.messages[0].content).toBe(
      '<document>\n{}\n</document>',
    )
  })

  test('and files where their bytes are no text', () => {
    const source = { kind: 'data', mediaType: 'text/plain', data: '//79' }
    expect(one({ kind: 'file', source }).body.messages[0].content).toEqual([
      {
        type: 'file',
        file: { filename: 'document', file_data: 'data:text/plain;base64,//79' },
      },
    ])
  })

  test('Mistral takes documents by their address', () => {
    expect(
      one({ kind: 'file', source: pdf, name: 'a.pdf' }, mistral).body.messages[0].content,
    ).toEqual([
      {
        type: 'document_url',
        document_url: 'data:application/pdf;base64,JVBERi0=',
        document_name: 'a.pdf',
      },
    ])
    const far = { kind: 'file', source: { kind: 'url', url: 'https://x.test/a.pdf' } }
    expect(one(far, mistral).body.messages[0].content).toEqual([
      { type: 'document_url', document_url: 'https://x.test/a.pdf' },
    ])
  })

  test.each([
    ['image', { kind: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } }, deepseek],
    ['audio', { kind: 'audio', data: 'QUJD', format: 'wav' }, grok],
    ['file', { kind: 'file', source: pdf }, own],
    ['file', { kind: 'file', source: { kind: 'url', url: 'https://x.test/a.pdf' } }, plain],
    ['file', { kind: 'file', source: { kind: 'file', id: 'f' } }, mistral],
  ])('%s is refused by models that have no use for it', (param, part, profile) => {
    expect(() => one(part, profile)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', details: { param } }),
    )
    const { body, warnings } = one(part, profile, 'lenient')
    expect(body.messages[0].content).toBe('')
    expect(warnings).toEqual([`${param}:dropped`])
  })

  test('detail is left out where it is not known', () => {
    const part = {
      kind: 'image',
      source: { kind: 'url', url: 'https://x.test/a.png' },
      detail: 'high',
    }
    const { body, warnings } = one(part, deepseekChatProfile('deepseek-v4-flash-vision-exp'))
    expect(body.messages[0].content).toEqual([
      { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
    ])
    expect(warnings).toEqual(['detail:dropped'])
    const auto = { ...part, detail: 'auto' }
    expect(one(auto, deepseekChatProfile('deepseek-v4-flash-vision-exp')).warnings).toEqual([])
  })
})

describe('names of tools', () => {
  test('that are too long, or have other characters, are made plain wherever they stand', () => {
    const name = `mcp.${'server_'.repeat(12)}look`
    const { body } = encode({
      tools: [{ name }],
      toolChoice: { kind: 'tool', name },
      messages: [
        user('a'),
        { role: 'assistant', content: [{ kind: 'tool-call', id: '1', name, arguments: '{}' }] },
        result('1'),
      ],
    })
    const plainName = body.tools[0].function.name
    expect(plainName).toMatch(/^[a-zA-Z0-9_-]{1,64}$/)
    expect(body.tool_choice.function.name).toBe(plainName)
    expect(body.messages[1].tool_calls[0].function.name).toBe(plainName)
  })
})

describe('a conversation that goes on', () => {
  const profiles = [plain, gpt6, mistral, deepseek, glm, grok, own]
  const turn = fc.oneof(
    fc.string({ minLength: 1, maxLength: 5 }).map((text) => [user(text)]),
    fc.string({ minLength: 1, maxLength: 5 }).map((text) => [system(text), user('x')]),
    fc.tuple(fc.string({ maxLength: 3 }), fc.nat(9)).map(([text, n]) => [
      {
        role: 'assistant' as const,
        content: [
          { kind: 'reasoning' as const, text },
          { kind: 'tool-call' as const, id: `call:${n}`, name: 'look', arguments: '' },
          {
            kind: 'tool-call' as const,
            id: `a-call-of-another-model:${n}`,
            name: 'look',
            arguments: '',
          },
        ],
      },
      result(`call:${n}`),
      {
        role: 'tool' as const,
        callId: `a-call-of-another-model:${n}`,
        content: [
          { kind: 'image' as const, source: { kind: 'url' as const, url: 'https://x.test/' } },
        ],
      },
    ]),
    fc.string({ minLength: 1, maxLength: 5 }).map((text) => [assistant(text), user('go on')]),
  )

  test.each(profiles.map((profile, n) => [n, profile] as const))(
    '#30 begins as it began before (profile %i)',
    (_, profile) => {
      fc.assert(
        fc.property(fc.array(turn, { minLength: 2, maxLength: 6 }), fc.nat(5), (turns, cut) => {
          const whole = turns.flat()
          const before = turns.slice(0, 1 + (cut % (turns.length - 1))).flat()
          const long = encode({ messages: whole }, profile, 'lenient').body.messages
          const short = encode({ messages: before }, profile, 'lenient').body.messages
          expect(long.slice(0, short.length)).toEqual(short)
        }),
      )
    },
  )

  test('says the same each time', () => {
    const asked = requestOf({ messages: [user('a'), calls('call:1'), result('call:1')] })
    expect(encode(asked, mistral).body).toEqual(encode(asked, mistral).body)
  })
})
