import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { decode, refusedPath } from './request.ts'

const schema = {
  type: 'object',
  properties: { a: { $ref: '#/$defs/x', minimum: 1 } },
  additionalProperties: false,
  $defs: { x: { type: 'number' } },
}
const tool = (name = 'f', more: object = {}) => ({ name, input_schema: schema, ...more })
const decoded = (name = 'f', more: object = {}) => ({ name, parameters: schema, ...more })
const wishes = (members: JsonObject) => {
  const { tools, toolChoice, parallelToolCalls, untranslated } = decode(members)
  return { tools, toolChoice, parallelToolCalls, untranslated }
}

test('#32 tools keep their schemas, and #33 their marks', () => {
  const more = { description: 'F.', strict: true }
  const mark = { cache_control: { type: 'ephemeral' } }
  expect(wishes({ tools: [tool('f', { ...more, ...mark, type: 'custom' }), tool('g')] })).toEqual({
    tools: [decoded('f', { ...more, cache: {} }), decoded('g')],
  })
})

test('what else is said of a tool is noted', () => {
  const more = { input_examples: [{}], defer_loading: true, eager_input_streaming: false }
  expect(wishes({ tools: [tool('f', more), tool('g', more)] })).toEqual({
    tools: [decoded('f'), decoded('g')],
    untranslated: [{ parameter: 'input_examples' }, { parameter: 'defer_loading' }],
  })
})

test('tools that only Claude knows are noted with their types', () => {
  const search = { type: 'web_search_20260318', name: 'web_search' }
  expect(wishes({ tools: [tool(), search], tool_choice: { type: 'any' } })).toEqual({
    tools: [decoded()],
    toolChoice: { kind: 'required' },
    untranslated: [
      {
        parameter: 'tools.1.type',
        why: expect.stringContaining('"web_search_20260318"') as string,
      },
    ],
  })
  expect(
    wishes({ tools: [tool(), search], tool_choice: { type: 'tool', name: 'web_search' } }),
  ).toEqual({
    tools: [decoded()],
    untranslated: [
      expect.objectContaining({ parameter: 'tools.1.type' }),
      { parameter: 'tool_choice' },
    ],
  })
})

describe('tool_choice', () => {
  test.each<[JsonObject, object]>([
    [{ type: 'auto' }, { toolChoice: { kind: 'auto' } }],
    [{ type: 'any' }, { toolChoice: { kind: 'required' } }],
    [{ type: 'none' }, { toolChoice: { kind: 'none' } }],
    [{ type: 'tool', name: 'f' }, { toolChoice: { kind: 'tool', name: 'f' } }],
    [
      { type: 'auto', disable_parallel_tool_use: true },
      { toolChoice: { kind: 'auto' }, parallelToolCalls: false },
    ],
    [{ type: 'any', disable_parallel_tool_use: false }, { toolChoice: { kind: 'required' } }],
  ])('%j', (choice, expected) => {
    expect(wishes({ tools: [tool()], tool_choice: choice })).toEqual({
      tools: [decoded()],
      ...expected,
    })
  })

  test.each<[JsonObject, object]>([
    [{ type: 'auto', disable_parallel_tool_use: true }, {}],
    [{ type: 'none' }, {}],
    [{ type: 'any' }, { untranslated: [{ parameter: 'tool_choice' }] }],
    [{ type: 'tool', name: 'f' }, { untranslated: [{ parameter: 'tool_choice' }] }],
  ])('#29 without tools is left out: %j', (choice, expected) => {
    expect(wishes({ tool_choice: choice })).toEqual({ tools: [], ...expected })
    expect(wishes({ tools: [], tool_choice: choice })).toEqual({ tools: [], ...expected })
  })

  test('#29 a history of tools needs no tools', () => {
    const messages = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
    ]
    expect(decode({ messages })).toMatchObject({ tools: [], messages: { length: 2 } })
  })
})

test.each<[string, JsonObject]>([
  ['tools', { tools: {} }],
  ['tools.0', { tools: ['f'] }],
  ['tools.0.name', { tools: [{ input_schema: {} }] }],
  ['tools.0.name', { tools: [tool('')] }],
  ['tools.1.input_schema', { tools: [tool(), { name: 'g' }] }],
  ['tools.0.input_schema', { tools: [{ name: 'f', input_schema: '{}' }] }],
  ['tools.0.description', { tools: [tool('f', { description: 1 })] }],
  ['tools.0.strict', { tools: [tool('f', { strict: 'yes' })] }],
  ['tools.0.type', { tools: [tool('f', { type: 1 })] }],
  ['tools.0.cache_control.type', { tools: [tool('f', { cache_control: {} })] }],
  ['tool_choice', { tools: [tool()], tool_choice: 'auto' }],
  ['tool_choice.type', { tools: [tool()], tool_choice: {} }],
  ['tool_choice.type', { tools: [tool()], tool_choice: { type: 'required' } }],
  ['tool_choice.name', { tools: [tool()], tool_choice: { type: 'tool' } }],
  ['tool_choice.name', { tools: [tool()], tool_choice: { type: 'tool', name: 'g' } }],
  [
    'tool_choice.disable_parallel_tool_use',
    { tools: [tool()], tool_choice: { type: 'auto', disable_parallel_tool_use: 1 } },
  ],
])('refused for %s: %j', (path, members) => {
  expect(refusedPath(members)).toBe(path)
})
