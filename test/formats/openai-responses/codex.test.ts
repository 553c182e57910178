import { describe, expect, test } from 'vitest'
import type { ChatRequest } from '../../../src/core/chat.ts'
import { type Compat, compatOf } from '../../../src/core/compat.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { AnswerContext, UpstreamFormat } from '../../../src/core/translation.ts'
import { reportUntranslated } from '../../../src/core/untranslated.ts'
import { anthropicMessagesUpstream } from '../../../src/formats/anthropic-messages/upstream.ts'
import { bedrockConverseUpstream } from '../../../src/formats/bedrock-converse/upstream.ts'
import { geminiUpstream } from '../../../src/formats/gemini/upstream.ts'
import { openAiChatUpstream } from '../../../src/formats/openai-chat/upstream.ts'
import { openAiResponsesClient } from '../../../src/formats/openai-responses/client.ts'
import { converseProfile } from '../../../src/providers/models/bedrock.ts'
import { claudeProfile } from '../../../src/providers/models/claude.ts'
import { deepseekChatProfile } from '../../../src/providers/models/deepseek.ts'
import { geminiProfile } from '../../../src/providers/models/gemini.ts'
import { eventsOf, gatheredBySdk } from './client/answer.ts'

/** Codex speaks Responses and nothing else (`wire_api = "responses"`). This is what its requests are like. */
const GRAMMAR = 'start: begin_patch hunk+ end_patch'
const TOOLS = [
  {
    type: 'function',
    name: 'shell',
    description: 'Runs a shell command.',
    strict: false,
    parameters: {
      type: 'object',
      properties: { command: { type: 'array', items: { type: 'string' } } },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    type: 'function',
    name: 'update_plan',
    description: 'Updates the plan.',
    strict: false,
    parameters: { type: 'object', properties: {}, additionalProperties: false },
  },
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Edits files.',
    format: { type: 'grammar', syntax: 'lark', definition: GRAMMAR },
  },
  { type: 'web_search', external_web_access: false },
]
const turn = (input: readonly unknown[]): JsonObject => ({
  model: 'm',
  instructions: 'You are a coding agent.',
  input: [
    {
      type: 'message',
      role: 'developer',
      content: [{ type: 'input_text', text: '<permissions>' }],
    },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Fix the bug.' }] },
    ...input,
  ],
  tools: TOOLS,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'auto' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: '0199-thread',
  text: { verbosity: 'medium' },
})

const upstream = <Profile>(format: UpstreamFormat<Profile>, model: string, profile: Profile) => ({
  encode: (request: ChatRequest, compat: Compat) =>
    format.encodeRequest(request, { model, profile, compat }),
  decoder: (request: ChatRequest, ...[emit]: [Parameters<typeof format.streamDecoder>[1]]) =>
    format.streamDecoder({ model, profile, request, requestId: 'req_1' }, emit),
})

const UPSTREAMS = {
  chat: upstream(openAiChatUpstream, 'deepseek-v4-pro', deepseekChatProfile('deepseek-v4-pro')),
  claude: upstream(
    anthropicMessagesUpstream,
    'claude-opus-5-5',
    claudeProfile('claude-opus-5-5', 'anthropic'),
  ),
  gemini: upstream(geminiUpstream, 'gemini-3.8-flash', geminiProfile('gemini-3.8-flash')),
  converse: upstream(
    bedrockConverseUpstream,
    'us.anthropic.claude-opus-4-6-v1',
    converseProfile('us.anthropic.claude-opus-4-6-v1'),
  ),
}
type Name = keyof typeof UPSTREAMS

const compat = (warnings: string[]): Compat =>
  compatOf({
    mode: 'default',
    target: 'p/m',
    names: openAiResponsesClient.parameterNames,
    warn: (warning) => void warnings.push(warning),
  })

const sent = (name: Name, input: readonly unknown[]) => sentAs(name, turn(input))

function sentAs(name: Name, asked: JsonObject): { body: JsonObject; warnings: string[] } {
  const warnings: string[] = []
  const request = openAiResponsesClient.decodeRequest(asked)
  const report = compat(warnings)
  reportUntranslated(request, report)
  return { body: UPSTREAMS[name].encode(request, report), warnings }
}

