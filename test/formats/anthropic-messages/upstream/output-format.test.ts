import { describe, expect, test } from 'vitest'
import type { ChatRequest, OutputFormat, ToolChoice } from '../../../../src/core/chat.ts'
import { plainSchema } from '../../../../src/formats/anthropic-messages/upstream/plain-schema.ts'
import { thrownBy } from '../../../thrown-by.ts'
import {
  type Asked,
  calling,
  CURRENT,
  decode,
  encode,
  NEWEST,
  OLD,
  result,
  stream,
  user,
} from './claude.ts'

const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const asSchema: OutputFormat = { kind: 'json-schema', name: 'place', schema }
const asJson: OutputFormat = { kind: 'json' }
const open = { type: 'object', additionalProperties: { type: 'string' } }

const OLDER: Asked = { model: 'claude-sonnet-4' }
const VERTEX: Asked = { model: CURRENT, host: 'vertex' }
const VERTEX_NEWEST: Asked = { model: NEWEST, host: 'vertex' }
const BEDROCK: Asked = { model: 'anthropic.claude-opus-4-8', host: 'bedrock' }

describe('a schema in the part that Claude can be held to', () => {
  test.each<[string, object, object]>([
    ['what is plain', schema, schema],
    ['names of schemas', { $schema: 's', $id: 'i', ...schema }, schema],
    [
      'bounds',
      { type: 'integer', minimum: 1, maximum: 3, description: 'Days.' },
      { type: 'integer', description: 'Days.\nRules: minimum: 1; maximum: 3.' },
    ],
    [
      'patterns and lengths',
      { type: 'string', pattern: '^a"', minLength: 2, format: 'email' },
      { type: 'string', format: 'email', description: 'Rules: pattern: "^a\\""; minLength: 2.' },
    ],
    [
      'formats that are not known',
      { type: 'string', format: 'color' },
      { type: 'string', description: 'Rules: format: "color".' },
    ],
    [
      'lists',
      { type: 'array', items: { type: 'string', maxLength: 1 }, minItems: 1 },
      {
        type: 'array',
        items: { type: 'string', description: 'Rules: maxLength: 1.' },
        minItems: 1,
      },
    ],
    [
      'longer lists',
      { type: 'array', items: {}, minItems: 2, uniqueItems: true },
      { type: 'array', items: {}, description: 'Rules: minItems: 2; uniqueItems: true.' },
    ],
    [
      'one of',
      { oneOf: [{ type: 'string' }, { const: 1 }] },
      { anyOf: [{ type: 'string' }, { const: 1 }] },
    ],
    [
      'definitions',
      {
        type: 'array',
        items: { $ref: '#/$defs/a' },
        $defs: { a: { type: 'object', properties: {} } },
      },
      {
        type: 'array',
        items: { $ref: '#/$defs/a' },
        $defs: { a: { type: 'object', properties: {}, additionalProperties: false } },
      },
    ],
    [
      'properties that are called like rules',
      { type: 'object', properties: { pattern: { type: 'string' }, minimum: { type: 'null' } } },
      {
        type: 'object',
        properties: { pattern: { type: 'string' }, minimum: { type: 'null' } },
        additionalProperties: false,
      },
    ],
    [
      'types in a list',
      { type: ['object', 'null'], properties: {} },
      { type: ['object', 'null'], properties: {}, additionalProperties: false },
    ],
    ['enums of values', { enum: ['a', 1, null] }, { enum: ['a', 1, null] }],
    ['enums of objects', { enum: [{ a: 1 }] }, { description: 'Rules: enum: [{"a":1}].' }],
    [
      'what is not a schema',
      { type: 'object', properties: { a: true }, additionalProperties: false },
      { type: 'object', properties: { a: true }, additionalProperties: false },
    ],
  ])('%s', (_, from, to) => {
    expect(plainSchema(from as never).schema).toEqual(to)
    expect(plainSchema(from as never)).toEqual(plainSchema(structuredClone(from) as never))
  })

  test.each([
    [schema, true, false],
    [{ $schema: 's', ...schema }, true, false],
    [{ ...schema, additionalProperties: undefined }, false, false],
    [{ type: 'object' }, false, true],
    [open, false, true],
    [{ ...schema, additionalProperties: true }, false, true],
    [{ type: 'string', minLength: 1 }, false, false],
  ])('%j is exact: %s, narrowed: %s', (from, isExact, isNarrowed) => {
    expect(plainSchema(JSON.parse(JSON.stringify(from)))).toMatchObject({ isExact, isNarrowed })
  })

  test('that is nested without end is refused', () => {
    let deep: object = { type: 'string' }
    for (let depth = 0; depth < 1000; depth++) deep = { type: 'array', items: deep }
    expect(thrownBy(() => plainSchema(deep as never))).toMatchObject({ code: 'invalid_request' })
  })
})

