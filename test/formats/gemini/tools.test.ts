import { describe, expect, test } from 'vitest'
import type { Tool, ToolChoice } from '../../../src/core/chat.ts'
import { encodeToolName, toolNameDecoder } from '../../../src/formats/gemini/tool-names.ts'
import { thrownBy } from '../../thrown-by.ts'
import { assistant, call, encode, result, user } from './fixtures.ts'

const parameters = { type: 'object', properties: { at: { type: 'string' } } }
const look: Tool = { name: 'look', description: 'Looks.', parameters }
const touch: Tool = { name: 'touch' }
const tools = [look, touch]

const declared = (members: Parameters<typeof encode>[0], model?: string) =>
  encode(members, model).body.tools?.[0]?.functionDeclarations

describe('tools', () => {
  test('are declared with real JSON Schema, or with what older models know', () => {
    expect(declared({ tools })).toEqual([
      { name: 'look', description: 'Looks.', parametersJsonSchema: parameters },
      { name: 'touch' },
    ])
    expect(declared({ tools }, 'gemini-2.0-flash')).toEqual([
      {
        name: 'look',
        description: 'Looks.',
        parameters: { type: 'OBJECT', properties: { at: { type: 'STRING' } } },
      },
      { name: 'touch' },
    ])
  })

  test.each([
    [{}],
    [{ type: 'object' }],
    [{ type: 'object', properties: {}, required: [], additionalProperties: false }],
    [{ $schema: 'https://json-schema.org/draft-07/schema', type: 'object', properties: {} }],
  ])('#32 parameters that are none, as %j, are left out', (none) => {
    const tool = { name: 'look', parameters: none }
    expect(declared({ tools: [tool] })).toEqual([{ name: 'look' }])
    expect(declared({ tools: [tool] }, 'gemini-2.0-flash')).toEqual([{ name: 'look' }])
  })

  test('an object of any members is not none', () => {
    const open = { type: 'object', additionalProperties: { type: 'string' } }
    expect(declared({ tools: [{ name: 'look', parameters: open }] })).toEqual([
      { name: 'look', parametersJsonSchema: open },
    ])
  })

  test('parameters are those of an object', () => {
    const either = { anyOf: [{ type: 'object', properties: { a: {} } }] }
    expect(declared({ tools: [{ name: 'look', parameters: either }] })).toEqual([
      { name: 'look', parametersJsonSchema: { type: 'object', ...either } },
    ])
  })

  test('those that take text take it as their only argument', () => {
    const input = { input: { type: 'string' } }
    expect(declared({ tools: [{ name: 'patch', isFreeform: true }] })).toMatchObject([
      { name: 'patch', parametersJsonSchema: { properties: input, required: ['input'] } },
    ])
  })

  test('tools of a conversation that are no longer offered need no declaration', () => {
    const messages = [user('x'), assistant(call('a')), result('a', '1')]
    expect(encode({ messages }).body).not.toHaveProperty('tools')
  })
})

describe('names', () => {
  test.each(['look', '_look', 'a.b:c-d', 'L0ok', 'x'.repeat(128)])('%s stays', (name) => {
    expect(encodeToolName(name)).toBe(name)
  })

  test.each(['look at', '9lives', '-x', 'öl', '', 'x'.repeat(129), '名前', '💡'])(
    '%j becomes one that Google takes, and comes back',
    (name) => {
      const encoded = encodeToolName(name)
      expect(encoded).toMatch(/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/)
      expect(toolNameDecoder([look, { name }])(encoded)).toBe(name)
      expect(toolNameDecoder([look, { name }])('look')).toBe('look')
    },
  )

  test('different names stay different, in declarations, calls, results and choices', () => {
    const names = ['look at', 'look_at', 'look-at', 'look?at']
    expect(new Set(names.map(encodeToolName)).size).toBe(4)
    const messages = [user('x'), assistant(call('a', 'look at')), result('a', '1')]
    const { body } = encode({
      messages,
      tools: [{ name: 'look at' }],
      toolChoice: { kind: 'tool', name: 'look at' },
    })
    const name = encodeToolName('look at')
    expect(body.tools?.[0]?.functionDeclarations?.[0]?.name).toBe(name)
    expect(body.contents[1]?.parts[0]?.functionCall?.name).toBe(name)
    expect(body.contents[2]?.parts[0]?.functionResponse?.name).toBe(name)
    expect(body.toolConfig?.functionCallingConfig?.allowedFunctionNames).toEqual([name])
  })

  test('two tools of one name are refused', () => {
    expect(thrownBy(() => encode({ tools: [look, touch, look] }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'tools.2' },
    })
  })
})

describe('choices', () => {
  test.each<[ToolChoice | undefined, object | undefined]>([
    [undefined, undefined],
    [{ kind: 'auto' }, undefined],
    [{ kind: 'none' }, { mode: 'NONE' }],
    [{ kind: 'required' }, { mode: 'ANY' }],
    [
      { kind: 'tool', name: 'touch' },
      { mode: 'ANY', allowedFunctionNames: ['touch'] },
    ],
    [
      { kind: 'allowed', mode: 'required', names: ['look', 'unknown', 'touch'] },
      { mode: 'ANY', allowedFunctionNames: ['look', 'touch'] },
    ],
  ])('%j', (toolChoice, config) => {
    const { body, warnings } = encode({ tools, ...(toolChoice && { toolChoice }) })
    expect(body.toolConfig?.functionCallingConfig).toEqual(config)
    expect(body.tools?.[0]?.functionDeclarations).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  test('of tools that are allowed and not forced, only those are offered', () => {
    const { body } = encode({
      tools,
      toolChoice: { kind: 'allowed', mode: 'auto', names: ['touch', 'unknown'] },
    })
    expect(body.tools).toEqual([{ functionDeclarations: [{ name: 'touch' }] }])
    expect(body).not.toHaveProperty('toolConfig')
  })

  test('#29 without tools there is nothing to choose', () => {
    const { body, warnings } = encode({
      toolChoice: { kind: 'required' },
      parallelToolCalls: false,
    })
    expect(body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] })
    expect(warnings).toEqual([])
  })

  test.each<ToolChoice>([
    { kind: 'tool', name: 'smell' },
    { kind: 'allowed', mode: 'auto', names: [] },
    { kind: 'allowed', mode: 'required', names: ['smell'] },
  ])('%j names none of the tools', (toolChoice) => {
    expect(thrownBy(() => encode({ tools, toolChoice }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'tool_choice' },
    })
  })

  test('what Google cannot promise is reported', () => {
    const strict = [{ ...look, strict: true }]
    expect(encode({ tools: strict }).warnings).toEqual(['strict:dropped'])
    expect(encode({ tools: strict, toolChoice: { kind: 'required' } }).warnings).toEqual([])
    expect(encode({ tools, parallelToolCalls: false }).warnings).toEqual([
      'parallel_tool_calls:dropped',
    ])
    expect(encode({ tools, parallelToolCalls: true }).warnings).toEqual([])
  })
})
