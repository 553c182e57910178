import { type Effort, EFFORTS, type ReasoningWish } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { effortOf, nearestEffort } from '../../core/reasoning.ts'
import { fieldAt } from './model-fields.ts'
import type { ConverseReasoning } from './profile.ts'

export interface EncodedThinking {
  /** The model's own fields. */
  readonly fields: JsonObject
  /** The model thinks with a temperature of its own, and refuses any other. */
  readonly refusesSampling: boolean
  /** The model thinks without a limit, and refuses any. */
  readonly refusesLimit: boolean
  /** What to limit the answer to where the caller did not. */
  readonly maxTokens?: number
}

/** The model is told nothing. */
export const NOTHING: EncodedThinking = { fields: {}, refusesSampling: false, refusesLimit: false }

/** A wish about how reasoning is shown does not turn it on. */
export function asksToThink({ effort, budgetTokens, isAdaptive = false }: ReasoningWish): boolean {
  return effort !== undefined || budgetTokens !== undefined || isAdaptive
}

export type Style<Kind> = Extract<ConverseReasoning, { kind: Kind }>

/** Thinking that is told its effort by a word. */
export function thinkByEffort(
  wish: ReasoningWish,
  { path, efforts, beside = {}, isOffByDefault, unlimitedFrom }: Style<'effort'>,
  compat: Compat,
): EncodedThinking {
  const effort = fitEffort(wish, efforts, compat)
  if (effort === undefined || (effort === 'none' && isOffByDefault)) return NOTHING
  const isUnlimited =
    unlimitedFrom !== undefined && EFFORTS.indexOf(effort) >= EFFORTS.indexOf(unlimitedFrom)
  return {
    fields: fieldAt(path, effort, beside),
    refusesSampling: isUnlimited,
    refusesLimit: isUnlimited,
  }
}

/** The nearest effort that the model has; undefined where the wish is for none in particular. */
export function fitEffort(
  wish: ReasoningWish,
  efforts: readonly Effort[],
  compat: Compat,
): Effort | undefined {
  const wished = effortOf(wish)
  if (wished === undefined) return undefined
  const effort = nearestEffort(wished, efforts)
  if (effort === undefined) compat.changed('reasoning_effort')
  // `minimal` is what others call the lowest effort.
  else if (effort !== wished && wished !== 'minimal') {
    compat.changed('reasoning_effort', wished === 'none' ? 'raised' : 'lowered')
  }
  return effort
}
