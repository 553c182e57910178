import Anthropic from '@anthropic-ai/sdk'
import type {
  BetaContentBlock,
  BetaMessage,
  BetaMessageParam,
  BetaToolResultBlockParam,
  BetaToolUseBlock,
} from '@anthropic-ai/sdk/resources/beta/messages'

/**
 * Claude Code as a client: what it sends when `ANTHROPIC_BASE_URL` points at a gateway.
 * https://code.claude.com/docs/en/llm-gateway-protocol
 */

export const BETAS = [
  'claude-code-20250219',
  'interleaved-thinking-2025-05-14',
  'fine-grained-tool-streaming-2025-05-14',
  'context-management-2025-06-27',
  'prompt-caching-scope-2026-01-05',
  'mid-conversation-system-2026-04-07',
  'effort-2025-11-24',
] as const

const cache_control = { type: 'ephemeral' } as const

/** What its note to its provider begins with. */
export const NOTE = 'x-anthropic-billing-header:'

let requests = 0xa1b2c

/** The note in front of its instructions: what it signs each request with is never the same. */
const note = () => ({
  type: 'text' as const,
  text: `${NOTE} cc_version=2.1.200.abc; cc_entrypoint=cli; cch=${(requests++).toString(16)};`,
})

export const SYSTEM = [
  { type: 'text' as const, text: 'You are Claude Code, the CLI for Claude.', cache_control },
  { type: 'text' as const, text: '# Tone and style\n\nBe concise. 簡潔に。', cache_control },
]

export const REMINDER = '<system-reminder>The todo list is empty.</system-reminder>'

export const TOOLS = [
  {
    name: 'Bash',
    description: 'Executes a given bash command.',
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object' as const,
      properties: {
        command: { type: 'string', description: 'The command to execute' },
        timeout: { type: 'number', maximum: 600000 },
        run_in_background: { type: 'boolean' },
      },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    name: 'Read',
    description: 'Reads a file from the local filesystem.',
    input_schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object' as const,
      properties: {
        file_path: { type: 'string' },
        offset: { type: 'integer', minimum: 0 },
        pages: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
      },
      required: ['file_path'],
      additionalProperties: false,
    },
  },
  {
    name: 'mcp__tracker__list_issues',
    description: 'Lists issues.',
    input_schema: { type: 'object' as const, properties: {} },
    cache_control,
  },
]

export const SESSION = '0199b6a0-5a11-7b1e-a9c4-3c7d2f5f1d10'

/** Its client, as the terminal of a user would make it. */
export const claudeCode = (baseURL: string, authToken: string): Anthropic =>
  new Anthropic({
    baseURL,
    authToken,
    apiKey: null,
    maxRetries: 0,
    defaultHeaders: {
      'user-agent': 'claude-cli/2.1.200 (external, cli)',
      'x-app': 'cli',
      'x-claude-code-session-id': SESSION,
      'anthropic-version': '2023-06-01',
    },
  })

/** What it sends besides the conversation. */
export const settingsFor = (model: string) => ({
  model,
  max_tokens: 32_000,
  system: [note(), ...SYSTEM],
  tools: TOOLS,
  thinking: { type: 'adaptive' as const },
  context_management: {
    edits: [{ type: 'clear_thinking_20251015' as const, keep: 'all' as const }],
  },
  metadata: { user_id: `user_${'0'.repeat(64)}_account__session_${SESSION}` },
  betas: [...BETAS],
})

/** One turn of the user, with as many answers of the model and results of tools as it takes. */
export async function work(
  client: Anthropic,
  model: string,
  conversation: BetaMessageParam[],
  run: (call: BetaToolUseBlock) => Pick<BetaToolResultBlockParam, 'content' | 'is_error'>,
): Promise<{ readonly answers: readonly BetaMessage[]; readonly warnings: readonly string[] }> {
  const answers: BetaMessage[] = []
  const warnings = new Set<string>()
  for (;;) {
    const stream = client.beta.messages.stream({
      ...settingsFor(model),
      messages: conversation,
    })
    const { response } = await stream.withResponse()
    for (const warning of (response.headers.get('x-keyway-warnings') ?? '').split(', ')) {
      if (warning !== '') warnings.add(warning)
    }
    const answer = await stream.finalMessage()
    answers.push(answer)
    conversation.push({ role: 'assistant', content: answer.content as BetaContentBlock[] })
    const calls = answer.content.filter((block) => block.type === 'tool_use')
    if (calls.length === 0) return { answers, warnings: [...warnings] }
    conversation.push({
      role: 'user',
      content: calls.map((call) => ({
        type: 'tool_result',
        tool_use_id: call.id,
        ...run(call),
      })),
    })
    // It reminds the model of this and that between the steps.
    conversation.push({ role: 'system', content: REMINDER })
  }
}