describe('an answer with a schema', () => {
  test.each([OLD, CURRENT, NEWEST])('is asked for in the format’s own way from %s', (model) => {
    const { body, warnings } = encode(
      { outputFormat: asSchema, tools: [{ name: 'look' }] },
      { model },
    )
    expect(body['output_config']).toEqual({ format: { type: 'json_schema', schema } })
    expect(body['tools']).toHaveLength(1)
    expect(body).not.toHaveProperty('tool_choice')
    expect(warnings).toEqual([])
  })

  test('goes together with an effort', () => {
    const { body } = encode({ outputFormat: asSchema, reasoning: { effort: 'low' } })
    expect(body['output_config']).toEqual({
      effort: 'low',
      format: { type: 'json_schema', schema },
    })
  })

  test('that leaves members open is taken from a tool, which can be called so', () => {
    const { body } = encode({ outputFormat: { ...asSchema, schema: open } })
    expect(body['tools'][0].input_schema).toEqual(open)
    expect(body).not.toHaveProperty('output_config')
  })

  const tree = (ref: string) => ({
    ...schema,
    properties: { city: { type: 'array', items: { $ref: ref } } },
    $defs: {
      a: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'null' }] },
      b: { type: 'array', items: { $ref: '#/$defs/a' } },
      c: { type: 'array', items: { $ref: '#/$defs/d' } },
      d: { type: 'string' },
    },
  })

  test.each([
    ['#', true],
    ['#/$defs/a', true],
    ['#/$defs/c', false],
    ['#/$defs/none', false],
  ])('that refers to %s is taken from a tool: %s', (ref, expected) => {
    for (const model of [CURRENT, NEWEST]) {
      const { body } = encode({ outputFormat: { ...asSchema, schema: tree(ref) } }, { model })
      expect(body['tools']?.[0].input_schema).toEqual(expected ? tree(ref) : undefined)
    }
  })

  test('that leaves members open is closed where no tool can be made to be called', () => {
    const { body, warnings } = encode(
      { outputFormat: { ...asSchema, schema: open } },
      { model: NEWEST },
    )
    expect(body['output_config'].format.schema.additionalProperties).toBe(false)
    expect(warnings).toEqual(['response_format:narrowed'])
  })
})