/** What an upstream says when it calls `apply_patch` and then `shell`, in two pieces each. */
const PATCH = '*** Begin Patch\n*** Add File: "a"\n+é\n*** End Patch'
const PATCH_JSON = JSON.stringify({ input: PATCH })
const SHELL_JSON = '{"command":["ls"]}'
const halves = (text: string): [string, string] => [text.slice(0, 23), text.slice(23)]

const chatDelta = (tool_calls: unknown[], finish_reason: string | null = null): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'said',
  choices: [{ index: 0, delta: { role: 'assistant', tool_calls }, finish_reason }],
})
const chatCall = (index: number, name: string, text: string): JsonObject[] => {
  const [first, second] = halves(text)
  return [
    chatDelta([
      { index, id: `call_${index}`, type: 'function', function: { name, arguments: first } },
    ]),
    chatDelta([{ index, function: { arguments: second } }]),
  ]
}
const claudeCall = (index: number, name: string, text: string): JsonObject[] => [
  {
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id: `toolu_${index}`, name, input: {} },
  },
  ...halves(text).map((partial_json) => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json },
  })),
  { type: 'content_block_stop', index },
]
const converseCall = (
  contentBlockIndex: number,
  name: string,
  text: string,
): [string, JsonObject][] => [
  [
    'contentBlockStart',
    { contentBlockIndex, start: { toolUse: { toolUseId: `t_${contentBlockIndex}`, name } } },
  ],
  ...halves(text).map((input): [string, JsonObject] => [
    'contentBlockDelta',
    { contentBlockIndex, delta: { toolUse: { input } } },
  ]),
  ['contentBlockStop', { contentBlockIndex }],
]

const STREAMS: Readonly<Record<Name, Stream>> = {
  chat: [
    ...chatCall(0, 'apply_patch', PATCH_JSON),
    ...chatCall(1, 'shell', SHELL_JSON),
    chatDelta([], 'tool_calls'),
    '[DONE]',
  ].map((data) => ['', data] as const),
  claude: [
    { type: 'message_start', message: { id: 'msg_1', model: 'said', content: [], usage: {} } },
    ...claudeCall(0, 'apply_patch', PATCH_JSON),
    ...claudeCall(1, 'shell', SHELL_JSON),
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ].map((data) => [data.type as string, data] as const),
  gemini: [
    [{ functionCall: { name: 'apply_patch', args: { input: PATCH } }, thoughtSignature: 'c2ln' }],
    [{ functionCall: { name: 'shell', args: { command: ['ls'] } } }],
  ].map(
    (parts, index) =>
      [
        '',
        {
          candidates: [
            { content: { role: 'model', parts }, ...(index === 1 ? { finishReason: 'STOP' } : {}) },
          ],
        },
      ] as const,
  ),
  converse: [
    ['messageStart', { role: 'assistant' }],
    ...converseCall(0, 'apply_patch', PATCH_JSON),
    ...converseCall(1, 'shell', SHELL_JSON),
    ['messageStop', { stopReason: 'tool_use' }],
    ['metadata', { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 } }],
  ],
}

/** An item as Codex keeps it. */
const without =
  (names: readonly string[]) =>
  (item: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)))

type Stream = readonly (readonly [string, JsonObject | string])[]

function received(name: Name, stream: Stream = STREAMS[name]): string {
  const request = openAiResponsesClient.decodeRequest(turn([]))
  const context: AnswerContext = { model: 'm', request, requestId: 'req_1', createdSeconds: 0 }
  const encoder = openAiResponsesClient.streamEncoder(context)
  let text = ''
  const decoder = UPSTREAMS[name].decoder(request, (event) => void (text += encoder.next(event)))
  for (const [event, data] of stream) {
    decoder.next({ name: event, data: typeof data === 'string' ? data : JSON.stringify(data) })
  }
  decoder.close()
  return text
}

