import { z } from 'zod'
import { anything, text } from '../read-json.ts'

const id = z.string().regex(/^[a-zA-Z0-9_-]+$/)
const cacheControl = z
  .strictObject({
    type: z.literal('ephemeral'),
    ttl: z.enum(['5m', '1h']).optional(),
    scope: z.string().optional(),
  })
  .nullable()
  .optional()
const marked = { cache_control: cacheControl, citations: z.unknown().optional() }
const textBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1, 'text content blocks must be non-empty'),
  ...marked,
})
const elsewhere = [
  z.strictObject({ type: z.literal('url'), url: z.url() }),
  z.strictObject({ type: z.literal('file'), file_id: text }),
] as const
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: z.base64().min(1),
    }),
    ...elsewhere,
  ]),
  ...marked,
})
const document = z.strictObject({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.literal('application/pdf'),
      data: z.base64().min(1),
    }),
    z.strictObject({ type: z.literal('text'), media_type: z.literal('text/plain'), data: text }),
    z.strictObject({
      type: z.literal('content'),
      content: z.union([text, z.array(z.discriminatedUnion('type', [textBlock, image]))]),
    }),
    ...elsewhere,
  ]),
  title: z.string().nullable().optional(),
  context: z.string().nullable().optional(),
  ...marked,
})
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id,
  name: text,
  input: anything,
  caller: z.unknown().optional(),
  ...marked,
})
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: id,
  content: z
    .union([z.string(), z.array(z.discriminatedUnion('type', [textBlock, image, document]))])
    .optional(),
  is_error: z.boolean().optional(),
  ...marked,
})
const thinking = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: text,
})
const serverBlock = z.looseObject({
  type: z.enum([
    'server_tool_use',
    'web_search_tool_result',
    'web_fetch_tool_result',
    'code_execution_tool_result',
    'bash_code_execution_tool_result',
    'text_editor_code_execution_tool_result',
    'mcp_tool_use',
    'mcp_tool_result',
    'fallback',
  ]),
})
const searchResult = z.looseObject({ type: z.literal('search_result') })
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: text })

const messages = z
  .array(
    z.discriminatedUnion('role', [
      z.strictObject({
        role: z.literal('user'),
        content: z.union([
          text,
          z
            .array(
              z.discriminatedUnion('type', [textBlock, image, document, toolResult, searchResult]),
            )
            .min(1),
        ]),
      }),
      z.strictObject({
        role: z.literal('assistant'),
        content: z.union([
          text,
          z
            .array(
              z.discriminatedUnion('type', [textBlock, thinking, redacted, toolUse, serverBlock]),
            )
            .min(1),
        ]),
      }),
      z.strictObject({
        role: z.literal('system'),
        content: z.union([text, z.array(textBlock).min(1)]),
      }),
    ]),
  )
  .min(1)

const tools = z.array(
  z.union([
    z.strictObject({
      type: z.literal('custom').optional(),
      name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
      description: z.string().optional(),
      input_schema: z.looseObject({ type: z.literal('object') }),
      strict: z.boolean().optional(),
      cache_control: cacheControl,
      eager_input_streaming: z.unknown().optional(),
      defer_loading: z.unknown().optional(),
      allowed_callers: z.unknown().optional(),
      input_examples: z.unknown().optional(),
    }),
    // Anthropic's own tools have a date in their type, and no schema.
    z.looseObject({
      type: z.string().regex(/_\d{8}$/),
      name: text,
      input_schema: z.undefined().optional(),
      cache_control: cacheControl,
    }),
  ]),
)
const toolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use: z.boolean().optional() }),
  z.strictObject({ type: z.literal('any'), disable_parallel_tool_use: z.boolean().optional() }),
  z.strictObject({
    type: z.literal('tool'),
    name: text,
    disable_parallel_tool_use: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('none') }),
])

const optional = z.unknown().optional()

/** What counting tokens takes, without the model. */
export const countedMembers = {
  messages,
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: tools.optional(),
  tool_choice: toolChoice.optional(),
  thinking: z
    .looseObject({ type: z.enum(['adaptive', 'enabled', 'disabled', 'between_tools']) })
    .optional(),
  cache_control: cacheControl,
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullable().optional(),
      format: z
        .strictObject({ type: z.literal('json_schema'), schema: anything })
        .nullable()
        .optional(),
      task_budget: optional,
    })
    .optional(),
  speed: optional,
}

/** What a message takes, without the members that differ between Anthropic and its hosts. */
export const messageMembers = {
  ...countedMembers,
  max_tokens: z.int().min(0),
  stop_sequences: z.array(z.string().regex(/\S/)).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).nullable().optional() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  inference_geo: optional,
  container: optional,
  mcp_servers: optional,
  context_management: optional,
  diagnostics: optional,
  user_profile_id: optional,
  workspace_id: optional,
  previous_message_id: optional,
}

const common = z.object(messageMembers)

/** The members of a message that every host takes. */
export type MessageBody = z.infer<typeof common>

/** One message of such a body. */
export type ClaudeMessage = MessageBody['messages'][number]

/** One block of such a message. */
export type ClaudeBlock = Exclude<ClaudeMessage['content'], string>[number]

/** The blocks of a message; a string is one text block. */
export function blocksOf({ content }: ClaudeMessage): readonly ClaudeBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

/** Anthropic's words for a body that it does not take. */
export const anthropicWording = {
  unknownField: (path: string) => `${path}: Extra inputs are not permitted`,
  wrongField: (path: string, detail: string) =>
    `${path}: ${detail.includes('received undefined') ? 'Field required' : detail}`,
}
