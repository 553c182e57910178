import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const user = { role: 'user', content: 'hi' }
const said = { role: 'user', content: [{ text: 'hi' }] }
const nova = 'amazon.nova-lite-v1%3A0/converse'
const claude = 'anthropic.claude-opus-4-8/invoke'
const claudeBody = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [user] }

test.each<[string, string, object, string]>([
  ['a blank text', nova, { messages: [{ role: 'user', content: [{ text: ' ' }] }] }, 'is blank'],
  ['the same role twice', nova, { messages: [said, said] }, 'must alternate'],
  ['an unknown field', nova, { messages: [said], model: 'x' }, 'extraneous key [model]'],
  [
    'a tool choice of none',
    nova,
    {
      messages: [said],
      toolConfig: {
        tools: [{ toolSpec: { name: 'a', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { none: {} },
      },
    },
    'toolChoice',
  ],
  [
    'tool history without tools',
    nova,
    {
      messages: [
        said,
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'b', input: {} } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [] } }] },
      ],
    },
    'toolConfig field must be defined',
  ],
  [
    'sampling for a new Claude',
    'anthropic.claude-opus-4-8/converse',
    { messages: [said], inferenceConfig: { temperature: 0 } },
    'The model returned the following errors',
  ],
  [
    'how an answer is drawn of a newer GPT',
    'openai.gpt-5.6-sol/converse',
    { messages: [said], inferenceConfig: { maxTokens: 9, stopSequences: ['x'] } },
    'the stopSequences field',
  ],
  [
    'a budget as large as the answer',
    'anthropic.claude-sonnet-4-5/converse',
    {
      messages: [said],
      inferenceConfig: { maxTokens: 2000 },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } },
    },
    '`max_tokens` must be greater',
  ],
  [
    'a tool by force of a Claude that thinks by a budget',
    'anthropic.claude-sonnet-4-5/converse',
    {
      messages: [said],
      toolConfig: {
        tools: [{ toolSpec: { name: 'a', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { any: {} },
      },
      additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } },
    },
    'forces tool use',
  ],
  [
    'a count of what it would not answer',
    'anthropic.claude-sonnet-4-5/count-tokens',
    {
      input: {
        converse: {
          messages: [said],
          additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 9 } },
        },
      },
    },
    'greater than or equal to 1024',
  ],
  [
    "Claude's fields for Nova",
    nova,
    { messages: [said], additionalModelRequestFields: { thinking: { type: 'adaptive' } } },
    'extraneous key [thinking]',
  ],
  [
    'Claude Code’s note to Anthropic',
    claude,
    {
      ...claudeBody,
      system: [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1; cch=a1b2c;' }],
    },
    'reserved keyword',
  ],
  [
    'five cache points',
    nova,
    {
      messages: [
        {
          role: 'user',
          content: [
            { text: 'hi' },
            ...Array.from({ length: 5 }, () => ({ cachePoint: { type: 'default' } })),
          ],
        },
      ],
    },
    'maximum of 4',
  ],
  [
    'a schema that is not text',
    nova,
    {
      messages: [said],
      outputConfig: {
        textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: {} } } },
      },
    },
    'outputConfig.textFormat',
  ],
  [
    'a document without a text',
    nova,
    {
      messages: [
        {
          role: 'user',
          content: [{ document: { format: 'pdf', name: 'a', source: { bytes: 'AAAA' } } }],
        },
      ],
    },
    'text block must be included',
  ],
  ['a model in the body', claude, { ...claudeBody, model: 'x' }, 'extraneous key [model]'],
  ['stream in the body', claude, { ...claudeBody, stream: true }, 'extraneous key [stream]'],
  [
    'no version in the body',
    claude,
    { ...claudeBody, anthropic_version: undefined },
    'anthropic_version',
  ],
  [
    'an unknown beta',
    claude,
    { ...claudeBody, anthropic_beta: ['files-api-2025-04-14'] },
    'invalid beta flag',
  ],
  [
    'an unknown model',
    'claude-opus-4-8/converse',
    { messages: [said] },
    'model identifier is invalid',
  ],
])('bedrock refuses %s', async (_, path, body, message) => {
  const answer = await posting.post('bedrock', body, path)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining(message) })
})

