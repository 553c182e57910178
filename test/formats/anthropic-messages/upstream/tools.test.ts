import { describe, expect, test } from 'vitest'
import type { ToolChoice } from '../../../../src/core/chat.ts'
import { thrownBy } from '../../../thrown-by.ts'
import {
  type Asked,
  assistant,
  calling,
  CURRENT,
  encode,
  MIXED,
  NEWEST,
  OLD,
  result,
  user,
} from './claude.ts'

const look = { name: 'look', parameters: { type: 'object', properties: {} } }
const tools = [look, { name: 'find' }]

describe('a tool', () => {
  const encoded = (tool: object, asked: Asked = {}) =>
    encode({ tools: [{ name: 'look', ...tool }] }, asked).body['tools'][0]

  test('#32 keeps its schema as it is', () => {
    const parameters = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      properties: {
        city: { type: 'string', minLength: 1, pattern: '^[A-Z]', examples: ['Rome'] },
        unit: { $ref: '#/$defs/unit' },
        days: { type: 'integer', minimum: 1, exclusiveMaximum: 15 },
      },
      required: ['city'],
      $defs: { unit: { oneOf: [{ const: 'c' }, { const: 'f' }, { type: 'null' }] } },
      not: { required: ['nothing'] },
      additionalProperties: { type: 'string' },
    }
    expect(encoded({ description: 'Looks.', parameters })).toEqual({
      name: 'look',
      description: 'Looks.',
      input_schema: parameters,
    })
  })

  test('#32 keeps the order of its schema', () => {
    const parameters = { properties: { b: {}, a: {} }, type: 'object' }
    expect(JSON.stringify(encoded({ parameters }).input_schema)).toBe(JSON.stringify(parameters))
  })

  test.each([
    [undefined, { type: 'object', properties: {} }],
    [{}, { type: 'object' }],
    [{ properties: { a: {} } }, { type: 'object', properties: { a: {} } }],
    [{ type: 'string' }, { type: 'string' }],
  ])('with parameters %j has the schema %j', (parameters, schema) => {
    expect(encoded(parameters === undefined ? {} : { parameters })).toEqual({
      name: 'look',
      input_schema: schema,
    })
  })

  test('that takes text takes it as one string', () => {
    expect(encoded({ isFreeform: true })).toEqual({
      name: 'look',
      input_schema: {
        type: 'object',
        properties: { input: { type: 'string' } },
        required: ['input'],
        additionalProperties: false,
      },
    })
  })

  const closed = {
    type: 'object',
    properties: { a: { type: 'string' } },
    additionalProperties: false,
  }
  test.each([
    [closed, {}, true],
    [closed, { model: 'claude-opus-4-1' }, false],
    [closed, { model: 'anthropic.claude-opus-5-5', host: 'bedrock' }, false],
    [{ ...closed, additionalProperties: true }, {}, false],
    [{ ...closed, properties: { a: { type: 'string', maxLength: 3 } } }, {}, false],
    [{ ...closed, $schema: 'https://json-schema.org/draft/2020-12/schema' }, {}, true],
  ] as const)(
    'that is strict, with the schema %j, on %j, stays strict: %s',
    (parameters, asked, expected) => {
      const { body, warnings } = encode(
        { tools: [{ name: 'look', parameters, strict: true }] },
        asked,
      )
      expect(body['tools']).toEqual([
        { name: 'look', input_schema: parameters, ...(expected && { strict: true }) },
      ])
      expect(warnings).toEqual(expected ? [] : ['strict:dropped'])
    },
  )

  test('with a name that Claude does not take gets one that it takes, in the history too', () => {
    const name = 'weather.get'
    const messages = [
      user('a'),
      {
        role: 'assistant',
        content: [{ kind: 'tool-call', id: 'x', name, arguments: '{}' }],
      } as const,
      result('x', 'r'),
    ]
    const { body } = encode({ messages, tools: [{ name }], toolChoice: { kind: 'tool', name } })
    const [{ name: plain }] = body['tools']
    expect(plain).toMatch(/^[a-zA-Z0-9_-]{1,128}$/)
    expect(body['messages'][1].content[0].name).toBe(plain)
    expect(body['tool_choice'].name).toBe(plain)
  })
})

