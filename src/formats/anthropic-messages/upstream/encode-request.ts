import type { ChatRequest } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { reportRest } from '../../../core/rest.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import type { ClaudeProfile } from '../profile.ts'
import { cacheMembers, limitCacheMarks, markEnd } from './cache-marks.ts'
import { textBlock } from './encode-content.ts'
import { encodeConversation } from './encode-messages.ts'
import { instructionOf, planOutput } from './encode-output-format.ts'
import { encodeSampling } from './encode-sampling.ts'
import { encodeThinking } from './encode-thinking.ts'
import { encodeTools } from './encode-tools.ts'

/** https://platform.claude.com/docs/en/api/messages */
export function encodeRequest(
  request: ChatRequest,
  target: EncodeTarget<ClaudeProfile>,
): JsonObject {
  const { model, profile, compat } = target
  reportUnsupported(request, compat)
  const plan = planOutput(request, profile)
  if (plan.kind === 'schema' && plan.isNarrowed) compat.changed('response_format', 'narrowed')
  const { tools, choice, isForced } = encodeTools(request, { profile, compat, plan })
  const { system, messages, isContinued } = encodeConversation(request.messages, target)
  const maxTokens = maxTokensOf(request, target)
  const { thinking, effort } = encodeThinking(request.reasoning, {
    profile,
    compat,
    maxTokens,
    messages,
    isContinued,
    isForced,
  })
  const isThinking = thinking?.['type'] === 'enabled' || thinking?.['type'] === 'adaptive'
  const instruction = instructionOf(plan)
  const told = instruction === undefined ? system : [...system, textBlock(instruction)]
  const outputConfig = {
    ...(effort === undefined ? {} : { effort }),
    ...(plan.kind === 'schema' ? { format: { type: 'json_schema', schema: plan.schema } } : {}),
  }
  const { cache, stream } = request
  const isCachedByHost = cache !== undefined && profile.hasAutomaticCaching
  if (cache !== undefined && !isCachedByHost) markEnd(messages, cache)
  if (limitCacheMarks({ tools, system, messages }, isCachedByHost ? 1 : 0)) {
    compat.changed('cache_control')
  }
  return {
    model,
    max_tokens: maxTokens,
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(told.length === 0 ? {} : { system: told }),
    messages,
    ...(thinking === undefined ? {} : { thinking }),
    ...(Object.keys(outputConfig).length === 0 ? {} : { output_config: outputConfig }),
    ...encodeSampling(request, { profile, compat, isThinking }),
    ...encodeStop(request, compat),
    ...(isCachedByHost ? cacheMembers(cache) : {}),
    ...encodeUser(request, compat),
    ...encodeServiceTier(request, target),
    ...(stream ? { stream } : {}),
  }
}

/** The most that the model can say where the caller sets no limit: any other number would cut answers off. */
function maxTokensOf(
  { maxOutputTokens }: ChatRequest,
  { profile, compat }: EncodeTarget<ClaudeProfile>,
): number {
  if (maxOutputTokens === undefined) return profile.maxOutputTokens
  if (maxOutputTokens > profile.maxOutputTokens) compat.changed('max_tokens', 'lowered')
  return Math.min(maxOutputTokens, profile.maxOutputTokens)
}

function encodeStop({ stop }: ChatRequest, compat: Compat): JsonObject {
  const visible = stop.filter((sequence) => sequence.trim() !== '')
  if (visible.length < stop.length) compat.changed('stop')
  return visible.length === 0 ? {} : { stop_sequences: visible }
}

const MAX_USER_ID = 256

function encodeUser({ endUser }: ChatRequest, compat: Compat): JsonObject {
  if (endUser === undefined || endUser === '') return {}
  if (endUser.length <= MAX_USER_ID) return { metadata: { user_id: endUser } }
  compat.changed('user')
  return {}
}

const SERVICE_TIERS: Readonly<Record<string, string>> = {
  auto: 'auto',
  default: 'standard_only',
  standard_only: 'standard_only',
}

function encodeServiceTier(
  { serviceTier }: ChatRequest,
  { profile, compat }: EncodeTarget<ClaudeProfile>,
): JsonObject {
  if (serviceTier === undefined) return {}
  if (!Object.hasOwn(SERVICE_TIERS, serviceTier)) compat.changed('service_tier')
  else if (profile.hasServiceTiers) return { service_tier: SERVICE_TIERS[serviceTier] }
  return {}
}

/** What Claude has nothing like. */
function reportUnsupported(request: ChatRequest, compat: Compat): void {
  const { choices = 1, presencePenalty = 0, frequencyPenalty = 0, metadata = {} } = request
  const { verbosity = 'medium' } = request
  if (choices > 1) compat.refused('n', 'it gives one answer to a request.')
  if (presencePenalty !== 0) compat.changed('presence_penalty')
  if (frequencyPenalty !== 0) compat.changed('frequency_penalty')
  if (request.seed !== undefined) compat.changed('seed')
  if (request.topLogprobs !== undefined) compat.changed('logprobs')
  if (verbosity !== 'medium') compat.changed('verbosity')
  if (Object.keys(metadata).length > 0) compat.changed('metadata')
  if (request.promptCacheKey !== undefined) compat.changed('prompt_cache_key')
  reportRest(request.rest, compat)
}
