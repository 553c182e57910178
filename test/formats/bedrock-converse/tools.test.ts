import { describe, expect, test } from 'vitest'
import type { ChatRequest, ToolChoice } from '../../../src/core/chat.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import { thrownBy } from '../../thrown-by.ts'
import {
  assistant,
  call,
  CLAUDE_37,
  CLAUDE_45,
  CLAUDE_46,
  CLAUDE_5,
  CLAUDE_55,
  encode,
  GPT,
  GPT_OSS,
  LLAMA,
  MISTRAL,
  NOVA,
  OPAQUE,
  result,
  TITAN,
  tool,
  user,
} from './fixtures.ts'

const toolsOf = (members: Partial<ChatRequest>, model?: string) =>
  encode(members, model).body.toolConfig?.tools.flatMap((one) =>
    'toolSpec' in one ? [one.toolSpec] : [],
  )
const namesOf = (members: Partial<ChatRequest>, model?: string) =>
  toolsOf(members, model)?.map(({ name }) => name)

describe('a declaration', () => {
  test('#32 has the schema untouched', () => {
    const parameters = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/A', minimum: 1 }, b: { type: ['string', 'null'] } },
      required: ['a'],
      additionalProperties: { type: 'string' },
      $defs: { A: { const: 1 } },
      oneOf: [{}, {}],
    }
    expect(toolsOf({ tools: [tool('a', { description: 'Looks.', parameters })] })).toEqual([
      { name: 'a', description: 'Looks.', inputSchema: { json: parameters } },
    ])
  })

  test.each<[JsonObject | undefined, JsonObject]>([
    [undefined, { type: 'object', properties: {} }],
    [{}, { type: 'object' }],
    [{ properties: {} }, { type: 'object', properties: {} }],
    [{ type: ['object', 'null'] }, { type: 'object' }],
  ])('#32 with the parameters %j has %j', (parameters, json) => {
    const declared = tool('a', parameters === undefined ? {} : { parameters })
    expect(toolsOf({ tools: [declared] })?.[0]?.inputSchema).toEqual({ json })
  })

  test('without a word to describe it has no description', () => {
    expect(toolsOf({ tools: [tool('a', { description: ' ' })] })?.[0]).not.toHaveProperty(
      'description',
    )
  })

  test('of a tool that takes text asks for the text', () => {
    expect(
      toolsOf({ tools: [tool('a', { isFreeform: true })] })?.[0]?.inputSchema.json,
    ).toMatchObject({
      properties: { input: { type: 'string' } },
      required: ['input'],
    })
  })

  test('whose parameters are no object is refused', () => {
    const tools = [tool('a', { parameters: { type: 'string' } })]
    expect(thrownBy(() => encode({ tools }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'tools' },
    })
  })

  test('has a name that Converse takes, the same in declaration, choice and history', () => {
    const name = 'weather.get'
    const { body } = encode({
      tools: [tool(name), tool('weather_get')],
      toolChoice: { kind: 'tool', name },
      messages: [user('a'), assistant(call('c1', name)), result('c1', 'b')],
    })
    const [declared] = body.toolConfig?.tools ?? []
    const plain = declared && 'toolSpec' in declared ? declared.toolSpec.name : ''
    expect(plain).toMatch(/^weather_get_kw\w{9}$/)
    expect(body.toolConfig?.toolChoice).toEqual({ tool: { name: plain } })
    expect(body.messages[1]?.content).toMatchObject([{ toolUse: { name: plain } }])
  })

  const closed = { type: 'object', properties: {}, additionalProperties: false }
  test.each<[string, JsonObject, boolean, string[]]>([
    [CLAUDE_45, closed, true, []],
    [CLAUDE_45, { type: 'object' }, false, ['strict:dropped']],
    [CLAUDE_5, closed, false, ['strict:dropped']],
    [NOVA, closed, false, ['strict:dropped']],
  ])('for %s with %j is strict: %s', (model, parameters, isStrict, warnings) => {
    const encoded = encode({ tools: [tool('a', { strict: true, parameters })] }, model)
    const [declared] = encoded.body.toolConfig?.tools ?? []
    expect(declared && 'toolSpec' in declared && declared.toolSpec.strict === true).toBe(isStrict)
    expect(encoded.warnings).toEqual(warnings)
  })
})