describe('where there is no such way', () => {
  const answerTool = {
    name: 'give_answer',
    description: 'Gives the answer, which is the input.',
    input_schema: schema,
  }

  test.each([OLDER, VERTEX, BEDROCK])(
    '%j: the answer is the input of a tool that has to be called',
    (asked) => {
      const { body, warnings } = encode({ outputFormat: asSchema }, asked)
      expect(body['tools']).toEqual([answerTool])
      expect(body['tool_choice']).toEqual({
        type: 'tool',
        name: 'give_answer',
        disable_parallel_tool_use: true,
      })
      expect(body).not.toHaveProperty('output_config')
      expect(body).not.toHaveProperty('system')
      expect(warnings).toEqual([])
    },
  )

  test.each<[ToolChoice | undefined, object]>([
    [undefined, { type: 'any' }],
    [{ kind: 'auto' }, { type: 'any' }],
    [{ kind: 'none' }, { type: 'tool', name: 'give_answer', disable_parallel_tool_use: true }],
  ])('beside tools with the choice %j, it is one of them: %j', (toolChoice, expected) => {
    const { body } = encode(
      { outputFormat: asSchema, tools: [{ name: 'look' }], ...(toolChoice && { toolChoice }) },
      OLDER,
    )
    expect(body['tools'].map(({ name }: { name: string }) => name)).toEqual(['look', 'give_answer'])
    expect(body['tool_choice']).toEqual(expected)
  })

  test.each<ToolChoice>([{ kind: 'required' }, { kind: 'tool', name: 'look' }])(
    'where %j asks for a call, there is no other answer',
    (toolChoice) => {
      const { body } = encode(
        { outputFormat: asSchema, tools: [{ name: 'look' }], toolChoice },
        OLDER,
      )
      expect(body['tools']).toHaveLength(1)
    },
  )

  test('the tool is called like none of the caller’s', () => {
    const tools = [{ name: 'give_answer' }, { name: 'give_answer_2' }]
    const { body } = encode({ outputFormat: asJson, tools }, OLDER)
    expect(body['tools'].at(-1).name).toBe('give_answer_3')
  })

  test('the tool is asked for in words where none can be made to be called', () => {
    const messages = [
      { role: 'system', content: [{ kind: 'text', text: 'Be kind.' }] } as const,
      user('a'),
    ]
    const { body } = encode({ outputFormat: asSchema, messages }, VERTEX_NEWEST)
    expect(body['tools']).toEqual([answerTool])
    expect(body['tool_choice']).toEqual({ type: 'auto' })
    expect(body['system']).toHaveLength(2)
    expect(body['system'][1].text).toContain('give_answer')
  })

  test('a call that is asked for and cannot be made is refused all the same', () => {
    const request: Partial<ChatRequest> = {
      outputFormat: asJson,
      tools: [{ name: 'look' }],
      toolChoice: { kind: 'required' },
    }
    expect(thrownBy(() => encode(request, { model: NEWEST }))).toMatchObject({
      details: { param: 'tool_choice' },
    })
    const { body } = encode(request, { model: NEWEST, mode: 'lenient' })
    expect(body['tool_choice']).toEqual({ type: 'auto' })
    expect(body['tools']).toHaveLength(2)
  })

  test.each<[string, Partial<ChatRequest>, Asked]>([
    [
      'answers that are no objects',
      { outputFormat: { ...asSchema, schema: { type: 'array' } } },
      OLDER,
    ],
    [
      'where tools are forbidden and cannot be made to be called',
      { outputFormat: asJson, tools: [{ name: 'look' }], toolChoice: { kind: 'none' } },
      { model: NEWEST },
    ],
    [
      'where tools are there for the history only',
      { outputFormat: asJson, messages: [user('a'), calling('x'), result('x', 'r')] },
      { model: NEWEST },
    ],
  ])('%s are asked for in words', (_, members, asked) => {
    const { body } = encode(members, asked)
    expect(body['system'].at(-1).text).toMatch(/^Answer with .*JSON/)
    expect(JSON.stringify(body['tools'] ?? [])).not.toContain('give_answer')
  })
})

describe('JSON without a schema', () => {
  test.each([OLD, CURRENT])('is the input of a tool that takes any from %s', (model) => {
    const { body } = encode({ outputFormat: asJson }, { model })
    expect(body['tools'][0].input_schema).toEqual({ type: 'object', additionalProperties: true })
    expect(body['tool_choice']).toMatchObject({ type: 'tool', name: 'give_answer' })
  })
})

