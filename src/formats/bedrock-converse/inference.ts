import type { ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { defined } from '../../core/read.ts'
import type { EncodedThinking } from './effort.ts'
import { fieldAt } from './model-fields.ts'
import type { ConverseProfile } from './profile.ts'

interface InferenceTarget {
  readonly profile: ConverseProfile
  readonly compat: Compat
  readonly thinking: EncodedThinking
}

export interface EncodedInference {
  readonly config: JsonObject
  /** The model's own fields. */
  readonly fields: JsonObject
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html */
export function encodeInference(request: ChatRequest, target: InferenceTarget): EncodedInference {
  const temperature = temperatureOf(request, target)
  const stop = stopOf(request, target)
  const config = defined({
    maxTokens: maxTokensOf(request, target),
    temperature,
    topP: topPOf(request, target, temperature !== undefined),
    stopSequences: stop.length === 0 ? undefined : stop,
  })
  return { config, fields: topKFields(request, target) }
}

function maxTokensOf(
  { maxOutputTokens }: ChatRequest,
  { profile, compat, thinking }: InferenceTarget,
): number | undefined {
  if (maxOutputTokens === undefined) return thinking.maxTokens
  if (thinking.refusesLimit) {
    compat.changed('max_tokens')
    return undefined
  }
  const { maxOutputTokens: most = Infinity } = profile
  if (maxOutputTokens > most) compat.changed('max_tokens', 'lowered')
  if (maxOutputTokens < 1) compat.changed('max_tokens', 'raised')
  return Math.max(1, Math.min(maxOutputTokens, most))
}

/** Whether the model takes a way of sampling. What says what would be so anyway is left out without a word. */
function takes(
  parameter: 'temperature' | 'top_p' | 'top_k',
  isTaken: boolean,
  isUsual: boolean,
  { compat, thinking }: InferenceTarget,
): boolean {
  if (isTaken && !thinking.refusesSampling) return true
  if (!isUsual) compat.changed(parameter)
  return false
}

function temperatureOf({ temperature }: ChatRequest, target: InferenceTarget): number | undefined {
  const { profile, compat } = target
  if (temperature === undefined) return undefined
  if (!takes('temperature', profile.sampling.temperature, temperature === 1, target))
    return undefined
  return clamped('temperature', temperature, compat)
}

function topPOf(
  { topP }: ChatRequest,
  target: InferenceTarget,
  hasTemperature: boolean,
): number | undefined {
  const { sampling } = target.profile
  if (topP === undefined) return undefined
  const isTaken = sampling.topP && !(sampling.isEitherOr && hasTemperature)
  if (!takes('top_p', isTaken, topP === 1, target)) return undefined
  return clamped('top_p', topP, target.compat)
}

/** Converse takes numbers from 0 to 1 for both. */
function clamped(parameter: 'temperature' | 'top_p', value: number, compat: Compat): number {
  const fit = Math.min(1, Math.max(0, value))
  if (fit !== value) compat.changed(parameter, 'clamped')
  return fit
}

function topKFields({ topK }: ChatRequest, target: InferenceTarget): JsonObject {
  const path = target.profile.sampling.topK
  if (topK === undefined || !takes('top_k', path !== undefined, false, target)) return {}
  return path === undefined ? {} : fieldAt(path, topK)
}

/** Blank ones are refused. */
function stopOf({ stop }: ChatRequest, { profile, compat }: InferenceTarget): readonly string[] {
  const fit = profile.sampling.stop ? stop.filter((sequence) => sequence.trim() !== '') : []
  if (fit.length < stop.length) compat.changed('stop')
  return fit
}
