import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { decodeRequest } from '../../../../src/formats/openai-responses/client/decode-request.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { body, decode, refusedPath, warningsOf } from './request.ts'

const SCHEMA = { type: 'object', properties: { a: { type: 'string' } } }

describe('members that have a slot', () => {
  test.each<[JsonObject, object]>([
    [{}, { messages: [{ role: 'user', content: [{ kind: 'text', text: 'hi' }] }], stop: [] }],
    [{ stream: true }, { stream: true }],
    [{ max_output_tokens: 7 }, { maxOutputTokens: 7 }],
    [
      { temperature: 0.2, top_p: 0.5 },
      { temperature: 0.2, topP: 0.5 },
    ],
    [{ parallel_tool_calls: false }, { parallelToolCalls: false }],
    [{ top_logprobs: 3 }, { topLogprobs: 3 }],
    [{ include: ['message.output_text.logprobs'] }, { topLogprobs: 0 }],
    [
      { reasoning: { effort: 'high', summary: 'auto' } },
      { reasoning: { effort: 'high', show: 'auto' } },
    ],
    [{ reasoning: { generate_summary: 'concise' } }, { reasoning: { show: 'concise' } }],
    [{ text: { verbosity: 'low' } }, { verbosity: 'low' }],
    [{ text: { format: { type: 'json_object' } } }, { outputFormat: { kind: 'json' } }],
    [
      { text: { format: { type: 'json_schema', name: 'n', schema: SCHEMA, strict: true } } },
      { outputFormat: { kind: 'json-schema', name: 'n', schema: SCHEMA, strict: true } },
    ],
    [{ safety_identifier: 'u1', user: 'u2' }, { endUser: 'u1' }],
    [{ user: 'u2' }, { endUser: 'u2' }],
    [{ metadata: { a: 'b' } }, { metadata: { a: 'b' } }],
    [
      { service_tier: 'flex', prompt_cache_key: 'k' },
      { serviceTier: 'flex', promptCacheKey: 'k' },
    ],
  ])('%j', (members, expected) => {
    expect(decode(members)).toMatchObject(expected)
  })

  test('instructions come first', () => {
    const { messages } = decode({
      instructions: 'be kind',
      input: [
        { role: 'developer', content: 'and brief' },
        { role: 'user', content: 'hi' },
      ],
    })
    expect(messages.map(({ role }) => role)).toEqual(['system', 'system', 'user'])
    expect(messages[0]?.content).toEqual([{ kind: 'text', text: 'be kind' }])
  })
})

describe('what asks for nothing is left out', () => {
  test.each<JsonObject>([
    { store: true },
    { store: false },
    { truncation: 'disabled' },
    { background: false },
    { previous_response_id: null, conversation: null, prompt: null },
    { include: ['reasoning.encrypted_content', 'file_search_call.results'] },
    { top_logprobs: 0 },
    { reasoning: { effort: null, summary: null, context: 'auto', mode: 'standard' } },
    { text: { format: { type: 'text' } } },
    { metadata: {} },
    { max_tool_calls: 3 },
    { stream_options: { include_obfuscation: false } },
    { instructions: '' },
    { input: [{ id: 'msg_1', status: 'completed', role: 'user', content: 'hi' }] },
  ])('%j', (members) => {
    expect({ ...decode(members), echo: {} }).toEqual({ ...decode({}), echo: {} })
    expect(warningsOf(members, 'strict')).toEqual([])
  })
})