describe('the choice of tools', () => {
  test.each<[ToolChoice | undefined, boolean | undefined, object | undefined]>([
    [undefined, undefined, undefined],
    [undefined, true, undefined],
    [undefined, false, { type: 'auto', disable_parallel_tool_use: true }],
    [{ kind: 'auto' }, undefined, { type: 'auto' }],
    [{ kind: 'none' }, undefined, { type: 'none' }],
    [{ kind: 'none' }, false, { type: 'none' }],
    [{ kind: 'required' }, undefined, { type: 'any' }],
    [{ kind: 'required' }, false, { type: 'any', disable_parallel_tool_use: true }],
    [{ kind: 'tool', name: 'find' }, undefined, { type: 'tool', name: 'find' }],
  ])('%j, parallel %s, is %j', (toolChoice, parallelToolCalls, expected) => {
    const { body, warnings } = encode({
      tools,
      ...(toolChoice && { toolChoice }),
      ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    })
    expect(body['tool_choice']).toEqual(expected)
    expect(body['tools']).toHaveLength(2)
    expect(warnings).toEqual([])
  })

  test.each([
    ['auto', 'auto'],
    ['required', 'any'],
  ] as const)('among some, %s, leaves the others out', (mode, type) => {
    const { body } = encode({
      tools,
      toolChoice: { kind: 'allowed', mode, names: ['find', 'other'] },
    })
    expect(body['tools'].map(({ name }: { name: string }) => name)).toEqual(['find'])
    expect(body['tool_choice']).toEqual({ type })
  })

  test.each<[ToolChoice]>([
    [{ kind: 'tool', name: 'other' }],
    [{ kind: 'allowed', mode: 'auto', names: ['other'] }],
  ])('%j of tools that are not there is refused', (toolChoice) => {
    expect(thrownBy(() => encode({ tools, toolChoice }))).toMatchObject({
      code: 'invalid_request',
      details: { param: 'tool_choice' },
    })
  })

  const forced: ToolChoice[] = [
    { kind: 'required' },
    { kind: 'tool', name: 'look' },
    { kind: 'allowed', mode: 'required', names: ['look'] },
  ]

  test.each(forced)('#28 %j is refused on models that call tools as they like', (toolChoice) => {
    expect(thrownBy(() => encode({ tools, toolChoice }, { model: NEWEST }))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param: 'tool_choice' },
    })
    const lenient = encode({ tools, toolChoice }, { model: NEWEST, mode: 'lenient' })
    expect(lenient.body['tool_choice']).toEqual({ type: 'auto' })
    expect(lenient.warnings).toEqual(['tool_choice:dropped'])
  })

  test.each([OLD, MIXED, CURRENT, 'claude-haiku-5-5'])('#28 is taken by %s', (model) => {
    for (const toolChoice of forced)
      expect(encode({ tools, toolChoice }, { model }).warnings).toEqual([])
  })
})

describe('#29 without tools', () => {
  test.each<[ToolChoice, string[]]>([
    [{ kind: 'auto' }, []],
    [{ kind: 'none' }, []],
    [{ kind: 'required' }, ['tool_choice:dropped']],
    [{ kind: 'tool', name: 'look' }, ['tool_choice:dropped']],
  ])('a choice %j says nothing', (toolChoice, expected) => {
    const { body, warnings } = encode({ toolChoice, parallelToolCalls: false })
    expect(body).not.toHaveProperty('tool_choice')
    expect(body).not.toHaveProperty('tools')
    expect(warnings).toEqual(expected)
  })

  test('tools of the history are declared, and cannot be called', () => {
    const messages = [
      user('a'),
      calling('x', 'y'),
      result('x', '1'),
      result('y', '2'),
      assistant('b'),
      user('c'),
    ]
    const { body } = encode({ messages })
    expect(body['tools']).toEqual([
      { name: 'look', input_schema: { type: 'object', additionalProperties: true } },
    ])
    expect(body['tool_choice']).toEqual({ type: 'none' })
  })
})
