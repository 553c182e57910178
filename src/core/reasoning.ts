import { type Effort, EFFORTS, type ReasoningWish } from './chat.ts'

/**
 * Efforts and budgets, each from the other. One table for all models: what a model does not have is lowered to what it
 * has.
 */
const BUDGETS: Readonly<Record<Exclude<Effort, 'none'>, number>> = {
  minimal: 1024,
  low: 1024,
  medium: 8192,
  high: 16384,
  xhigh: 24576,
  max: 32768,
}

/** Tokens to think with, for an effort. */
export function budgetOfEffort(effort: Exclude<Effort, 'none'>): number {
  return BUDGETS[effort]
}

/** The effort that a budget amounts to. */
export function effortOfBudget(budgetTokens: number): Effort {
  if (budgetTokens <= 1024) return 'low'
  if (budgetTokens <= 8192) return 'medium'
  return budgetTokens <= 24576 ? 'high' : 'xhigh'
}

/** The effort that a wish amounts to; undefined where it leaves that to the model. */
export function effortOf({ effort, budgetTokens }: ReasoningWish): Effort | undefined {
  return effort ?? (budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens))
}

/** The nearest effort among those that a model has: the next lower one, else its lowest. */
export function nearestEffort(wished: Effort, ladder: readonly Effort[]): Effort | undefined {
  const limit = EFFORTS.indexOf(wished)
  const known = EFFORTS.filter((effort) => ladder.includes(effort))
  return known.findLast((effort) => EFFORTS.indexOf(effort) <= limit) ?? known[0]
}
