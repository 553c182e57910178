import type { AssistantMessage, ChatRequest, ReasoningWish } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { budgetOfEffort } from '../../core/reasoning.ts'
import { beginsWithReasoning, saysSomething } from './assistant.ts'
import { asksToThink, type EncodedThinking, fitEffort, NOTHING, type Style } from './effort.ts'
import { forcesCall } from './forced-call.ts'
import type { ConverseProfile } from './profile.ts'

const MIN_BUDGET = 1024
/** Where nobody knows how long an answer may be. */
const USUAL_MAX_TOKENS = 32_000

interface ThinkingTarget {
  readonly profile: ConverseProfile
  readonly compat: Compat
}

/** Claude's `thinking` and `output_config`. https://platform.claude.com/docs/en/build-with-claude/thinking */
export function thinkAsClaude(
  request: ChatRequest,
  wish: ReasoningWish,
  style: Style<'claude'>,
  { profile, compat }: ThinkingTarget,
): EncodedThinking {
  const { thinking, efforts, thinksByDefault } = style
  if (wish.effort === 'none') {
    const off = (['disabled', 'between_tools'] as const).find((way) => thinking.includes(way))
    if (off !== undefined) {
      return thinksByDefault ? { ...NOTHING, fields: { thinking: { type: off } } } : NOTHING
    }
    const effort = thinking.length === 0 ? undefined : fitEffort(wish, efforts, compat)
    return effort === undefined ? NOTHING : { ...NOTHING, fields: { output_config: { effort } } }
  }
  if (asksForBudget(request, profile) && canThink(request, profile)) {
    return thinkByBudget(request, wish, profile, compat)
  }
  if (!thinking.includes('adaptive')) {
    compat.changed('reasoning_effort')
    return NOTHING
  }
  const effort = fitEffort(wish, efforts, compat)
  return {
    ...NOTHING,
    fields: {
      thinking: { type: 'adaptive', ...displayOf(wish) },
      ...(effort === undefined ? {} : { output_config: { effort } }),
    },
    refusesSampling: true,
  }
}

function thinkByBudget(
  request: ChatRequest,
  wish: ReasoningWish,
  profile: ConverseProfile,
  compat: Compat,
): EncodedThinking {
  const { effort = 'medium', budgetTokens } = wish
  const maxTokens = maxTokensOf(request, profile)
  const wished = budgetTokens ?? budgetOfEffort(effort === 'none' ? 'minimal' : effort)
  // Half of the answer is for the answer, unless the caller has counted the tokens.
  const most = budgetTokens === undefined ? Math.floor(maxTokens / 2) : maxTokens - 1
  const budget = Math.max(MIN_BUDGET, Math.min(wished, most))
  if (budget < wished) compat.changed('reasoning_effort', 'lowered')
  return {
    ...NOTHING,
    fields: { thinking: { type: 'enabled', budget_tokens: budget, ...displayOf(wish) } },
    refusesSampling: true,
    maxTokens,
  }
}

function maxTokensOf({ maxOutputTokens }: ChatRequest, profile: ConverseProfile): number {
  const most = profile.maxOutputTokens ?? USUAL_MAX_TOKENS
  return Math.min(maxOutputTokens ?? most, most)
}

/**
 * Whether Claude is to think by a budget of tokens, as far as the request's wishes say: where that is its way, there is
 * room for it, and no call is forced, which it excludes.
 */
export function asksForBudget(request: ChatRequest, profile: ConverseProfile): boolean {
  const { reasoning: wish } = request
  const { reasoning: style } = profile
  if (wish === undefined || !asksToThink(wish) || wish.effort === 'none') return false
  if (style.kind !== 'claude' || !style.thinking.includes('manual')) return false
  const wantsBudget = wish.budgetTokens !== undefined && wish.isAdaptive !== true
  if (!wantsBudget && style.thinking.includes('adaptive')) return false
  return maxTokensOf(request, profile) > MIN_BUDGET && !forcesCall(request)
}

/**
 * Whether the conversation allows it: not where an answer is to be continued, or where the model is amid one of its own
 * that it began without a thought that can be given back.
 */
function canThink({ messages }: ChatRequest, { proofs }: ConverseProfile): boolean {
  let first: AssistantMessage | undefined
  let side: 'assistant' | 'user' | 'results' = 'assistant'
  for (const message of messages.toReversed()) {
    if (message.role === 'assistant') {
      if (!saysSomething(message)) continue
      // Behind the last word of the user begins another answer.
      if (side === 'user') break
      // An answer that is to be continued cannot be thought about any more.
      if (first === undefined && side === 'assistant') return false
      first = message
      side = 'assistant'
    } else if (message.role === 'tool') side = 'results'
    else if (side === 'assistant') side = 'user'
  }
  return first === undefined || beginsWithReasoning(first, proofs)
}

/** Anthropic's own words, and OpenAI's for a summary. */
const DISPLAYS: ReadonlyMap<string, string> = new Map([
  ['omitted', 'omitted'],
  ['summarized', 'summarized'],
  ['auto', 'summarized'],
  ['concise', 'summarized'],
  ['detailed', 'summarized'],
])

function displayOf({ show = '' }: ReasoningWish): JsonObject {
  const display = DISPLAYS.get(show)
  return display === undefined ? {} : { display }
}
