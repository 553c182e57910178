import { z } from 'zod'
import { functionTools, openAiMessages } from '../dialects/openai-chat-body.ts'
import { refuse } from '../provider.ts'
import { anything, text } from '../read-json.ts'

const optional = z.unknown().optional()
const penalty = z.union([z.number().min(-2).max(2), z.null()]).optional()

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
  logprobs: optional,
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
  response_format: z
    .looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) })
    .optional(),
  safety_identifier: optional,
  seed: optional,
  service_tier: optional,
  stop: z.union([z.string(), z.array(z.string()).max(4), z.null()]).optional(),
  store: optional,
  temperature: z.union([z.number().min(0).max(2), z.null()]).optional(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), anything]).optional(),
  tools: functionTools.optional(),
  top_logprobs: optional,
  top_p: z.union([z.number().min(0).max(1), z.null()]).optional(),
  user: optional,
  verbosity: optional,
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

/** Refuses what OpenAI's models refuse although the API knows it, and a history whose tool calls do not add up. */
export function checkOpenAiModelRules(body: OpenAiChatBody): void {
  const { model } = body
  if (/-codex\b|^gpt-5-pro/.test(model)) {
    const message = 'This model is only supported in v1/responses and not in v1/chat/completions.'
    refuse('not-found', message, { param: 'model' })
  }
  if (/^(o\d|gpt-[5-9])/.test(model)) checkReasoningModel(body)
  checkToolHistory(body)
}

function checkReasoningModel(body: OpenAiChatBody): void {
  if (isGiven(body.max_tokens)) {
    unsupported(
      'max_tokens',
      `Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.`,
      'unsupported_parameter',
    )
  }
  const samples = /^gpt-(5\.[1-9]|[6-9])/.test(body.model) && body.reasoning_effort === 'none'
  if (!samples && isGiven(body.temperature) && body.temperature !== 1) {
    unsupported(
      'temperature',
      `Unsupported value: 'temperature' does not support ${body.temperature} with this model. Only the default (1) value is supported.`,
      'unsupported_value',
    )
  }
  if (/^gpt-5\.[56]/.test(body.model) && body.tools && body.reasoning_effort !== 'none') {
    refuse(
      'bad-request',
      `Function tools with reasoning_effort are not supported for ${body.model} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`,
      { param: 'reasoning_effort' },
    )
  }
}

const isGiven = (value: unknown) => value !== undefined && value !== null

function unsupported(param: string, message: string, code: string): never {
  return refuse('bad-request', message, { param, code })
}

function checkToolHistory({ messages }: OpenAiChatBody): void {
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (!open.includes(message.tool_call_id)) {
        refuse(
          'bad-request',
          `Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.`,
          { param: `messages.[${index}].role` },
        )
      }
      open = open.filter((id) => id !== message.tool_call_id)
      continue
    }
    if (open.length > 0) missingResults(open)
    open = message.role === 'assistant' ? (message.tool_calls ?? []).map(({ id }) => id) : []
  }
  if (open.length > 0) missingResults(open)
}

function missingResults(ids: string[]): never {
  return refuse(
    'bad-request',
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
    { param: 'messages' },
  )
}
