import { z } from 'zod'
import { anything, text } from '../read-json.ts'

const optional = z.unknown().optional()
const nullable = <T extends z.ZodType>(type: T) => z.union([type, z.null()]).optional()

const breakpoint = nullable(
  z.strictObject({ mode: z.literal('explicit'), ttl: z.enum(['30m', '12h']).optional() }),
)
const inputText = z.looseObject({
  type: z.literal('input_text'),
  text: z.string(),
  prompt_cache_breakpoint: breakpoint,
})
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  detail: z.enum(['low', 'high', 'auto', 'original']).optional(),
  image_url: nullable(z.string().regex(/^(https?:\/\/|data:[a-z]+\/[\w.+-]+;base64,)/)),
  file_id: nullable(text),
  prompt_cache_breakpoint: breakpoint,
})
const inputFile = z.strictObject({
  type: z.literal('input_file'),
  file_data: z.string().optional(),
  file_id: nullable(text),
  file_url: z.url().optional(),
  filename: z.string().optional(),
  prompt_cache_breakpoint: breakpoint,
})
const inputPart = z.discriminatedUnion('type', [inputText, inputImage, inputFile])
const outputPart = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('output_text'),
    text: z.string(),
    prompt_cache_breakpoint: z.undefined().optional(),
  }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
])

/** An id of an item, which says of what kind the item is. */
const itemId = (prefix: string) =>
  nullable(
    z.string().regex(new RegExp(`^${prefix}_`), `Expected an ID that begins with '${prefix}'.`),
  )
const status = nullable(z.enum(['in_progress', 'completed', 'incomplete']))
const type = z.literal('message').optional()
const phase = optional

const message = z.union([
  z.strictObject({
    type,
    role: z.enum(['user', 'system', 'developer']),
    content: z.union([z.string(), z.array(inputPart).min(1)]),
    id: itemId('msg'),
    status,
  }),
  z.strictObject({
    type,
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(outputPart).min(1)]),
    id: itemId('msg'),
    status,
    phase,
  }),
])

const name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/)
const tool = z.union([
  z.strictObject({
    type: z.literal('function'),
    name,
    description: nullable(z.string()),
    parameters: nullable(anything),
    strict: nullable(z.boolean()),
    defer_loading: optional,
    allowed_callers: optional,
  }),
  z.strictObject({
    type: z.literal('custom'),
    name,
    description: z.string().optional(),
    format: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('text') }),
        z.strictObject({
          type: z.literal('grammar'),
          syntax: z.enum(['lark', 'regex']),
          definition: text,
        }),
      ])
      .optional(),
    defer_loading: optional,
  }),
  z.looseObject({
    type: z.string().regex(/^(?!function$|custom$)./),
    // Flat: chat's nested `function` is the usual mistake here.
    function: z.undefined({ error: 'tools are flat here' }).optional(),
  }),
])

const item = z.union([
  message,
  z.strictObject({
    type: z.literal('additional_tools'),
    role: z.literal('developer'),
    tools: z.array(tool),
    id: nullable(text),
  }),
  z.strictObject({
    type: z.literal('function_call'),
    id: itemId('fc'),
    call_id: text.max(64),
    name: text,
    arguments: z.string(),
    status,
    namespace: optional,
    caller: optional,
  }),
  z.strictObject({
    type: z.literal('function_call_output'),
    id: itemId('fc'),
    call_id: text.max(64),
    output: z.union([z.string(), z.array(inputPart)]),
    status,
    caller: optional,
  }),
  z.strictObject({
    type: z.literal('reasoning'),
    id: itemId('rs'),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    content: nullable(z.array(anything)),
    encrypted_content: nullable(z.string()),
    status,
  }),
  z.strictObject({ type: z.literal('item_reference').nullable().optional(), id: text }),
  z.looseObject({
    type: z.enum(['custom_tool_call', 'custom_tool_call_output']),
    call_id: text,
  }),
  z.looseObject({
    type: z.enum([
      'web_search_call',
      'file_search_call',
      'computer_call',
      'computer_call_output',
      'code_interpreter_call',
      'image_generation_call',
      'local_shell_call',
      'local_shell_call_output',
      'mcp_call',
      'mcp_list_tools',
      'compaction',
    ]),
  }),
])

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.enum(['function', 'custom']), name: text }),
  z.strictObject({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(anything).min(1),
  }),
  z.looseObject({ type: z.string().regex(/^(?!function$|custom$|allowed_tools$)./) }),
])
const format = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name,
    schema: anything,
    description: z.string().optional(),
    strict: z.boolean().nullable().optional(),
  }),
])

/** A request to the Responses API, which refuses what it does not know. */
export const responsesBody = z.strictObject({
  model: text,
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: nullable(z.string()),
  stream: nullable(z.boolean()),
  stream_options: optional,
  background: optional,
  context_management: optional,
  conversation: optional,
  include: nullable(
    z.array(
      z.enum([
        'file_search_call.results',
        'web_search_call.results',
        'web_search_call.action.sources',
        'message.input_image.image_url',
        'computer_call_output.output.image_url',
        'code_interpreter_call.outputs',
        'reasoning.encrypted_content',
        'message.output_text.logprobs',
      ]),
    ),
  ),
  max_output_tokens: nullable(z.int().min(16)),
  max_tool_calls: optional,
  metadata: optional,
  moderation: optional,
  parallel_tool_calls: nullable(z.boolean()),
  previous_response_id: nullable(text),
  prompt: optional,
  prompt_cache_key: optional,
  prompt_cache_options: optional,
  prompt_cache_retention: optional,
  reasoning: nullable(
    z.looseObject({
      effort: nullable(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])),
      summary: nullable(z.enum(['auto', 'concise', 'detailed'])),
    }),
  ),
  safety_identifier: optional,
  service_tier: optional,
  store: nullable(z.boolean()),
  temperature: nullable(z.number().min(0).max(2)),
  text: nullable(
    z.strictObject({
      format: format.optional(),
      verbosity: nullable(z.enum(['low', 'medium', 'high'])),
    }),
  ),
  tool_choice: toolChoice.optional(),
  tools: z.array(tool).optional(),
  top_logprobs: nullable(z.int().min(0).max(20)),
  top_p: nullable(z.number().min(0).max(1)),
  truncation: nullable(z.enum(['auto', 'disabled'])),
  user: optional,
  verbosity: z.undefined({ error: `did you mean 'text.verbosity'?` }).optional(),
})

/** A request that passed. */
export type ResponsesBody = z.infer<typeof responsesBody>

/** One item of its input. */
export type ResponsesItem = z.infer<typeof item>
