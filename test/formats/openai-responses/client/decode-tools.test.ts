import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { decode, refusedPath, warningsOf } from './request.ts'

const SCHEMA = { type: 'object', properties: {}, $defs: { kept: true } }

describe('tools', () => {
  test.each<[JsonObject, object]>([
    [
      { type: 'function', name: 'f', description: 'd', parameters: SCHEMA, strict: true },
      { name: 'f', description: 'd', parameters: SCHEMA, strict: true },
    ],
    [
      { type: 'function', name: 'f', description: null, parameters: null, strict: null },
      { name: 'f' },
    ],
    [
      { type: 'custom', name: 'c' },
      { name: 'c', isFreeform: true },
    ],
    [
      { type: 'custom', name: 'c', format: { type: 'text' } },
      { name: 'c', isFreeform: true },
    ],
    [
      {
        type: 'custom',
        name: 'apply_patch',
        description: 'Edits files.',
        format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
      },
      {
        name: 'apply_patch',
        description: 'Edits files.',
        isFreeform: true,
        grammar: { syntax: 'lark', definition: 'start: "x"' },
      },
    ],
  ])('%j', (tool, expected) => {
    expect(decode({ tools: [tool] }).tools).toEqual([expected])
  })

  test('of a namespace bear its name', () => {
    const tools = [
      {
        type: 'namespace',
        name: 'files',
        description: 'd',
        tools: [
          { type: 'function', name: 'read' },
          { type: 'custom', name: 'patch' },
        ],
      },
    ]
    expect(decode({ tools }).tools).toMatchObject([
      { name: 'files__read', namespaced: { namespace: 'files', name: 'read' } },
      { name: 'files__patch', isFreeform: true },
    ])
  })

  test('of others are left out, wherever they stand', () => {
    const tools = [
      { type: 'web_search' },
      { type: 'function', name: 'f' },
      { type: 'namespace', name: 'n', tools: [{ type: 'namespace', name: 'm', tools: [] }] },
    ]
    expect(decode({ tools }).tools).toEqual([{ name: 'f' }])
    expect(warningsOf({ tools })).toEqual(['tools.0.type:dropped', 'tools.2.tools.0.type:dropped'])
  })
})

describe('tools that come in the course of the conversation', () => {
  const f = { type: 'function', name: 'f' }
  const g = { type: 'namespace', name: 'n', tools: [{ type: 'function', name: 'g' }] }
  const patch = { type: 'custom', name: 'patch' }
  const brought = [
    { type: 'additional_tools', role: 'developer', tools: [f, patch] },
    { role: 'user', content: 'a' },
  ]

  test('are tools like any other, once each', () => {
    const input = [...brought, { type: 'tool_search_output', call_id: 's', tools: [g, patch] }]
    for (const tools of [undefined, [f]]) {
      const { tools: known, messages, untranslated } = decode({ input, tools })
      expect(known.map(({ name }) => name)).toEqual(['f', 'patch', 'n__g'])
      expect(messages).toHaveLength(1)
      expect(untranslated).toBeUndefined()
    }
  })

  test('are read with the same care', () => {
    expect(
      refusedPath({ input: [{ type: 'additional_tools', tools: [{ type: 'function' }] }] }),
    ).toBe('input.0.tools.0.name')
    const input = [{ type: 'additional_tools', tools: [{ type: 'web_search' }] }, ...brought]
    expect(warningsOf({ input })).toEqual(['input.0.tools.0.type:dropped'])
  })

  test.each([{}, { execution: 'server' }])('need not be searched for by OpenAI: %j', (by) => {
    const search = { type: 'tool_search', ...by }
    const call = { type: 'tool_search_call', call_id: null, ...by, arguments: {} }
    const found = { type: 'tool_search_output', call_id: null, ...by, tools: [g] }
    const members = { tools: [search, f], input: [...brought, call, found, call, found] }
    expect(warningsOf(members, 'default')).toEqual([
      'tool_search_call:dropped',
      'tools.0.type:dropped',
    ])
    expect(decode(members).messages).toHaveLength(1)
  })

  test('are nowhere to be had where the client is to search for them', () => {
    const search = { type: 'tool_search', execution: 'client', parameters: {} }
    expect(decode({ tools: [f, search] }).untranslated).toEqual([
      { parameter: 'tools.1.type', why: expect.stringContaining('offer the tools themselves') },
    ])
    expect(warningsOf({ tools: [f, search] })).toEqual(['tools.1.type:dropped'])
  })
})

