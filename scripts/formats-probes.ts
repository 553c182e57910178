import type { JsonObject } from '../src/core/parse.ts'
import type { ClientChatFormat } from '../src/core/wire-format.ts'

/** One thing that a caller can ask, and how: what is added to a request that asks nothing else. */
export type Probe = readonly [name: string, asked: JsonObject, around?: JsonObject]

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const PDF = 'JVBERi0xLjQKJSVFT0YK'
const SCHEMA = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}

const chatTool = { type: 'function', function: { name: 'look', parameters: SCHEMA } }
const chatTools = { tools: [chatTool] }
const chatSaid = (part: JsonObject): JsonObject => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'As JSON, please.' }, part] }],
})

const chatPart = (members: JsonObject = {}): JsonObject => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'As JSON, please.', ...members }] }],
})

const CHAT: readonly Probe[] = [
  [
    'instructions in the middle',
    {
      messages: [
        { role: 'user', content: 'As JSON, please.' },
        { role: 'assistant', content: 'Yes.' },
        { role: 'developer', content: 'Be brief.' },
        { role: 'user', content: 'Go on.' },
      ],
    },
  ],
  [
    'image, as data',
    chatSaid({ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }),
  ],
  [
    'image, by its address',
    chatSaid({ type: 'image_url', image_url: { url: 'https://a.example/b.png' } }),
  ],
  [
    'PDF',
    chatSaid({
      type: 'file',
      file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${PDF}` },
    }),
  ],
  ['audio', chatSaid({ type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } })],
  ['`tools`', chatTools],
  [
    '`strict` tools',
    { tools: [{ type: 'function', function: { ...chatTool.function, strict: true } }] },
    chatTools,
  ],
  ['custom tools', { tools: [{ type: 'custom', custom: { name: 'patch' } }] }],
  [
    'custom tools with a grammar',
    {
      tools: [
        {
          type: 'custom',
          custom: {
            name: 'patch',
            format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a+' } },
          },
        },
      ],
    },
    { tools: [{ type: 'custom', custom: { name: 'patch' } }] },
  ],
  ['`tool_choice` required', { ...chatTools, tool_choice: 'required' }, chatTools],
  [
    '`tool_choice` of one tool',
    { ...chatTools, tool_choice: { type: 'function', function: { name: 'look' } } },
    chatTools,
  ],
  ['`tool_choice` none', { ...chatTools, tool_choice: 'none' }, chatTools],
  ['`parallel_tool_calls` false', { ...chatTools, parallel_tool_calls: false }, chatTools],
  [
    '`response_format` json_schema',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'a', schema: SCHEMA, strict: true },
      },
    },
  ],
  ['`response_format` json_object', { response_format: { type: 'json_object' } }],
  ['`reasoning_effort`', { reasoning_effort: 'high' }],
  ['`verbosity`', { verbosity: 'low' }],
  ['`max_completion_tokens`', { max_completion_tokens: 2000 }],
  ['`temperature`', { temperature: 0.5 }],
  ['`top_p`', { top_p: 0.5 }],
  ['`presence_penalty`', { presence_penalty: 0.5 }],
  ['`seed`', { seed: 7 }],
  ['`stop`', { stop: ['END'] }],
  ['`n` above 1', { n: 2 }],
  ['`logprobs`', { logprobs: true }],
  ['`logit_bias`', { logit_bias: { '50256': -100 } }],
  ['`user`', { user: 'user-7' }],
  ['`metadata`', { metadata: { job: '42' }, store: true }, { store: true }],
  ['`service_tier` priority', { service_tier: 'priority' }],
  ['`prompt_cache_key`', { prompt_cache_key: 'thread-1' }],
  ['`cache_control` on a part', chatPart({ cache_control: { type: 'ephemeral' } }), chatPart()],
  [
    '`prompt_cache_breakpoint` on a part',
    chatPart({ prompt_cache_breakpoint: { mode: 'explicit' } }),
    chatPart(),
  ],
  ['`prediction`', { prediction: { type: 'content', content: 'x' } }],
  ['`web_search_options`', { web_search_options: { search_context_size: 'low' } }],
  ['`modalities` with audio', { modalities: ['text', 'audio'] }],
  ['a member that nobody knows', { made_up: 1 }],
]

const responsesTool = { type: 'function', name: 'look', parameters: SCHEMA, strict: false }
const responsesTools = { tools: [responsesTool] }
const responsesSaid = (part: JsonObject): JsonObject => ({
  input: [{ role: 'user', content: [{ type: 'input_text', text: 'As JSON, please.' }, part] }],
})

const RESPONSES: readonly Probe[] = [
  ['`instructions`', { instructions: 'Be brief.' }],
  [
    'image, as data',
    responsesSaid({
      type: 'input_image',
      detail: 'auto',
      image_url: `data:image/png;base64,${PNG}`,
    }),
  ],
  [
    'image, by its address',
    responsesSaid({ type: 'input_image', detail: 'auto', image_url: 'https://a.example/b.png' }),
  ],
  [
    'PDF',
    responsesSaid({
      type: 'input_file',
      filename: 'a.pdf',
      file_data: `data:application/pdf;base64,${PDF}`,
    }),
  ],
  ['function `tools`', responsesTools],
  ['`strict` tools', { tools: [{ ...responsesTool, strict: true }] }, responsesTools],
  ['custom tools', { tools: [{ type: 'custom', name: 'patch' }] }],
  [
    'custom tools with a grammar',
    {
      tools: [
        {
          type: 'custom',
          name: 'patch',
          format: { type: 'grammar', syntax: 'regex', definition: 'a+' },
        },
      ],
    },
    { tools: [{ type: 'custom', name: 'patch' }] },
  ],
  ["OpenAI's own tools", { tools: [{ type: 'web_search' }] }],
  [
    '`web_search` that is not live',
    { tools: [{ type: 'web_search', external_web_access: false }] },
  ],
  ['`tool_choice` required', { ...responsesTools, tool_choice: 'required' }, responsesTools],
  [
    '`tool_choice` of one tool',
    { ...responsesTools, tool_choice: { type: 'function', name: 'look' } },
    responsesTools,
  ],
  [
    '`parallel_tool_calls` false',
    { ...responsesTools, parallel_tool_calls: false },
    responsesTools,
  ],
  [
    '`text.format` json_schema',
    { text: { format: { type: 'json_schema', name: 'a', schema: SCHEMA, strict: true } } },
  ],
  ['`text.verbosity`', { text: { verbosity: 'low' } }],
  ['`reasoning.effort`', { reasoning: { effort: 'high' } }],
  [
    '`reasoning.summary`',
    { reasoning: { effort: 'high', summary: 'auto' } },
    { reasoning: { effort: 'high' } },
  ],
  ['`max_output_tokens`', { max_output_tokens: 2000 }],
  ['`temperature`', { temperature: 0.5 }],
  ['`top_logprobs`', { top_logprobs: 2 }],
  ['`safety_identifier`', { safety_identifier: 'user-7' }],
  ['`metadata`', { metadata: { job: '42' } }],
  ['`service_tier` priority', { service_tier: 'priority' }],
  ['`prompt_cache_key`', { prompt_cache_key: 'thread-1' }],
  ['`previous_response_id`', { previous_response_id: 'resp_1' }],
  ['`conversation`', { conversation: 'conv_1' }],
  ['`background`', { background: true }],
  ['`truncation` auto', { truncation: 'auto' }],
  ['a member that nobody knows', { made_up: 1 }],
]

const messagesTool = { name: 'look', input_schema: SCHEMA }
const messagesTools = { tools: [messagesTool] }
const messagesSaid = (block: JsonObject): JsonObject => ({
  messages: [{ role: 'user', content: [{ type: 'text', text: 'As JSON, please.' }, block] }],
})
const messagesResult = (result: JsonObject): JsonObject => ({
  ...messagesTools,
  messages: [
    { role: 'user', content: 'As JSON, please.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', ...result }] },
  ],
})

const systemTurn = (members: object) => ({
  messages: [
    { role: 'user', content: 'As JSON, please.' },
    { role: 'system', content: 'Be brief.', ...members },
  ],
})

const MESSAGES: readonly Probe[] = [
  ['`system`', { system: 'Be brief.' }],
  ['role `system` in the middle', systemTurn({})],
  ['`clear_at`, `output_config` of one', systemTurn({ clear_at: 'next_user_message' })],
  [
    '`tool_addition`, `tool_removal` in one',
    systemTurn({ content: [{ type: 'tool_addition', tool: { name: 'look' } }] }),
  ],
  [
    'image, as data',
    messagesSaid({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }),
  ],
  [
    'image, by its address',
    messagesSaid({ type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }),
  ],
  [
    'PDF',
    messagesSaid({
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: PDF },
    }),
  ],
  [
    'document of text',
    messagesSaid({
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: 'Notes.' },
    }),
  ],
  ['`tools`', messagesTools],
  ['`strict` tools', { tools: [{ ...messagesTool, strict: true }] }, messagesTools],
  ["Anthropic's own tools", { tools: [{ type: 'web_search_20260209', name: 'web_search' }] }],
  ['`mcp_servers`', { mcp_servers: [{ type: 'url', name: 'a', url: 'https://a.example' }] }],
  [
    '`is_error` of a result',
    messagesResult({ content: 'No.', is_error: true }),
    messagesResult({ content: 'No.' }),
  ],
  [
    'image in a result',
    messagesResult({
      content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } }],
    }),
    messagesResult({}),
  ],
  ['`tool_choice` any', { ...messagesTools, tool_choice: { type: 'any' } }, messagesTools],
  [
    '`tool_choice` tool',
    { ...messagesTools, tool_choice: { type: 'tool', name: 'look' } },
    messagesTools,
  ],
  ['`tool_choice` none', { ...messagesTools, tool_choice: { type: 'none' } }, messagesTools],
  [
    '`disable_parallel_tool_use`',
    { ...messagesTools, tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    messagesTools,
  ],
  ['`thinking` enabled', { thinking: { type: 'enabled', budget_tokens: 2000 } }],
  ['`thinking` adaptive', { thinking: { type: 'adaptive' } }],
  ['`output_config.effort`', { output_config: { effort: 'high' } }],
  [
    '`output_config.format`',
    { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
  ],
  ['`temperature`', { temperature: 0.5 }],
  ['`top_k`', { top_k: 40 }],
  ['`stop_sequences`', { stop_sequences: ['END'] }],
  ['`metadata.user_id`', { metadata: { user_id: 'user-7' } }],
  ['`service_tier` standard_only', { service_tier: 'standard_only' }],
  [
    '`cache_control` on a block',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'As JSON, please.', cache_control: { type: 'ephemeral' } },
          ],
        },
      ],
    },
  ],
  [
    '`context_management`',
    { context_management: { edits: [{ type: 'clear_thinking_20251015' }] } },
  ],
  ['`container`', { container: 'container_1' }],
  ['`inference_geo`', { inference_geo: 'us' }],
  [
    'the last word is the assistant’s',
    {
      messages: [
        { role: 'user', content: 'As JSON, please.' },
        { role: 'assistant', content: '{' },
      ],
    },
  ],
  ['a member that nobody knows', { made_up: 1 }],
]

/** What is asked where nothing is. */
export const BASES: Readonly<Record<ClientChatFormat, JsonObject>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'As JSON, please.' }] },
  'openai-responses': { input: [{ role: 'user', content: 'As JSON, please.' }] },
  'anthropic-messages': {
    max_tokens: 4000,
    messages: [{ role: 'user', content: 'As JSON, please.' }],
  },
}

export const PROBES: Readonly<Record<ClientChatFormat, readonly Probe[]>> = {
  'openai-chat': CHAT,
  'openai-responses': RESPONSES,
  'anthropic-messages': MESSAGES,
}