describe('the call that is the answer', () => {
  const request: Partial<ChatRequest> = { outputFormat: asSchema, tools: [{ name: 'look' }] }
  const said = (text: string) => ({ type: 'text', text })
  const answering = (input: object, name = 'give_answer') => ({
    type: 'tool_use',
    id: 'toolu_1',
    name,
    input,
  })
  const whole = (content: object[], stop_reason = 'tool_use') => ({
    type: 'message',
    content,
    stop_reason,
  })
  const start = (index: number, content_block: object) => ({
    type: 'content_block_start',
    index,
    content_block,
  })
  const delta = (index: number, partial_json: string) => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json },
  })
  const stop = (index: number) => ({ type: 'content_block_stop', index })
  const end = (stop_reason: string) => [
    { type: 'message_delta', delta: { stop_reason }, usage: {} },
    { type: 'message_stop' },
  ]
  const streamed = (...events: object[]) =>
    stream([{ type: 'message_start', message: {} }, ...events], { ...OLDER, request }).slice(1)

  test('is shown as text, and the answer has ended', () => {
    expect(decode(whole([answering({ city: 'Rome' })]), request, OLDER)).toEqual({
      content: [{ kind: 'text', text: '{"city":"Rome"}' }],
      finish: { reason: 'stop' },
    })
  })

  test('takes the place of what was said beside it', () => {
    const content = [
      said('Here it is:'),
      answering({ city: 'Rome' }),
      said('Done.'),
      answering({ city: 'Oslo' }),
    ]
    expect(decode(whole(content), request, OLDER).content).toEqual([
      { kind: 'text', text: '{"city":"Rome"}' },
    ])
  })

  test('takes the place of what was said beside it, and leaves the calls that follow', () => {
    const content = [said('Here it is:'), answering({ city: 'Rome' }), answering({ at: 1 }, 'look')]
    expect(decode(whole(content), request, OLDER)).toMatchObject({
      content: [
        { kind: 'text', text: '{"city":"Rome"}' },
        { kind: 'tool-call', name: 'look' },
      ],
      finish: { reason: 'tool-calls' },
    })
  })

  test('leaves calls of the caller’s tools as they are, with what was said before', () => {
    const content = [said('I look.'), answering({ at: 1 }, 'look')]
    expect(decode(whole(content), request, OLDER)).toEqual({
      content: [
        { kind: 'text', text: 'I look.' },
        { kind: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":1}' },
      ],
      finish: { reason: 'tool-calls' },
    })
  })

  test('that does not come leaves what was said', () => {
    expect(decode(whole([said('{"city":'), said('"Rome"}')], 'end_turn'), request, OLDER)).toEqual({
      content: [{ kind: 'text', text: '{"city":"Rome"}' }],
      finish: { reason: 'stop' },
    })
  })

  test('is streamed as text', () => {
    const events = streamed(
      start(0, said('Here')),
      stop(0),
      start(1, answering({})),
      delta(1, ''),
      delta(1, '{"city":'),
      delta(1, '"Rome"}'),
      stop(1),
      ...end('tool_use'),
    )
    expect(events).toEqual([
      { kind: 'text', text: '{"city":' },
      { kind: 'text', text: '"Rome"}' },
      { kind: 'finish', finish: { reason: 'stop' } },
      { kind: 'end' },
    ])
  })

  test('that is cut off stays cut off', () => {
    const events = streamed(
      start(0, answering({})),
      delta(0, '{"ci'),
      stop(0),
      ...end('max_tokens'),
    )
    expect(events).toEqual([
      { kind: 'text', text: '{"ci' },
      { kind: 'finish', finish: { reason: 'length' } },
      { kind: 'end' },
    ])
  })

  test('is a call like any other where nobody asked for a form', () => {
    expect(decode(whole([answering({ city: 'Rome' })]), {}, OLDER).content).toMatchObject([
      { kind: 'tool-call' },
    ])
  })
})
