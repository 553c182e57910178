import type { ChatRequest, OutputFormat } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined } from '../../../core/read.ts'
import { reportRest } from '../../../core/rest.ts'
import { stableHash } from '../../../core/stable-hash.ts'
import { formatStrictness } from '../../../core/strict-schema.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import type { ResponsesProfile } from '../profile.ts'
import { encodeItems } from './encode-items.ts'
import { encodeReasoning } from './encode-reasoning.ts'
import { encodeTools, freeformNames } from './encode-tools.ts'

type Target = EncodeTarget<ResponsesProfile>

/**
 * A conversation as a body of `POST /responses`; nothing of it is to be stored there.
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export function encodeRequest(request: ChatRequest, target: Target): JsonObject {
  const { profile, compat } = target
  const freeform = freeformNames(request, profile)
  const { members, isThinking } = encodeReasoning(request, target)
  reportUnsaid(request, target)
  reportRest(request.rest, compat, profile.extras)
  const extras = Object.entries(request.rest).filter(([name]) => profile.extras.has(name))
  return defined({
    ...Object.fromEntries(extras),
    model: target.model,
    input: encodeItems(request.messages, freeform, target),
    ...encodeTools(request, freeform, target),
    ...members,
    ...encodeSampling(request, isThinking, target),
    max_output_tokens: encodeLimit(request, target),
    text: encodeText(request, target),
    metadata: request.metadata,
    [profile.endUserField]: encodeEndUser(request.endUser),
    service_tier: encodeServiceTier(request, target),
    prompt_cache_key: request.promptCacheKey,
    store: false,
    stream: request.stream ? true : undefined,
  })
}

/** What no request of this format can say. */
function reportUnsaid(request: ChatRequest, { profile, compat }: Target): void {
  const { choices = 1, topK, topLogprobs, stop, seed } = request
  if (choices > 1) compat.refused('n', 'it gives one answer at a time.')
  if (topK !== undefined) compat.changed('top_k')
  if (topLogprobs !== undefined) compat.changed('logprobs')
  if (stop.length > 0) compat.changed('stop')
  if (seed !== undefined) compat.changed('seed')
  if ((request.presencePenalty ?? 0) !== 0) compat.changed('presence_penalty')
  if ((request.frequencyPenalty ?? 0) !== 0) compat.changed('frequency_penalty')
  if (request.parallelToolCalls === false && !profile.hasParallelFlag && request.tools.length > 0) {
    compat.changed('parallel_tool_calls')
  }
}

/** Models that think refuse even the values that are theirs anyway. */
function encodeSampling(
  { temperature, topP }: ChatRequest,
  isThinking: boolean,
  { profile: { sampling }, compat }: Target,
): { readonly temperature?: number; readonly top_p?: number } {
  if (sampling === 'always' || (sampling === 'without-reasoning' && !isThinking)) {
    return defined({ temperature, top_p: topP })
  }
  if ((temperature ?? 1) !== 1) compat.changed('temperature')
  if ((topP ?? 1) !== 1) compat.changed('top_p')
  return {}
}

function encodeLimit(
  { maxOutputTokens }: ChatRequest,
  { profile: { minOutputTokens }, compat }: Target,
): number | undefined {
  if (maxOutputTokens === undefined || maxOutputTokens >= minOutputTokens) return maxOutputTokens
  compat.changed('max_tokens', 'raised')
  return minOutputTokens
}

function encodeText(
  { outputFormat, verbosity }: ChatRequest,
  { profile, compat }: Target,
): JsonObject | undefined {
  if (verbosity !== undefined && !profile.hasVerbosity) compat.changed('verbosity')
  const text = defined({
    format: outputFormat && encodeFormat(outputFormat, compat),
    verbosity: profile.hasVerbosity ? verbosity : undefined,
  })
  return Object.keys(text).length === 0 ? undefined : text
}

function encodeFormat(format: OutputFormat, compat: Compat): JsonObject {
  if (format.kind === 'json') return { type: 'json_object' }
  const { name, schema, description } = format
  const strict = formatStrictness(format, compat)
  return defined({ type: 'json_schema', name, schema, description, strict })
}

const MAX_END_USER_LENGTH = 64

/** A hash tells users apart as well as a name that is too long. */
function encodeEndUser(endUser: string | undefined): string | undefined {
  if (endUser === undefined || endUser.length <= MAX_END_USER_LENGTH) return endUser
  return `user_${stableHash(endUser, 9)}`
}

/** Words for the service that is usual, which is had without a word too. */
const USUAL_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'standard_only'])

function encodeServiceTier(
  { serviceTier }: ChatRequest,
  { profile, compat }: Target,
): string | undefined {
  if (serviceTier === undefined || profile.serviceTiers.includes(serviceTier)) return serviceTier
  if (!USUAL_TIERS.has(serviceTier)) compat.changed('service_tier')
  return undefined
}
