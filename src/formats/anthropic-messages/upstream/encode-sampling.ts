import type { ChatRequest } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import type { ClaudeProfile } from '../profile.ts'

export interface SamplingTarget {
  readonly profile: ClaudeProfile
  readonly compat: Compat
  /** A model that thinks chooses its words by itself. */
  readonly isThinking: boolean
}

export interface Sampling {
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
}

/**
 * How words are chosen, as far as the model lets anybody say. Values that are the default are left out in silence.
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function encodeSampling(
  { temperature, topP, topK }: ChatRequest,
  { profile, compat, isThinking }: SamplingTarget,
): Sampling {
  const wishesTemperature = temperature !== undefined && temperature !== 1
  const wishesTopP = topP !== undefined && topP !== 1
  if (profile.sampling === 'none' || isThinking) {
    if (wishesTemperature) compat.changed('temperature')
    if (wishesTopP) compat.changed('top_p')
    if (topK !== undefined) compat.changed('top_k')
    return {}
  }
  const isAlone = profile.sampling === 'no-top-p-beside-temperature'
  if (isAlone && wishesTemperature && wishesTopP) compat.changed('top_p')
  const takesTopP = wishesTopP && !(isAlone && wishesTemperature)
  return {
    ...(wishesTemperature ? { temperature: clamped(temperature, compat) } : {}),
    ...(takesTopP ? { top_p: topP } : {}),
    ...(topK === undefined ? {} : { top_k: topK }),
  }
}

function clamped(temperature: number, compat: Compat): number {
  const inRange = Math.min(1, Math.max(0, temperature))
  if (inRange !== temperature) compat.changed('temperature', 'clamped')
  return inRange
}
