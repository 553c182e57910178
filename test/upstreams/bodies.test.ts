import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProviderName } from './provider-name.ts'
import { startStandIns, type StandIns } from './stand-ins.ts'
import { baseUrl, mintToken } from './test-clients.ts'

let standIns: StandIns
const urls: Partial<Record<ProviderName, string>> = {}
const headers: Partial<Record<ProviderName, Record<string, string>>> = {}

beforeAll(async () => {
  standIns = await startStandIns()
  for (const provider of ['openai', 'mistral', 'deepseek', 'xai', 'zai'] as const) {
    const key = await standIns.issueCredential(provider, provider)
    urls[provider] = `${baseUrl(standIns, provider)}/chat/completions`
    headers[provider] = { authorization: `Bearer ${key}` }
  }
  const anthropicKey = await standIns.issueCredential('anthropic', 'anthropic')
  urls.anthropic = `${baseUrl(standIns, 'anthropic')}/v1/messages`
  headers.anthropic = { 'x-api-key': anthropicKey, 'anthropic-version': '2023-06-01' }
  const keys = await standIns.issueCredential('bedrock', 'bedrock', { kind: 'api_key' })
  const aws = keys['us-east-1']
  urls.bedrock = `${baseUrl(standIns, 'bedrock', 'us-east-1')}/model/`
  headers.bedrock = { authorization: `Bearer ${aws && 'api_key' in aws ? aws.api_key : ''}` }
  const file = await standIns.issueCredential('google_vertex_ai', 'google')
  urls.google_vertex_ai = `${baseUrl(standIns, 'google_vertex_ai', 'global')}/v1/projects/${file.project_id}/locations/global/publishers/`
  headers.google_vertex_ai = { authorization: `Bearer ${await mintToken(standIns, file)}` }
})
afterAll(() => standIns.close())

async function post(provider: ProviderName, body: unknown, path = '', type = 'application/json') {
  const response = await fetch(`${urls[provider]}${path}`, {
    method: 'POST',
    headers: { 'content-type': type, ...headers[provider] },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}

const user = { role: 'user', content: 'hi' }
const fn = { type: 'function', function: { name: 'look_up', parameters: { type: 'object' } } }
const call = (id: string) => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'look_up', arguments: '{}' } }],
})
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'sunny' })

const models: Partial<Record<ProviderName, string>> = {
  openai: 'gpt-4.1',
  mistral: 'mistral-large-4-0',
  deepseek: 'deepseek-v4-pro',
  xai: 'grok-4.7',
  zai: 'glm-5.3',
}

test.each<[ProviderName, string, object, number, string]>([
  ['openai', 'an unknown field', { top_k: 1 }, 400, "Unknown parameter: 'top_k'"],
  [
    'openai',
    'an unknown field in a message',
    { messages: [{ ...user, cache_control: {} }] },
    400,
    'messages.0.cache_control',
  ],
  ['openai', 'no messages', { messages: [] }, 400, "'messages'"],
  [
    'openai',
    'an unknown role',
    { messages: [{ role: 'tool_result', content: '' }] },
    400,
    'messages.0.role',
  ],
  ['openai', 'a provider prefix', { model: 'openai/gpt-4.1' }, 404, 'model_not_found'],
  ['openai', 'a missing tool result', { messages: [user, call('a'), user] }, 400, "'tool_call_id'"],
  ['openai', 'an orphaned tool result', { messages: [user, result('a')] }, 400, "role 'tool'"],
  [
    'openai',
    'max_tokens for a reasoning model',
    { model: 'gpt-6-sol', max_tokens: 5 },
    400,
    'unsupported_parameter',
  ],
  [
    'openai',
    'tools for gpt-5.5 without effort',
    { model: 'gpt-5.5', tools: [fn] },
    400,
    'use /v1/responses',
  ],
  ['openai', 'a model of the Responses API', { model: 'gpt-5.3-codex' }, 404, 'v1/responses'],
  ['mistral', 'an unknown field', { user: 'x' }, 422, 'extra_forbidden'],
  [
    'mistral',
    'stream_options',
    { stream: true, stream_options: { include_usage: true } },
    422,
    'stream_options',
  ],
  ['mistral', 'max_completion_tokens', { max_completion_tokens: 5 }, 422, 'max_completion_tokens'],
  [
    'mistral',
    'a long tool call id',
    { messages: [user, call('call_1234567'), result('call_1234567')] },
    400,
    '3280',
  ],
  [
    'mistral',
    'a developer',
    { messages: [{ role: 'developer', content: 'x' }, user] },
    422,
    'role',
  ],
  [
    'deepseek',
    'a developer',
    { messages: [{ role: 'developer', content: 'x' }, user] },
    422,
    'messages.0.role',
  ],
  [
    'deepseek',
    'a forced tool while thinking',
    { tools: [fn], tool_choice: { type: 'function', function: { name: 'look_up' } } },
    400,
    'does not support this tool_choice',
  ],
  [
    'deepseek',
    'forgotten reasoning',
    { messages: [user, call('a'), result('a')], tools: [fn] },
    400,
    'must be passed back',
  ],
  ['xai', 'stop for a reasoning model', { stop: ['x'] }, 400, 'Argument not supported'],
  ['zai', 'a forced tool', { tools: [fn], tool_choice: 'required' }, 400, '1210'],
  ['zai', 'a temperature over 1', { temperature: 1.5 }, 400, 'temperature'],
])('%s refuses %s', async (provider, _, change, status, message) => {
  const body = { model: models[provider], messages: [user], ...change }
  const answer = await post(provider, body)
  expect(answer).toEqual({ status, text: expect.stringContaining(message) })
  expect((await post(provider, { model: models[provider], messages: [user] })).status).toBe(200)
})

