import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Line, ProviderName } from './stand-ins.ts'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const PNG = 'iVBORw0KGgo='
const schema = { type: 'object', properties: { city: { type: 'string' } } }
const args = { city: 'Köln' }

const chat = {
  messages: [
    { role: 'system', content: 'Be brief.' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
      ],
    },
    {
      role: 'assistant',
      content: 'Look:',
      tool_calls: [
        {
          id: 'abcdefghi',
          type: 'function',
          function: { name: 'look_up', arguments: JSON.stringify(args) },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'abcdefghi', content: 'sunny' },
  ],
  tools: [{ type: 'function', function: { name: 'look_up', parameters: schema } }],
}
const claude = {
  max_tokens: 77,
  system: 'Be brief.',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'Look:' },
        { type: 'tool_use', id: 'abcdefghi', name: 'look_up', input: args },
      ],
    },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'abcdefghi', content: 'sunny' }],
    },
  ],
  tools: [{ name: 'look_up', input_schema: schema }],
}
const responses = {
  max_output_tokens: 77,
  instructions: 'Be brief.',
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'What is this?' },
        { type: 'input_image', image_url: `data:image/png;base64,${PNG}` },
      ],
    },
    { role: 'assistant', content: [{ type: 'output_text', text: 'Look:' }] },
    {
      type: 'function_call',
      call_id: 'abcdefghi',
      name: 'look_up',
      arguments: JSON.stringify(args),
    },
    { type: 'function_call_output', call_id: 'abcdefghi', output: 'sunny' },
  ],
  tools: [{ type: 'function', name: 'look_up', parameters: schema }],
}
const gemini = {
  systemInstruction: { parts: [{ text: 'Be brief.' }] },
  contents: [
    {
      role: 'user',
      parts: [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: PNG } }],
    },
    {
      role: 'model',
      parts: [
        { text: 'Look:' },
        {
          functionCall: { name: 'look_up', args },
          thoughtSignature: 'skip_thought_signature_validator',
        },
      ],
    },
    {
      role: 'user',
      parts: [{ functionResponse: { name: 'look_up', response: { output: 'sunny' } } }],
    },
  ],
  tools: [{ functionDeclarations: [{ name: 'look_up', parametersJsonSchema: schema }] }],
  generationConfig: { maxOutputTokens: 77 },
}
const converse = {
  system: [{ text: 'Be brief.' }],
  messages: [
    {
      role: 'user',
      content: [{ text: 'What is this?' }, { image: { format: 'png', source: { bytes: PNG } } }],
    },
    {
      role: 'assistant',
      content: [
        { text: 'Look:' },
        { toolUse: { toolUseId: 'abcdefghi', name: 'look_up', input: args } },
      ],
    },
    {
      role: 'user',
      content: [{ toolResult: { toolUseId: 'abcdefghi', content: [{ text: 'sunny' }] } }],
    },
  ],
  toolConfig: { tools: [{ toolSpec: { name: 'look_up', inputSchema: { json: schema } } }] },
  inferenceConfig: { maxTokens: 77 },
}

const LINES = (id: string): Line[] => [
  { kind: 'system', text: 'Be brief.' },
  { kind: 'user', text: 'What is this?' },
  { kind: 'media', mediaType: 'image/png', data: PNG },
  { kind: 'assistant', text: 'Look:' },
  { kind: 'call', id, name: 'look_up', arguments: args },
  { kind: 'result', id, text: 'sunny', isError: false },
]

test.each<[string, ProviderName, object, string?]>([
  ['chat', 'openai', { ...chat, model: 'gpt-4.1', max_completion_tokens: 77 }],
  ['Mistral', 'mistral', { ...chat, model: 'mistral-large-4-0', max_tokens: 77 }],
  ['Responses', 'openai', { ...responses, model: 'gpt-4.1' }, '/../../responses'],
  ['Messages', 'anthropic', { ...claude, model: 'claude-sonnet-5-5' }],
  ['Gemini', 'google_vertex_ai', gemini, 'google/models/gemini-3.8-flash:generateContent'],
  ['Converse', 'bedrock', converse, 'amazon.nova-lite-v1%3A0/converse'],
])(
  'a conversation in %s is understood as in every other format',
  async (_, provider, body, path) => {
    const { status, text } = await posting.post(provider, body, path)
    expect(status, text).toBe(200)
    expect(posting.standIns.requests.at(-1)?.prompt).toEqual({
      lines: LINES(provider === 'google_vertex_ai' ? '1' : 'abcdefghi'),
      tools: [{ name: 'look_up', schema }],
      choice: 'auto',
      thinks: false,
      maxTokens: 77,
    })
    expect(text).toContain('heard: sunny')
  },
)