describe('the choice of a tool', () => {
  const tools = [tool('look'), tool('find')]
  const only = { kind: 'tool', name: 'find' } as const
  const auto = { kind: 'auto' } as const
  const required = { kind: 'required' } as const
  const allowed = (mode: 'auto' | 'required'): ToolChoice => ({
    kind: 'allowed',
    mode,
    names: ['find', 'other'],
  })

  test.each<[ToolChoice | undefined, string, object | undefined, string[]]>([
    [undefined, NOVA, undefined, ['look', 'find']],
    [auto, NOVA, undefined, ['look', 'find']],
    [required, NOVA, { any: {} }, ['look', 'find']],
    [only, NOVA, { tool: { name: 'find' } }, ['look', 'find']],
    [only, CLAUDE_5, { tool: { name: 'find' } }, ['look', 'find']],
    [only, GPT_OSS, { tool: { name: 'find' } }, ['look', 'find']],
    [only, OPAQUE, { tool: { name: 'find' } }, ['look', 'find']],
    // Having to call any of one tool is the same.
    [only, MISTRAL, { any: {} }, ['find']],
    [allowed('auto'), NOVA, undefined, ['find']],
    [allowed('required'), NOVA, { any: {} }, ['find']],
  ])('%j for %s is %j of %j', (toolChoice, model, choice, names) => {
    const members = toolChoice === undefined ? { tools } : { tools, toolChoice }
    const { body, warnings } = encode(members, model)
    expect(body.toolConfig?.toolChoice).toEqual(choice)
    expect(namesOf(members, model)).toEqual(names)
    expect(warnings).toEqual([])
  })

  test.each([
    [required, LLAMA],
    [only, LLAMA],
    [required, CLAUDE_55],
    [only, 'cohere.command-r-v1:0'],
  ])('%j is refused for %s, which decides for itself', (toolChoice, model) => {
    expect(thrownBy(() => encode({ tools, toolChoice }, model))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'tool_choice' },
    })
    const { body, warnings } = encode({ tools, toolChoice }, model, 'lenient')
    expect(body.toolConfig).toMatchObject({ tools: [{}, {}] })
    expect(body.toolConfig?.toolChoice).toBeUndefined()
    expect(warnings).toEqual(['tool_choice:dropped'])
  })

  test.each([
    { kind: 'tool', name: 'gone' } as const,
    { kind: 'allowed', mode: 'auto', names: ['gone'] } as const,
  ])('%j of tools that are not there is refused', (toolChoice) => {
    expect(thrownBy(() => encode({ tools, toolChoice }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'tool_choice' },
    })
  })

  test.each<[ToolChoice, string]>([
    [required, NOVA],
    [only, CLAUDE_5],
    [{ kind: 'none' }, LLAMA],
    [{ kind: 'allowed', mode: 'required', names: ['look'] }, NOVA],
  ])('#29 %j without tools says nothing to %s', (toolChoice, model) => {
    const { body, warnings } = encode({ toolChoice, parallelToolCalls: false }, model)
    expect(body).toEqual({ messages: [{ role: 'user', content: [{ text: 'Hello' }] }] })
    expect(warnings).toEqual([])
  })
})

describe('one call at a time', () => {
  const tools = [tool('look.up')]
  test.each<[ToolChoice, object]>([
    [{ kind: 'auto' }, { type: 'auto' }],
    [{ kind: 'required' }, { type: 'any' }],
    [
      { kind: 'tool', name: 'look.up' },
      { type: 'tool', name: expect.stringMatching(/^look_up_kw/) },
    ],
  ])('with %j is said in Claude’s own words alone', (toolChoice, choice) => {
    const { body } = encode({ tools, toolChoice, parallelToolCalls: false }, CLAUDE_46)
    expect(body.toolConfig?.toolChoice).toBeUndefined()
    expect(body.additionalModelRequestFields).toEqual({
      tool_choice: { ...choice, disable_parallel_tool_use: true },
    })
  })

  test('cannot be asked of others', () => {
    expect(encode({ tools, parallelToolCalls: false }).warnings).toEqual([
      'parallel_tool_calls:dropped',
    ])
    expect(encode({ tools, parallelToolCalls: true }).warnings).toEqual([])
  })
})

