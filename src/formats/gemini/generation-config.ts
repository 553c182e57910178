import type { ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'
import { encodeMediaResolution } from './media-resolution.ts'
import { encodeOutputFormat } from './output-format.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeThinking } from './thinking.ts'

const MAX_TEMPERATURE = 2
const MAX_STOP_SEQUENCES = 5
const MAX_SEED = 2 ** 31

/**
 * The parameters of an answer; undefined where none are given.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerationConfig
 */
export function encodeGenerationConfig(
  request: ChatRequest,
  profile: GeminiProfile,
  compat: Compat,
): JsonObject | undefined {
  reportAnswers(request, compat)
  const config = {
    ...encodeSampling(request, profile, compat),
    ...encodePenalties(request, profile, compat),
    ...defined({
      maxOutputTokens: encodeLimit(request, compat),
      stopSequences: encodeStop(request, compat),
      seed: encodeSeed(request, compat),
      thinkingConfig: encodeThinking(request, profile, compat),
      mediaResolution: encodeMediaResolution(request.messages, profile, compat),
    }),
    ...encodeOutputFormat(request, profile, compat),
  }
  return Object.keys(config).length === 0 ? undefined : config
}

/** A translated answer is one, and has no room for log probabilities: asking for more would be paid for and lost. */
function reportAnswers({ choices, topLogprobs }: ChatRequest, compat: Compat): void {
  if (choices !== undefined && choices > 1) {
    compat.refused('n', 'only one answer at a time can be translated.')
  }
  if (topLogprobs !== undefined) compat.changed('logprobs')
}

function encodeSampling(
  { temperature, topP, topK }: ChatRequest,
  { isSampled }: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (isSampled) {
    const warmth = temperature === undefined ? undefined : Math.min(temperature, MAX_TEMPERATURE)
    if (warmth !== temperature) compat.changed('temperature', 'clamped')
    return defined({ temperature: warmth, topP, topK })
  }
  if (temperature !== undefined && temperature !== 1) compat.changed('temperature')
  if (topP !== undefined && topP !== 1) compat.changed('top_p')
  if (topK !== undefined) compat.changed('top_k')
  return {}
}

function encodePenalties(
  { presencePenalty = 0, frequencyPenalty = 0 }: ChatRequest,
  { takesPenalties }: GeminiProfile,
  compat: Compat,
): JsonObject {
  if (!takesPenalties) {
    if (presencePenalty !== 0) compat.changed('presence_penalty')
    if (frequencyPenalty !== 0) compat.changed('frequency_penalty')
    return {}
  }
  return {
    ...(presencePenalty === 0 ? {} : { presencePenalty }),
    ...(frequencyPenalty === 0 ? {} : { frequencyPenalty }),
  }
}

function encodeLimit({ maxOutputTokens }: ChatRequest, compat: Compat): number | undefined {
  if (maxOutputTokens === undefined || maxOutputTokens > 0) return maxOutputTokens
  compat.refused('max_tokens', 'it must be 1 or more.')
  return undefined
}

function encodeStop({ stop }: ChatRequest, compat: Compat): readonly string[] | undefined {
  const sequences = stop.filter((sequence) => sequence !== '')
  if (sequences.length > MAX_STOP_SEQUENCES) {
    compat.refused('stop', `there can be ${MAX_STOP_SEQUENCES} stop sequences at most.`)
  }
  return sequences.length === 0 ? undefined : sequences.slice(0, MAX_STOP_SEQUENCES)
}

/** A seed has 32 bits. */
function encodeSeed({ seed }: ChatRequest, compat: Compat): number | undefined {
  if (seed === undefined) return undefined
  if (Number.isInteger(seed) && seed >= -MAX_SEED && seed < MAX_SEED) return seed
  compat.changed('seed')
  return undefined
}
