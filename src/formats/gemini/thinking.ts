import { type ChatRequest, type Effort, EFFORTS, type ReasoningWish } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { budgetOfEffort, effortOf, nearestEffort } from '../../core/reasoning.ts'
import type { GeminiProfile, ThinkingControl } from './profile.ts'

/** Room that thinking leaves for the answer, where both share what a caller allows. */
const ANSWER_TOKENS = 1024
/** The model decides. */
const DYNAMIC = -1

/**
 * The `thinkingConfig` for a wish to reason; undefined where there is none. Thoughts are shown to those who wish for reasoning
 * and do not ask to be spared it; everybody else gets what the model does by itself, unseen.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/thinking
 */
export function encodeThinking(
  { reasoning, maxOutputTokens }: ChatRequest,
  { thinking }: GeminiProfile,
  compat: Compat,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined
  if (thinking === undefined) {
    if (asksToThink(reasoning)) compat.changed('reasoning_effort')
    return undefined
  }
  const includeThoughts = showsThoughts(reasoning) ? { includeThoughts: true } : {}
  const control =
    thinking.kind === 'levels'
      ? levelOf(reasoning, thinking, compat)
      : budgetOf(reasoning, maxOutputTokens, thinking, compat)
  const config = { ...control, ...includeThoughts }
  return Object.keys(config).length === 0 ? undefined : config
}

function asksToThink({ effort, budgetTokens, isAdaptive }: ReasoningWish): boolean {
  if (effort === 'none') return false
  return effort !== undefined || budgetTokens !== undefined || isAdaptive === true
}

function showsThoughts(wish: ReasoningWish): boolean {
  if (wish.effort === 'none' || wish.show === 'omitted' || wish.show === 'none') return false
  return wish.show !== undefined || asksToThink(wish)
}

function levelOf(
  wish: ReasoningWish,
  { levels }: Extract<ThinkingControl, { kind: 'levels' }>,
  compat: Compat,
): JsonObject {
  const effort = effortOf(wish)
  const level = effort === undefined ? undefined : nearestEffort(effort, levels)
  if (effort === undefined || level === undefined) return {}
  reportDifference(effort, level, compat)
  return { thinkingLevel: level.toUpperCase() }
}

function reportDifference(wished: Effort, given: Effort, compat: Compat): void {
  const difference = EFFORTS.indexOf(given) - EFFORTS.indexOf(wished)
  if (difference !== 0) compat.changed('reasoning_effort', difference > 0 ? 'raised' : 'lowered')
}

function budgetOf(
  { effort, budgetTokens, isAdaptive }: ReasoningWish,
  maxOutputTokens: number | undefined,
  control: Extract<ThinkingControl, { kind: 'budget' }>,
  compat: Compat,
): JsonObject {
  if (effort === 'none') {
    if (control.canBeOff) return { thinkingBudget: 0 }
    compat.changed('reasoning_effort', 'raised')
    return { thinkingBudget: control.minTokens }
  }
  const wished = budgetTokens ?? (effort === undefined ? undefined : budgetOfEffort(effort))
  if (wished === undefined) return isAdaptive === true ? { thinkingBudget: DYNAMIC } : {}
  const possible = clamp(wished, control)
  if (possible < wished) compat.changed('reasoning_effort', 'lowered')
  if (possible > wished) compat.changed('reasoning_effort', 'raised')
  // Thoughts count as output: with all of it for them, there would be no answer.
  const isTooMuch = maxOutputTokens !== undefined && possible >= maxOutputTokens
  return {
    thinkingBudget: isTooMuch ? clamp(maxOutputTokens - ANSWER_TOKENS, control) : possible,
  }
}

function clamp(
  tokens: number,
  { minTokens, maxTokens }: Extract<ThinkingControl, { kind: 'budget' }>,
): number {
  return Math.min(Math.max(tokens, minTokens), maxTokens)
}
