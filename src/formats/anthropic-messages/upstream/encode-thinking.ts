import type { Effort, ReasoningWish } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import { budgetOfEffort, effortOf, nearestEffort } from '../../../core/reasoning.ts'
import type { ClaudeProfile } from '../profile.ts'
import { isThinking } from './encode-assistant.ts'
import { type Block, hasResults, type Turn } from './turns.ts'

export interface EncodedThinking {
  /** The body's `thinking`. */
  readonly thinking?: Block
  /** The body's `output_config.effort`. */
  readonly effort?: Effort
}

export interface ThinkingTarget {
  readonly profile: ClaudeProfile
  readonly compat: Compat
  readonly maxTokens: number
  readonly messages: readonly Turn[]
  /** The last turn is the beginning of an answer. */
  readonly isContinued: boolean
  /** The answer has to be a tool call. */
  readonly isForced: boolean
}

const MIN_BUDGET = 1024
const ENOUGH_FOR_AN_ANSWER = 16_384

/** How hard to think, in the way that the model knows. */
export function encodeThinking(
  wish: ReasoningWish | undefined,
  target: ThinkingTarget,
): EncodedThinking {
  if (wish === undefined) return {}
  const { profile } = target
  if (wish.effort === 'none') return withoutThinking(target)
  const isAsked =
    wish.isAdaptive === true || wish.effort !== undefined || wish.budgetTokens !== undefined
  // A wish about how reasoning is shown does not turn it on.
  if (!isAsked && !profile.thinksByDefault) return {}
  if (profile.thinking.length === 0) {
    target.compat.changed('reasoning_effort')
    return {}
  }
  const canAdapt = profile.thinking.includes('adaptive')
  const wantsBudget = wish.budgetTokens !== undefined && wish.isAdaptive !== true
  const canBudget = profile.thinking.includes('manual')
  if (!canAdapt) return manual(wish, target)
  return canBudget && wantsBudget && !forbidsBudget(target)
    ? manual(wish, target)
    : adaptive(wish, target)
}

function withoutThinking({ profile, compat }: ThinkingTarget): EncodedThinking {
  const { thinking } = profile
  if (thinking.length === 0) return {}
  if (thinking.includes('disabled')) return { thinking: { type: 'disabled' } }
  if (thinking.includes('between_tools')) return { thinking: { type: 'between_tools' } }
  compat.changed('reasoning_effort', 'raised')
  return leastEffort(profile)
}

function leastEffort({ efforts }: ClaudeProfile): EncodedThinking {
  const effort = nearestEffort('none', efforts)
  return effort === undefined ? {} : { effort }
}

function adaptive(wish: ReasoningWish, { profile, compat }: ThinkingTarget): EncodedThinking {
  const wished = effortOf(wish)
  const effort = wished === undefined ? undefined : nearestEffort(wished, profile.efforts)
  // `minimal` is what others call the lowest effort.
  if (effort !== wished && wished !== 'minimal') compat.changed('reasoning_effort', 'lowered')
  else if (wish.effort === undefined && wish.budgetTokens !== undefined) {
    compat.changed('reasoning_effort', 'approximated')
  }
  return {
    thinking: { type: 'adaptive', ...displayOf(wish) },
    ...(effort === undefined ? {} : { effort }),
  }
}

/** Thinking with a budget, where nothing in the request forbids it. */
function manual(wish: ReasoningWish, target: ThinkingTarget): EncodedThinking {
  const { compat, maxTokens } = target
  if (forbidsBudget(target)) {
    compat.changed('reasoning_effort')
    return { thinking: { type: 'disabled' } }
  }
  const { effort = 'medium', budgetTokens } = wish
  const wished = budgetTokens ?? budgetOfEffort(effort === 'none' ? 'minimal' : effort)
  // Unless the caller has counted the tokens, the answer has half of them, or enough for most answers.
  const kept = budgetTokens === undefined ? Math.min(maxTokens / 2, ENOUGH_FOR_AN_ANSWER) : 1
  const most = Math.floor(maxTokens - kept)
  const budget = Math.max(MIN_BUDGET, Math.min(wished, most))
  if (budget < wished) compat.changed('reasoning_effort', 'lowered')
  return { thinking: { type: 'enabled', budget_tokens: budget, ...displayOf(wish) } }
}

function forbidsBudget({ maxTokens, messages, isContinued, isForced }: ThinkingTarget): boolean {
  return isContinued || isForced || maxTokens <= MIN_BUDGET || lacksThinking(messages)
}

/**
 * Whether the calls whose results are the last word were made without a thought that can be shown: Claude then refuses to
 * begin thinking amid its turn.
 */
function lacksThinking(messages: readonly Turn[]): boolean {
  let first: Turn | undefined
  for (const turn of messages.toReversed()) {
    if (turn.role === 'assistant') first = turn
    else if (!hasResults(turn)) break
  }
  return first !== undefined && !isThinking(first.content[0])
}

/** Anthropic's own words, and OpenAI's for a summary. */
const DISPLAYS: Readonly<Record<string, string>> = {
  omitted: 'omitted',
  summarized: 'summarized',
  auto: 'summarized',
  concise: 'summarized',
  detailed: 'summarized',
}

function displayOf({ show }: ReasoningWish): Block {
  if (show === undefined || !Object.hasOwn(DISPLAYS, show)) return {}
  return { display: DISPLAYS[show] }
}