describe('what has no slot is told', () => {
  test.each<[JsonObject, string[]]>([
    [{ truncation: 'auto' }, ['truncation:dropped']],
    [{ client_metadata: { a: 'b' } }, ['client_metadata:dropped']],
    [{ prompt_cache_retention: '24h' }, ['prompt_cache_retention:dropped']],
    [{ reasoning: { context: 'all_turns', mode: 'pro' } }, ['context:dropped', 'mode:dropped']],
    [{ text: { strange: true } }, ['strange:dropped']],
    [{ input: [{ role: 'user', content: 'a', strange: 1 }] }, ['strange:dropped']],
    [
      { tools: [{ type: 'function', name: 'f', output_schema: { a: 1 } }] },
      ['output_schema:dropped'],
    ],
    [{ tools: [{ type: 'custom', name: 'f', async: true }] }, ['async:dropped']],
  ])('%j is a hint', (members, warnings) => {
    expect(warningsOf(members, 'default')).toEqual(warnings)
  })

  test.each<[JsonObject, string]>([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ conversation: 'conv_1' }, 'conversation'],
    [{ background: true }, 'background'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] }, 'tools.1.type'],
    [{ tools: [{ type: 'mcp', server_label: 's' }] }, 'tools.0.type'],
    [{ tool_choice: { type: 'file_search' } }, 'tool_choice.type'],
    [
      { tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'shell' }] } },
      'tool_choice.tools.0.type',
    ],
    [{ input: [{ type: 'web_search_call', id: 'ws_1' }] }, 'input.0.type'],
  ])('%j is refused, and left out for lenient callers', (members, param) => {
    const error = thrownBy(() => warningsOf(members, 'default'))
    expect(error).toMatchObject({ code: 'unsupported_parameter', status: 400, details: { param } })
    expect(warningsOf(members)).toEqual([`${param}:dropped`])
  })

  test.each(['previous_response_id', 'conversation', 'background', 'prompt'])(
    '%s: Keyway says that it keeps nothing',
    (name) => {
      expect(() => warningsOf({ [name]: 'x' }, 'default')).toThrow(/Keyway keeps no/)
    },
  )

  test.each(['previous_response_id', 'conversation', 'prompt'])(
    '%s may stand in place of input',
    (name) => {
      expect(decodeRequest({ model: 'm', [name]: 'x' }).messages).toEqual([])
    },
  )
})

describe('a mistake is named by its path', () => {
  test.each<[JsonObject, string]>([
    [{ input: null }, 'input'],
    [{ input: 7 }, 'input'],
    [{ input: [7] }, 'input.0'],
    [{ instructions: 7 }, 'instructions'],
    [{ max_output_tokens: 0 }, 'max_output_tokens'],
    [{ temperature: 3 }, 'temperature'],
    [{ top_logprobs: 21 }, 'top_logprobs'],
    [{ include: 'x' }, 'include'],
    [{ reasoning: { effort: 'vast' } }, 'reasoning.effort'],
    [{ text: { format: { type: 'yaml' } } }, 'text.format.type'],
    [{ text: { format: { type: 'json_schema', schema: {} } } }, 'text.format.name'],
    [{ text: { format: { type: 'json_schema', name: 'n' } } }, 'text.format.schema'],
    [{ metadata: { a: 1 } }, 'metadata'],
    [{ stream: 'yes' }, 'stream'],
  ])('%j', (members, path) => {
    expect(refusedPath(members)).toBe(path)
  })
})

const WORDS =
  'message function_call function_call_output custom_tool_call reasoning item_reference input_text ' +
  'input_image input_file output_text refusal user assistant developer function custom namespace ' +
  'allowed_tools auto json_schema data:;base64,AA== https://a.example/b kwreason.W10'
const NAMES =
  'type role content text input tools tool_choice call_id name arguments output summary mode format ' +
  'encrypted_content image_url file_data reasoning effort include metadata id namespace instructions'

test('any JSON is read, or refused with an error of ours', () => {
  const word = fc.constantFrom(...WORDS.split(' '))
  const name = fc.constantFrom(...NAMES.split(' '))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6 },
      word,
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(name, tie('value'), { maxKeys: 6 }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 8 }), (members) => {
      const error = thrownBy(() => decodeRequest(body(members)))
      if (error !== undefined) expect(error).toBeInstanceOf(GatewayError)
    }),
    { numRuns: 3000 },
  )
})