describe.each(Object.keys(UPSTREAMS) as Name[])('Codex speaks to %s', (name) => {
  test('its first request is carried over, less hints', () => {
    const { body, warnings } = sent(name, [])
    const text = JSON.stringify(body)
    for (const part of ['You are a coding agent.', '<permissions>', 'Fix the bug.', 'shell']) {
      expect(text).toContain(part)
    }
    // The grammar is told in words, and the text comes in JSON.
    expect(text).toContain(GRAMMAR)
    expect(text).toContain('"required":["input"]')
    const hints = /^(?:text\.verbosity|prompt_cache_key|reasoning_summary|reasoning\.effort):/
    expect(warnings.filter((warning) => !hints.test(warning))).toEqual([
      'tools.3.type:dropped',
      'grammar:described',
    ])
  })

  test('newer ones bring their tools along in the conversation', () => {
    const { tools, input, ...others } = turn([])
    const bringing = { type: 'additional_tools', role: 'developer', tools }
    const request = { ...others, input: [bringing, ...(input as unknown[])] }
    expect(sentAs(name, request).body).toEqual(sent(name, []).body)
  })

  test('its patches and commands come as its own kinds of calls', async () => {
    const items = await gatheredBySdk(received(name))
    expect(items).toMatchObject([
      { type: 'custom_tool_call', name: 'apply_patch', input: PATCH, status: 'completed' },
      { type: 'function_call', name: 'shell' },
    ])
    const { arguments: text } = items[1] as { arguments: string }
    expect(JSON.parse(text)).toEqual({ command: ['ls'] })
    const last = eventsOf(received(name)).at(-1)
    expect(last).toMatchObject({ type: 'response.completed', response: { id: 'resp_1' } })
  })

  test('its next request begins as the first, and holds the calls and what came of them', async () => {
    const items = (await gatheredBySdk(received(name))) as JsonObject[]
    const replayed = items.map(without(['id', 'status']))
    const outputs = items.map(({ type, call_id }) => ({
      type: `${String(type)}_output`,
      call_id,
      output: `done ${String(type)}`,
    }))
    const { body } = sent(name, [...replayed, ...outputs])
    const text = JSON.stringify(body)
    for (const part of ['Begin Patch', 'done custom_tool_call', 'done function_call']) {
      expect(text).toContain(part)
    }
    expect(text.match(/Begin Patch/g)).toHaveLength(1)
    if (name === 'gemini') expect(text).toContain('c2ln')
  })
})

test("#30 Claude's thinking comes back to it as it was signed, whatever else the caller lost", async () => {
  const block = (index: number, content_block: JsonObject, deltas: readonly JsonObject[]) => [
    { type: 'content_block_start', index, content_block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
  const stream = [
    { type: 'message_start', message: { id: 'msg_1', model: 'said', content: [], usage: {} } },
    ...block(0, { type: 'thinking', thinking: '' }, [
      { type: 'thinking_delta', thinking: 'I  look\n' },
      { type: 'signature_delta', signature: 'EqQB' },
    ]),
    ...block(1, { type: 'redacted_thinking', data: 'AbC=' }, []),
    ...block(2, { type: 'thinking', thinking: '' }, [
      { type: 'signature_delta', signature: 'ErQC' },
    ]),
    ...claudeCall(3, 'shell', SHELL_JSON),
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
    { type: 'message_stop' },
  ].map((data) => [String(data.type), data] as const)
  const items = (await gatheredBySdk(received('claude', stream))) as JsonObject[]
  const replayed = items.map((item) =>
    item['type'] === 'reasoning' ? { ...without(['id', 'status'])(item), summary: [] } : item,
  )
  const call_id = items.at(-1)?.['call_id']
  const { body } = sent('claude', [
    ...replayed,
    { type: 'function_call_output', call_id, output: '' },
  ])
  const turns = body['messages'] as { role: string; content: unknown }[]
  expect(turns.find(({ role }) => role === 'assistant')?.content).toEqual([
    { type: 'thinking', thinking: 'I  look\n', signature: 'EqQB' },
    { type: 'redacted_thinking', data: 'AbC=' },
    { type: 'thinking', thinking: '', signature: 'ErQC' },
    { type: 'tool_use', id: call_id, name: 'shell', input: { command: ['ls'] } },
  ])
})