describe('#29 tools that may not be called', () => {
  const tools = [tool('look'), tool('find')]
  const messages = [
    user('a'),
    assistant('b', call('c1', 'look', '{"q":1}')),
    result('c1', 'No.', true),
    user('c'),
  ]
  const none = { kind: 'none' } as const

  test('are declared to Claude, which is told so', () => {
    const { body } = encode({ tools, messages, toolChoice: none }, CLAUDE_5)
    expect(body.toolConfig).toMatchObject({ tools: [{}, {}] })
    expect(body.toolConfig?.toolChoice).toBeUndefined()
    expect(body.additionalModelRequestFields).toEqual({ tool_choice: { type: 'none' } })
    expect(body.messages[1]?.content).toMatchObject([{ text: 'b' }, { toolUse: {} }])
  })

  test.each<ToolChoice>([none, { kind: 'allowed', mode: 'required', names: [] }])(
    'are left out for others, and what was called before is told in words: %j',
    (toolChoice) => {
      const { body, warnings } = encode({ tools, messages, toolChoice }, NOVA)
      expect(body).toEqual({
        messages: [
          { role: 'user', content: [{ text: 'a' }] },
          {
            role: 'assistant',
            content: [{ text: 'b' }, { text: '<tool_call name="look">\n{"q":1}\n</tool_call>' }],
          },
          {
            role: 'user',
            content: [{ text: '<tool_error name="look">\nNo.\n</tool_error>' }, { text: 'c' }],
          },
        ],
      })
      expect(warnings).toEqual([])
    },
  )

  test.each([
    [NOVA, undefined],
    [CLAUDE_5, { tool_choice: { type: 'none' } }],
  ])(
    'and are not there any more are declared as the history knows them, to %s',
    (model, fields) => {
      const twice = [
        ...messages,
        assistant(call('c2'), call('c3', 'find')),
        result('c2', ''),
        result('c3', ''),
      ]
      const { body } = encode({ messages: twice }, model)
      const json = { type: 'object', additionalProperties: true }
      expect(body.toolConfig).toEqual({
        tools: ['look', 'find'].map((name) => ({ toolSpec: { name, inputSchema: { json } } })),
      })
      expect(body.additionalModelRequestFields).toEqual(fields)
    },
  )

  test('a model without tools is told of them in words, and given none', () => {
    expect(encode({ messages }, TITAN).body.toolConfig).toBeUndefined()
    expect(thrownBy(() => encode({ tools, messages }, TITAN))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'tools' },
    })
    const { body, warnings } = encode({ tools, messages }, TITAN, 'lenient')
    expect(JSON.stringify(body)).not.toMatch(/toolUse|toolResult|toolConfig/)
    expect(warnings).toEqual(['tools:dropped'])
    expect(encode({ tools, toolChoice: none }, TITAN).warnings).toEqual([])
  })

  test('what a tool showed stays where words tell of it', () => {
    const shown = [
      user('a'),
      assistant(call('c1')),
      result('c1', [
        { kind: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } },
      ]),
    ]
    const { body } = encode({ tools, messages: shown, toolChoice: none }, GPT)
    expect(body.messages.at(-1)?.content).toEqual([
      { text: '<tool_result name="look">\n\n</tool_result>' },
      { image: { format: 'png', source: { bytes: 'QUJD' } } },
    ])
  })
})

test('Claude before 4.5 takes the same choices', () => {
  expect(
    encode({ tools: [tool()], toolChoice: { kind: 'required' } }, CLAUDE_37).body.toolConfig,
  ).toMatchObject({
    toolChoice: { any: {} },
  })
})
