import { z } from 'zod'
import { anything, text } from '../read-json.ts'
import type { Prompt } from '../reply.ts'
import { saidText } from './said-text.ts'

const itemContent = z.union([
  z.string(),
  z.array(
    z.looseObject({
      type: z.enum(['input_text', 'input_image', 'input_file', 'output_text', 'refusal']),
    }),
  ),
])
const inputItem = z.union([
  z.looseObject({
    type: z.literal('message').optional(),
    role: z.enum(['user', 'assistant', 'system', 'developer']),
    content: itemContent,
  }),
  z.looseObject({
    type: z.literal('function_call'),
    call_id: text,
    name: text,
    arguments: z.string(),
  }),
  z.looseObject({
    type: z.literal('function_call_output'),
    call_id: text,
    output: z.union([z.string(), z.array(z.looseObject({ type: text }))]),
  }),
  z.looseObject({ type: z.literal('reasoning'), summary: z.array(anything) }),
  z.looseObject({ type: z.literal('item_reference'), id: text }),
])
const responsesTool = z.looseObject({
  type: text,
  // Flat: chat's nested `function` is the usual mistake here.
  function: z.undefined({ error: 'tools are flat here' }).optional(),
  name: z.string().optional(),
})

/** A request to the Responses API, which refuses what it does not know. */
export const responsesBody = z.strictObject({
  model: text,
  input: z.union([z.string(), z.array(inputItem).min(1)]),
  instructions: z.union([z.string(), z.null()]).optional(),
  stream: z.union([z.boolean(), z.null()]).optional(),
  stream_options: z.unknown().optional(),
  background: z.unknown().optional(),
  context_management: z.unknown().optional(),
  conversation: z.unknown().optional(),
  include: z.union([z.array(z.string()), z.null()]).optional(),
  max_output_tokens: z.union([z.int().min(16), z.null()]).optional(),
  max_tool_calls: z.unknown().optional(),
  metadata: z.unknown().optional(),
  moderation: z.unknown().optional(),
  parallel_tool_calls: z.unknown().optional(),
  previous_response_id: z.unknown().optional(),
  prompt: z.unknown().optional(),
  prompt_cache_key: z.unknown().optional(),
  prompt_cache_options: z.unknown().optional(),
  prompt_cache_retention: z.unknown().optional(),
  reasoning: z.union([z.looseObject({ effort: z.unknown() }), z.null()]).optional(),
  safety_identifier: z.unknown().optional(),
  service_tier: z.unknown().optional(),
  store: z.union([z.boolean(), z.null()]).optional(),
  temperature: z.union([z.number().min(0).max(2), z.null()]).optional(),
  text: z.unknown().optional(),
  tool_choice: z.unknown().optional(),
  tools: z.array(responsesTool).optional(),
  top_logprobs: z.unknown().optional(),
  top_p: z.union([z.number().min(0).max(1), z.null()]).optional(),
  truncation: z.unknown().optional(),
  user: z.unknown().optional(),
  verbosity: z.undefined({ error: `did you mean 'text.verbosity'?` }).optional(),
})

/** A request that passed. */
export type ResponsesBody = z.infer<typeof responsesBody>

/** What the model makes of it. */
export function promptOfResponses({ input, tools }: ResponsesBody): Prompt {
  const tool = tools?.find(({ type }) => type === 'function')?.name
  if (typeof input === 'string') return { heard: input, tool, thinks: false }
  const last = input.findLast(
    (item) => item.type === 'function_call_output' || ('role' in item && item.role === 'user'),
  )
  if (last?.type === 'function_call_output') {
    return { heard: saidText(last.output), tool: undefined, thinks: false }
  }
  return { heard: saidText(last && 'content' in last ? last.content : ''), tool, thinks: false }
}