test.each<[members: JsonObject, isRefused: boolean]>([
  [{}, false],
  [{ tool_choice: 'auto' }, false],
  [{ tool_choice: 'none' }, false],
  [{ tool_choice: 'required' }, true],
  [{ tool_choice: { type: 'web_search' } }, true],
])(
  'a search that looks nothing up is a hint, unless it may be forced: %j',
  (members, isRefused) => {
    const tools = [
      { type: 'function', name: 'f' },
      { type: 'web_search', external_web_access: false },
    ]
    const { tools: known, untranslated } = decode({ tools, ...members })
    expect(known).toEqual([{ name: 'f' }])
    expect(untranslated?.some(({ why }) => why !== undefined)).toBe(isRefused)
    expect(warningsOf({ tools, ...members })).toContain('tools.1.type:dropped')
  },
)

test.each<JsonObject>([
  { type: 'web_search' },
  { type: 'web_search', external_web_access: true },
  { type: 'file_search', external_web_access: false },
])('a tool of OpenAI’s that does something is refused: %j', (tool) => {
  expect(decode({ tools: [tool] }).untranslated).toEqual([
    { parameter: 'tools.0.type', why: expect.any(String) as string },
  ])
})

test.each<[unknown, object | undefined]>([
  ['auto', { kind: 'auto' }],
  ['none', { kind: 'none' }],
  ['required', { kind: 'required' }],
  [null, undefined],
  [
    { type: 'function', name: 'f' },
    { kind: 'tool', name: 'f' },
  ],
  [
    { type: 'custom', name: 'c' },
    { kind: 'tool', name: 'c' },
  ],
  [
    { type: 'function', namespace: 'n', name: 'f' },
    { kind: 'tool', name: 'n__f' },
  ],
  [{ type: 'shell' }, undefined],
  [
    {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'f' }, { type: 'custom', name: 'c' }, { type: 'mcp' }],
    },
    { kind: 'allowed', mode: 'required', names: ['f', 'c'] },
  ],
])('tool_choice %j', (choice, expected) => {
  expect(decode({ tool_choice: choice }).toolChoice).toEqual(expected)
})

test.each<[JsonObject, string]>([
  [{ tools: {} }, 'tools'],
  [{ tools: [{ name: 'f' }] }, 'tools.0.type'],
  [{ tools: [{ type: 'function' }] }, 'tools.0.name'],
  [{ tools: [{ type: 'function', name: 'f', parameters: 'x' }] }, 'tools.0.parameters'],
  [{ tools: [{ type: 'function', name: 'f', strict: 'x' }] }, 'tools.0.strict'],
  [{ tools: [{ type: 'custom', name: 'f', format: 'x' }] }, 'tools.0.format'],
  [
    { tools: [{ type: 'custom', name: 'f', format: { type: 'grammar' } }] },
    'tools.0.format.syntax',
  ],
  [{ tools: [{ type: 'namespace', tools: [] }] }, 'tools.0.name'],
  [
    { tools: [{ type: 'namespace', name: 'n', tools: [{ type: 'function' }] }] },
    'tools.0.tools.0.name',
  ],
  [{ tool_choice: 'any' }, 'tool_choice'],
  [{ tool_choice: 7 }, 'tool_choice'],
  [{ tool_choice: { name: 'f' } }, 'tool_choice.type'],
  [{ tool_choice: { type: 'function' } }, 'tool_choice.name'],
  [{ tool_choice: { type: 'allowed_tools', tools: [] } }, 'tool_choice.mode'],
])('a mistake is named by its path: %j', (members, path) => {
  expect(refusedPath(members)).toBe(path)
})
