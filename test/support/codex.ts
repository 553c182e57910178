import OpenAI from 'openai'
import type {
  ResponseCreateParamsStreaming,
  ResponseInputItem,
  ResponseOutputItem,
} from 'openai/resources/responses/responses'

/**
 * Codex as a client: what it sends to a provider with `wire_api = "responses"`. It keeps the conversation itself, so every
 * request holds all of it, with each item as the stream's `response.output_item.done` said it, less its id.
 * https://github.com/openai/codex/blob/main/docs/config.md
 */

export const INSTRUCTIONS = 'You are Codex, a coding agent in a terminal. 簡潔に。'

export const TOOLS: NonNullable<ResponseCreateParamsStreaming['tools']> = [
  {
    type: 'function',
    name: 'shell',
    description: 'Runs a shell command and returns its output.',
    strict: false,
    parameters: {
      type: 'object',
      properties: {
        command: { type: 'array', items: { type: 'string' } },
        timeout_ms: { type: 'number' },
      },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    type: 'function',
    name: 'update_plan',
    description: 'Updates the task plan.',
    strict: false,
    parameters: {
      type: 'object',
      properties: {
        plan: {
          type: 'array',
          items: {
            type: 'object',
            properties: { step: { type: 'string' }, status: { type: 'string' } },
            required: ['step', 'status'],
            additionalProperties: false,
          },
        },
      },
      required: ['plan'],
      additionalProperties: false,
    },
  },
  {
    type: 'custom',
    name: 'apply_patch',
    description: 'Use the `apply_patch` tool to edit files. This is a FREEFORM tool.',
    format: {
      type: 'grammar',
      syntax: 'lark',
      definition: 'start: begin_patch hunk+ end_patch\nbegin_patch: "*** Begin Patch" LF',
    },
  },
  // Unless it is told otherwise, it offers what OpenAI has fetched before.
  { type: 'web_search', external_web_access: false },
]

export const SESSION = '0199b6a0-77aa-7e6e-8d0d-4f1a1a7b2c3d'

export const codex = (baseURL: string, apiKey: string): OpenAI =>
  new OpenAI({
    baseURL,
    apiKey,
    maxRetries: 0,
    defaultHeaders: {
      'user-agent': 'codex_cli_rs/0.140.0 (Mac OS 26.1.0; arm64) iTerm.app',
      originator: 'codex_cli_rs',
      session_id: SESSION,
      conversation_id: SESSION,
      version: '0.140.0',
    },
  })

/** The beginning of every conversation: what it may do, where it is, and what the user wants. */
export const beginning = (wish: string): ResponseInputItem[] => [
  {
    type: 'message',
    role: 'developer',
    content: [{ type: 'input_text', text: '<permissions>read-only</permissions>' }],
  },
  {
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: '<environment_context>/src</environment_context>' }],
  },
  { type: 'message', role: 'user', content: [{ type: 'input_text', text: wish }] },
]

/** How versions from 0.144 on say which tools there are: at the beginning of the conversation, and nowhere else. */
export const BROUGHT_TOOLS: ResponseInputItem = {
  type: 'additional_tools',
  role: 'developer',
  tools: TOOLS,
}

/** What it sends besides the conversation. */
export const settingsFor = (model: string): Omit<ResponseCreateParamsStreaming, 'input'> => ({
  model,
  instructions: INSTRUCTIONS,
  tools: TOOLS,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'auto' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: SESSION,
  text: { verbosity: 'medium' },
})

export interface CodexWork {
  /** The items of each answer. */
  readonly answers: readonly (readonly ResponseOutputItem[])[]
  readonly warnings: readonly string[]
}

/** One turn of the user, with as many answers of the model and results of tools as it takes. */
export async function work(
  client: OpenAI,
  model: string,
  conversation: ResponseInputItem[],
  run: (name: string) => string,
): Promise<CodexWork> {
  const answers: ResponseOutputItem[][] = []
  const warnings = new Set<string>()
  const { tools: _tools, ...others } = settingsFor(model)
  const settings = conversation.includes(BROUGHT_TOOLS) ? others : settingsFor(model)
  for (;;) {
    const { data, response } = await client.responses
      .create({ ...settings, input: conversation, stream: true })
      .withResponse()
    for (const warning of (response.headers.get('x-keyway-warnings') ?? '').split(', ')) {
      if (warning !== '') warnings.add(warning)
    }
    const items: ResponseOutputItem[] = []
    let isComplete = false
    for await (const event of data) {
      if (event.type === 'response.output_item.done') items.push(event.item)
      if (event.type === 'response.completed') isComplete = true
    }
    if (!isComplete) throw new Error('stream closed before response.completed')
    answers.push(items)
    conversation.push(...items.map(withoutId))
    const results = items.flatMap((item): ResponseInputItem[] => {
      if (item.type === 'function_call') {
        const { call_id, name } = item
        return [{ type: 'function_call_output', call_id, output: run(name) }]
      }
      if (item.type !== 'custom_tool_call') return []
      return [{ type: 'custom_tool_call_output', call_id: item.call_id, output: run(item.name) }]
    })
    if (results.length === 0) return { answers, warnings: [...warnings] }
    conversation.push(...results)
  }
}

function withoutId(item: ResponseOutputItem): ResponseInputItem {
  const { id: _id, ...rest } = item
  return rest as ResponseInputItem
}