const contents = [{ role: 'user', parts: [{ text: 'hi' }] }]
const gemini = 'google/models/gemini-3.8-flash:generateContent'
const raw = 'anthropic/models/claude-opus-4-8:rawPredict'
const rawBody = { anthropic_version: 'vertex-2023-10-16', max_tokens: 9, messages: [user] }
const calls = { functionCall: { name: 'a', args: {} } }

test.each<[string, string, object, string]>([
  [
    'a snake_case name',
    gemini,
    { contents, generation_config: {} },
    'Unknown name \\"generation_config\\"',
  ],
  [
    'an assistant',
    gemini,
    { contents: [{ role: 'assistant', parts: [{ text: 'x' }] }] },
    'valid role: user, model',
  ],
  ['the same role twice', gemini, { contents: [...contents, ...contents] }, 'alternate'],
  [
    'JSON Schema in the classic field',
    gemini,
    {
      contents,
      tools: [
        {
          functionDeclarations: [
            { name: 'a', parameters: { type: 'object', additionalProperties: false } },
          ],
        },
      ],
    },
    'additionalProperties',
  ],
  [
    'a call without its signature',
    gemini,
    {
      contents: [
        ...contents,
        { role: 'model', parts: [calls] },
        { role: 'user', parts: [{ functionResponse: { name: 'a', response: {} } }] },
      ],
    },
    'thought_signature',
  ],
  [
    'a call without its response',
    gemini,
    { contents: [...contents, { role: 'model', parts: [calls] }, ...contents] },
    'number of function response parts',
  ],
  [
    'a response to another call',
    gemini,
    {
      contents: [
        ...contents,
        {
          role: 'model',
          parts: [{ ...calls, thoughtSignature: 'skip_thought_signature_validator' }],
        },
        { role: 'user', parts: [{ functionResponse: { name: 'b', response: {} } }] },
      ],
    },
    'does not answer',
  ],
  [
    'allowed functions without forcing one',
    gemini,
    {
      contents,
      tools: [{ functionDeclarations: [{ name: 'a' }] }],
      toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['a'] } },
    },
    'allowed_function_names',
  ],
  [
    'a calling mode without functions',
    gemini,
    { contents, toolConfig: { functionCallingConfig: { mode: 'NONE' } } },
    'without function_declarations',
  ],
  [
    'something beside a reference',
    gemini,
    {
      contents,
      generationConfig: {
        responseMimeType: 'application/json',
        responseJsonSchema: { $ref: '#/$defs/a', description: 'x', $defs: { a: {} } },
      },
    },
    '$ref',
  ],
  [
    'two wishes for thinking',
    gemini,
    {
      contents,
      generationConfig: { thinkingConfig: { thinkingBudget: 5, thinkingLevel: 'LOW' } },
    },
    'only one of thinking budget',
  ],
  [
    'a level too low',
    gemini,
    { contents, generationConfig: { thinkingConfig: { thinkingLevel: 'MINIMAL' } } },
    'MINIMAL is not supported',
  ],
  [
    'a level for an older model',
    gemini.replace('3.8-flash', '2.5-flash'),
    { contents, generationConfig: { thinkingConfig: { thinkingLevel: 'LOW' } } },
    'not supported for this model',
  ],
  ['a model in the body', raw, { ...rawBody, model: 'x' }, 'model: Extra inputs'],
  [
    'no version in the body',
    raw,
    { ...rawBody, anthropic_version: undefined },
    'anthropic_version',
  ],
  ['stream where there is none', raw, { ...rawBody, stream: true }, 'rawPredict'],
])('vertex refuses %s', async (_, path, body, message) => {
  const answer = await posting.post('google_vertex_ai', body, path)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining(message) })
})

test('vertex streams a JSON array unless events are asked for', async () => {
  const path = 'google/models/gemini-3.8-flash:streamGenerateContent'
  const array: unknown = JSON.parse(
    (await posting.post('google_vertex_ai', { contents }, path)).text,
  )
  expect(array).toHaveLength(7)
  const events = (await posting.post('google_vertex_ai', { contents }, `${path}?alt=sse`)).text
  expect(events.split('\r\n\r\n').filter(Boolean)).toHaveLength(7)
})