const toolUse = { type: 'tool_use', id: 't1', name: 'look_up', input: {} }
const toolResult = { type: 'tool_result', tool_use_id: 't1', content: 'sunny' }

test.each<[string, object, string]>([
  ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
  ['an unknown field', { n: 1 }, 'n: Extra inputs are not permitted'],
  [
    'an empty text',
    { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] },
    'must be non-empty',
  ],
  [
    'an unknown block',
    { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] },
    'messages.0.content.0.type',
  ],
  [
    'a tool use without its result',
    { messages: [user, { role: 'assistant', content: [toolUse] }, user] },
    'without `tool_result`',
  ],
  [
    'a result without its tool use',
    { messages: [{ role: 'user', content: [toolResult] }] },
    'unexpected `tool_use_id`',
  ],
  ['a temperature for a new model', { temperature: 1 }, 'temperature'],
  [
    'a prefill for a new model',
    { messages: [user, { role: 'assistant', content: 'Well' }] },
    'prefill',
  ],
  [
    'a forced tool for a model that cannot',
    { tools: [{ name: 'a', input_schema: { type: 'object' } }], tool_choice: { type: 'any' } },
    'not supported for this model',
  ],
])('anthropic refuses %s', async (_, change, message) => {
  const body = { model: 'claude-sonnet-5-5', max_tokens: 9, messages: [user], ...change }
  const answer = await post('anthropic', body)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining(message) })
  expect((await post('anthropic', { ...body, ...baseline })).status).toBe(200)
})
const baseline = {
  max_tokens: 9,
  messages: [user],
  n: undefined,
  temperature: undefined,
  tools: undefined,
  tool_choice: undefined,
}

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
  const answer = await post('bedrock', body, path)
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
  ['a model in the body', raw, { ...rawBody, model: 'x' }, 'model: Extra inputs'],
  [
    'no version in the body',
    raw,
    { ...rawBody, anthropic_version: undefined },
    'anthropic_version',
  ],
  ['stream where there is none', raw, { ...rawBody, stream: true }, 'rawPredict'],
])('vertex refuses %s', async (_, path, body, message) => {
  const answer = await post('google_vertex_ai', body, path)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining(message) })
})

describe('every provider refuses', () => {
  test.each(['openai', 'mistral', 'anthropic'] as const)(
    '%s: what is not JSON',
    async (provider) => {
      expect((await post(provider, '{"model":')).status).toBe(400)
      expect((await post(provider, '{}', '', 'text/plain')).status).toBeGreaterThanOrEqual(400)
    },
  )

  test.each(['openai', 'mistral', 'anthropic', 'bedrock', 'google_vertex_ai'] as const)(
    '%s: a path that it does not have',
    async (provider) => {
      expect((await post(provider, {}, '/nowhere')).status).toBe(404)
    },
  )
})

test('vertex streams a JSON array unless events are asked for', async () => {
  const path = 'google/models/gemini-3.8-flash:streamGenerateContent'
  const array: unknown = JSON.parse((await post('google_vertex_ai', { contents }, path)).text)
  expect(array).toHaveLength(7)
  const events = (await post('google_vertex_ai', { contents }, `${path}?alt=sse`)).text
  expect(events.split('\r\n\r\n').filter(Boolean)).toHaveLength(7)
})
