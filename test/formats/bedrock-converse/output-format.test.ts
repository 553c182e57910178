import { describe, expect, test } from 'vitest'
import type { ChatRequest, OutputFormat } from '../../../src/core/chat.ts'
import {
  assistant,
  call,
  CLAUDE_37,
  CLAUDE_45,
  CLAUDE_5,
  CLAUDE_55,
  encode,
  GPT,
  LLAMA,
  MISTRAL,
  NOVA,
  QWEN,
  result,
  system,
  tool,
  user,
} from './fixtures.ts'

const strict = {
  type: 'object',
  properties: { a: { type: 'string' } },
  additionalProperties: false,
}
const open = { type: 'object', properties: { a: { type: 'string', minLength: 1 } } }
const schema = (json: object): OutputFormat => ({
  kind: 'json-schema',
  name: 'my answer',
  description: 'About it.',
  schema: json as Record<string, unknown>,
})
const json: OutputFormat = { kind: 'json' }
const tools = [tool('look')]
const named = { tool: { name: 'give_answer' } }

function asked(outputFormat: OutputFormat, model: string, more: Partial<ChatRequest> = {}) {
  const { body, warnings } = encode({ outputFormat, ...more }, model)
  const names = body.toolConfig?.tools.flatMap((one) =>
    'toolSpec' in one ? [one.toolSpec.name] : [],
  )
  return {
    names,
    choice: body.toolConfig?.toolChoice,
    system: body.system,
    outputConfig: body.outputConfig,
    warnings,
  }
}

describe('a model that can be held to a schema is', () => {
  test.each([CLAUDE_45, QWEN])('%s', (model) => {
    const { names, system: instructions, outputConfig, warnings } = asked(schema(strict), model)
    expect([names, instructions, warnings]).toEqual([undefined, undefined, []])
    expect(outputConfig).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: {
          jsonSchema: {
            name: expect.stringMatching(/^my_answer_kw\w{9}$/) as unknown,
            description: 'About it.',
            schema: JSON.stringify(strict),
          },
        },
      },
    })
  })
})

describe('elsewhere the answer is taken from a call that has to be made', () => {
  test.each<[string, OutputFormat, string, Partial<ChatRequest>, string[], object]>([
    ['no schemas', schema(strict), NOVA, {}, ['give_answer'], named],
    ['a schema that is not one of these', schema(open), CLAUDE_45, {}, ['give_answer'], named],
    ['JSON of any kind', json, GPT, {}, ['give_answer'], named],
    [
      'tools that may be called as well',
      json,
      NOVA,
      { tools },
      ['look', 'give_answer'],
      { any: {} },
    ],
    [
      'tools that may not be called',
      json,
      CLAUDE_5,
      { tools, toolChoice: { kind: 'none' } },
      ['look', 'give_answer'],
      named,
    ],
    [
      'tools that may not be called, where one cannot be named',
      json,
      MISTRAL,
      { tools, toolChoice: { kind: 'none' } },
      ['give_answer'],
      { any: {} },
    ],
    [
      'tools of the history',
      json,
      NOVA,
      { messages: [user('a'), assistant(call('c')), result('c', 'b')] },
      ['look', 'give_answer'],
      named,
    ],
    [
      'a tool that is called so',
      json,
      NOVA,
      { tools: [tool('give_answer')] },
      ['give_answer', 'give_answer_2'],
      { any: {} },
    ],
  ])('%s', (_, format, model, more, names, choice) => {
    expect(asked(format, model, more)).toEqual({
      names,
      choice,
      system: undefined,
      outputConfig: undefined,
      warnings: [],
    })
  })

  test('whose input is the schema', () => {
    const { body } = encode({ outputFormat: schema(open) })
    expect(body.toolConfig?.tools).toEqual([
      {
        toolSpec: {
          name: 'give_answer',
          description: 'Gives the answer, which is the input. About it.',
          inputSchema: { json: open },
        },
      },
    ])
  })
})

describe('where no call can be forced it is asked for in words', () => {
  test.each<[string, OutputFormat, string, Partial<ChatRequest>]>([
    ['Llama', json, LLAMA, {}],
    ['Claude that decides for itself', json, CLAUDE_55, { tools }],
    ['Claude while it thinks by a budget', json, CLAUDE_37, { reasoning: { effort: 'low' } }],
    ['an answer that is no object', schema({ type: 'array', items: {} }), NOVA, {}],
  ])('%s', (_, format, model, more) => {
    const { names, choice, system: instructions, warnings } = asked(format, model, more)
    expect(names).toEqual(more.tools === undefined ? undefined : ['look'])
    expect(choice).toBeUndefined()
    expect(instructions).toEqual([{ text: expect.stringMatching(/^Answer with /) as unknown }])
    expect(warnings).toEqual(['response_format:instructed'])
  })

  test('behind the instructions, and with the schema', () => {
    const messages = [system('a'), user('b'), system('c')]
    const { body } = encode({ messages, outputFormat: schema(open) }, LLAMA)
    expect(body.system?.[0]).toEqual({ text: 'a' })
    expect(body.system?.[1]).toMatchObject({
      text: expect.stringContaining(JSON.stringify(open)) as unknown,
    })
  })
})

test('an answer that has to be a call has no other form', () => {
  const more = { tools, toolChoice: { kind: 'required' } } as const
  expect(asked(json, NOVA, more)).toMatchObject({
    names: ['look'],
    choice: { any: {} },
    warnings: [],
  })
  expect(asked(schema(strict), QWEN, more).outputConfig).toBeUndefined()
})
