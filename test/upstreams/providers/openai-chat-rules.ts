import { z } from 'zod'
import { openAiMessages, openAiTools } from '../dialects/openai-chat-body.ts'
import {
  checkOpenAiModel,
  isGiven,
  isReasoningModel,
  unsupportedParameter,
} from '../dialects/openai-models.ts'
import { checkStrictSchema } from '../dialects/openai-schema.ts'
import { checkToolHistory } from '../dialects/tool-history.ts'
import { refuse } from '../provider.ts'
import { anything, text } from '../read-json.ts'

const optional = z.unknown().optional()
const penalty = z.union([z.number().min(-2).max(2), z.null()]).optional()
const named = z.strictObject({ name: text })
const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: named }),
  z.strictObject({ type: z.literal('custom'), custom: named }),
  z.strictObject({
    type: z.literal('allowed_tools'),
    allowed_tools: z.strictObject({
      mode: z.enum(['auto', 'required']),
      tools: z.array(anything).min(1),
    }),
  }),
])
const responseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
      description: z.string().optional(),
      schema: anything.optional(),
      strict: z.boolean().nullable().optional(),
    }),
  }),
])

/** A chat request as OpenAI takes it: every member that it knows, and no other. */
export const openAiChatBody = z.strictObject({
  model: text,
  messages: openAiMessages,
  stream: z.union([z.boolean(), z.null()]).optional(),
  stream_options: z
    .union([
      z.strictObject({
        include_usage: z.boolean().optional(),
        include_obfuscation: z.boolean().optional(),
      }),
      z.null(),
    ])
    .optional(),
  audio: optional,
  frequency_penalty: penalty,
  function_call: optional,
  functions: optional,
  logit_bias: optional,
  logprobs: z.union([z.boolean(), z.null()]).optional(),
  max_completion_tokens: z.union([z.int().min(1), z.null()]).optional(),
  max_tokens: z.union([z.int().min(1), z.null()]).optional(),
  metadata: optional,
  modalities: optional,
  moderation: optional,
  n: z.union([z.int().min(1), z.null()]).optional(),
  parallel_tool_calls: z.boolean().optional(),
  prediction: optional,
  presence_penalty: penalty,
  prompt_cache_key: optional,
  prompt_cache_options: optional,
  prompt_cache_retention: optional,
  reasoning_effort: z
    .enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])
    .nullable()
    .optional(),
  response_format: responseFormat.optional(),
  safety_identifier: z.string().max(64).optional(),
  seed: z.union([z.int(), z.null()]).optional(),
  service_tier: z
    .enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])
    .nullable()
    .optional(),
  stop: z.union([z.string(), z.array(z.string()).min(1).max(4), z.null()]).optional(),
  store: z.union([z.boolean(), z.null()]).optional(),
  temperature: z.union([z.number().min(0).max(2), z.null()]).optional(),
  tool_choice: toolChoice.optional(),
  tools: openAiTools.optional(),
  top_logprobs: z.union([z.int().min(0).max(20), z.null()]).optional(),
  top_p: z.union([z.number().min(0).max(1), z.null()]).optional(),
  user: optional,
  verbosity: z.enum(['low', 'medium', 'high']).nullable().optional(),
  web_search_options: optional,
})

/** A chat request that OpenAI takes. */
export type OpenAiChatBody = z.infer<typeof openAiChatBody>

/** OpenAI's words for a body that it does not take. */
export const openAiWording = {
  unknownField: (path: string) => `Unknown parameter: '${path}'.`,
  wrongField: (path: string, detail: string) => `Invalid value for '${path}': ${detail}`,
  unknownCode: 'unknown_parameter',
  wrongCode: 'invalid_value',
}

/** Refuses what OpenAI's models refuse although the API knows it, members without those that they need, and a history whose tool calls do not add up. */
export function checkOpenAiModelRules(body: OpenAiChatBody): void {
  const { model } = body
  if (/-codex\b|^(gpt-[\d.]+|o\d)-pro\b|-cyber\b|-deep-research\b|daybreak|rosalind/.test(model)) {
    const message = 'This model is only supported in v1/responses and not in v1/chat/completions.'
    refuse('not-found', message, { param: 'model' })
  }
  if (isReasoningModel(model) && isGiven(body.max_tokens)) {
    unsupportedParameter('max_tokens', ` Use 'max_completion_tokens' instead.`)
  }
  const { temperature, top_p, presence_penalty, frequency_penalty } = body
  const { logprobs, top_logprobs, logit_bias, stop } = body
  checkOpenAiModel(
    {
      model,
      effort: body.reasoning_effort,
      effortField: 'reasoning_effort',
      sampling: {
        temperature,
        top_p,
        presence_penalty,
        frequency_penalty,
        logprobs,
        top_logprobs,
        logit_bias,
        stop,
      },
    },
    'chat',
  )
  checkToolsWithReasoning(body)
  checkCompanions(body)
  checkSchemas(body)
  checkToolHistory(body.messages)
}

function checkToolsWithReasoning({ model, tools, reasoning_effort: effort }: OpenAiChatBody): void {
  if (!/^gpt-5\.[56]/.test(model) || !tools || effort === 'none') return
  refuse(
    'bad-request',
    `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
    { param: 'reasoning_effort' },
  )
}

// Members that mean something only beside another one.
function checkCompanions(body: OpenAiChatBody): void {
  const onlyWith = (param: string, rule: string) =>
    refuse('bad-request', `The '${param}' parameter is only allowed when ${rule}.`, { param })
  if (body.stream_options && body.stream !== true) {
    onlyWith('stream_options', `'stream' is enabled`)
  }
  if (!body.tools) {
    if (isGiven(body.tool_choice)) onlyWith('tool_choice', `'tools' are specified`)
    if (isGiven(body.parallel_tool_calls)) onlyWith('parallel_tool_calls', `'tools' are specified`)
  }
  if (isGiven(body.metadata) && body.store !== true) onlyWith('metadata', `'store' is enabled`)
  if (isGiven(body.top_logprobs) && body.logprobs !== true) {
    onlyWith('top_logprobs', `'logprobs' is enabled`)
  }
}

function checkSchemas({ response_format: format, tools = [], messages }: OpenAiChatBody): void {
  if (format?.type === 'json_object' && !/json/i.test(JSON.stringify(messages))) {
    refuse(
      'bad-request',
      `'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.`,
      { param: 'messages' },
    )
  }
  if (format?.type === 'json_schema') {
    const { name, schema, strict } = format.json_schema
    if (!schema) {
      refuse('bad-request', `Missing required parameter: 'response_format.json_schema.schema'.`, {
        param: 'response_format.json_schema.schema',
        code: 'missing_required_parameter',
      })
    }
    if (strict) checkStrictSchema(schema, `response_format '${name}'`, 'response_format')
  }
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== 'function' || tool.function.strict !== true) continue
    const { name, parameters } = tool.function
    checkStrictSchema(parameters, `function '${name}'`, `tools[${index}].function.parameters`)
  }
}
