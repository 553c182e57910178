import { describe, expect, test } from 'vitest'
import { decoded, fault, faultOf } from './fixtures.ts'

const get = { type: 'function', function: { name: 'get' } }
const patch = { type: 'custom', custom: { name: 'patch' } }

describe('a tool becomes', () => {
  // A schema with all that translators have lost before.
  const parameters = {
    type: 'object',
    $defs: { id: { type: 'string', pattern: '^a', minLength: 2 } },
    properties: {
      id: { $ref: '#/$defs/id' },
      kind: { const: 'x' },
      none: { type: ['string', 'null'] },
    },
    required: ['id'],
    additionalProperties: false,
  }

  test.each([
    [get, { name: 'get' }],
    [{ function: { name: 'get' } }, { name: 'get' }],
    [
      { type: 'function', function: { name: 'get', description: 'd', parameters, strict: true } },
      { name: 'get', description: 'd', parameters, strict: true },
    ],
    [
      {
        type: 'function',
        function: { name: 'get', description: null, parameters: null, strict: null },
      },
      { name: 'get' },
    ],
    [patch, { name: 'patch', isFreeform: true }],
    [
      { type: 'custom', custom: { name: 'patch', description: 'd', format: { type: 'text' } } },
      { name: 'patch', description: 'd', isFreeform: true },
    ],
    [
      {
        type: 'custom',
        custom: {
          name: 'patch',
          format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a+' } },
        },
      },
      { name: 'patch', isFreeform: true, grammar: { syntax: 'regex', definition: 'a+' } },
    ],
    [
      { ...get, cache_control: { type: 'ephemeral' } },
      { name: 'get', cache: {} },
    ],
    [
      {
        type: 'function',
        function: { name: 'get', cache_control: { type: 'ephemeral', ttl: '1h' } },
      },
      { name: 'get', cache: { ttl: '1h' } },
    ],
    [
      { ...patch, cache_control: { type: 'ephemeral' } },
      { name: 'patch', isFreeform: true, cache: {} },
    ],
  ])('from %j', (tool, expected) => {
    const request = decoded({ tools: [tool] })
    expect(request.tools).toEqual([expected])
    expect(request.untranslated).toBeUndefined()
  })

  test('a note, where it has members that only some know', () => {
    const tools = [
      { ...get, defer_loading: true },
      { ...get, eager: true, defer_loading: true },
    ]
    expect(decoded({ tools }).untranslated).toEqual([
      { parameter: 'defer_loading' },
      { parameter: 'eager' },
    ])
  })
})

describe('a choice of tools becomes', () => {
  test.each([
    ['auto', { kind: 'auto' }],
    ['none', { kind: 'none' }],
    ['required', { kind: 'required' }],
    [get, { kind: 'tool', name: 'get' }],
    [patch, { kind: 'tool', name: 'patch' }],
    [
      { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [get, patch] } },
      { kind: 'allowed', mode: 'required', names: ['get', 'patch'] },
    ],
  ])('from %j', (tool_choice, expected) => {
    expect(decoded({ tools: [get, patch], tool_choice }).toolChoice).toEqual(expected)
  })

  test('nothing, where there is none', () => {
    expect(decoded({ tools: [get] }).toolChoice).toBeUndefined()
  })
})

describe('is refused, naming the field:', () => {
  test.each([
    ['tools.0', { tools: ['get'] }],
    ['tools.0.type', { tools: [{ type: 'web_search' }] }],
    ['tools.0.function', { tools: [{ type: 'function' }] }],
    ['tools.0.function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tools.0.function.name', { tools: [{ type: 'function', function: { name: '' } }] }],
    ['tools.1.function.parameters', { tools: [get, { function: { name: 'a', parameters: [] } }] }],
    ['tools.0.function.strict', { tools: [{ function: { name: 'a', strict: 'yes' } }] }],
    ['tools.0.custom', { tools: [{ type: 'custom', function: { name: 'a' } }] }],
    [
      'tools.0.custom.format.type',
      { tools: [{ type: 'custom', custom: { name: 'a', format: {} } }] },
    ],
    [
      'tools.0.custom.format.grammar.definition',
      {
        tools: [
          {
            type: 'custom',
            custom: { name: 'a', format: { type: 'grammar', grammar: { syntax: 'lark' } } },
          },
        ],
      },
    ],
    ['tools.0.cache_control.type', { tools: [{ ...get, cache_control: { type: 'forever' } }] }],
    ['tool_choice', { tools: [get], tool_choice: 'any' }],
    ['tool_choice', { tools: [get], tool_choice: 7 }],
    ['tool_choice.type', { tools: [get], tool_choice: {} }],
    ['tool_choice.function', { tools: [get], tool_choice: { type: 'function', name: 'get' } }],
    [
      'tool_choice.function.name',
      { tools: [get], tool_choice: { type: 'function', function: { name: 'set' } } },
    ],
    ['tool_choice.allowed_tools', { tools: [get], tool_choice: { type: 'allowed_tools' } }],
    [
      'tool_choice.allowed_tools.tools',
      {
        tools: [get],
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
      },
    ],
    [
      'tool_choice.allowed_tools.mode',
      { tools: [get], tool_choice: { type: 'allowed_tools', allowed_tools: { tools: [get] } } },
    ],
    [
      'tool_choice.allowed_tools.tools.1.custom.name',
      {
        tools: [get],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'auto', tools: [get, patch] },
        },
      },
    ],
  ])('%s in %j', (param, members) => {
    expect(faultOf(members)).toMatchObject(fault(param) as object)
  })
})
