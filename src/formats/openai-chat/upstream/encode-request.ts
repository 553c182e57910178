import type { ChatRequest, OutputFormat } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined } from '../../../core/read.ts'
import { effortOf } from '../../../core/reasoning.ts'
import { reportRest } from '../../../core/rest.ts'
import { formatStrictness } from '../../../core/strict-schema.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import { freeformNames } from '../freeform-names.ts'
import type { ChatProfile } from '../profile.ts'
import type { Draft } from './draft.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeToolChoice, encodeTools } from './encode-tools.ts'
import { fitToProfile } from './fit.ts'

/**
 * The request in OpenAI's own dialect, then made to fit the profile.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function encodeRequest(request: ChatRequest, target: EncodeTarget<ChatProfile>): JsonObject {
  reportUnsaid(request, target)
  const passed = new Set(target.profile.members.passed)
  const own = Object.entries(request.rest).filter(([name]) => passed.has(name))
  const body: Draft = { ...chatBody(request, target), ...Object.fromEntries(own) }
  fitToProfile(body, target)
  reportRest(request.rest, target.compat, passed)
  return body
}

function chatBody(
  request: ChatRequest,
  { model, profile, compat }: EncodeTarget<ChatProfile>,
): Draft {
  const { tools, toolChoice, stop, stream, reasoning, outputFormat } = request
  const freeform = freeformNames(request)
  return defined({
    model,
    messages: encodeMessages(request.messages, freeform),
    tools:
      tools.length === 0 ? undefined : encodeTools(tools, { compat, mustClose: profile.isExact }),
    tool_choice: toolChoice === undefined ? undefined : encodeToolChoice(toolChoice, freeform),
    parallel_tool_calls: request.parallelToolCalls,
    max_completion_tokens: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    seed: request.seed,
    stop: stop.length === 0 ? undefined : stop,
    reasoning_effort: reasoning === undefined ? undefined : effortOf(reasoning),
    response_format: outputFormat && encodeOutputFormat(outputFormat, profile, compat),
    verbosity: request.verbosity,
    user: request.endUser,
    metadata: request.metadata,
    service_tier: request.serviceTier,
    prompt_cache_key: request.promptCacheKey,
    stream: stream ? true : undefined,
    stream_options: stream && request.includeUsage === true ? { include_usage: true } : undefined,
  })
}

function encodeOutputFormat(format: OutputFormat, { isExact }: ChatProfile, compat: Compat): Draft {
  if (format.kind === 'json') return { type: 'json_object' }
  const { name, schema, description } = format
  const strict = isExact ? formatStrictness(format, compat) : format.strict
  return { type: 'json_schema', json_schema: defined({ name, description, schema, strict }) }
}

/** What the dialect has no word for, or what an answer in nobody's dialect could not bear. */
function reportUnsaid(
  { topK, topLogprobs, choices, reasoning }: ChatRequest,
  { compat, profile }: EncodeTarget<ChatProfile>,
): void {
  if (topK !== undefined) compat.changed('top_k')
  if (topLogprobs !== undefined) compat.changed('logprobs')
  if (choices !== undefined && choices > 1) {
    compat.refused('n', 'one answer at a time is translated.')
  }
  // The other hosts show all reasoning, asked or not.
  const show = reasoning?.show
  if (profile.isExact && show !== undefined && show !== 'omitted') {
    compat.changed('reasoning_summary')
  }
}
