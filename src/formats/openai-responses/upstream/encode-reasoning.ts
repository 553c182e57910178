import { type ChatRequest, type Effort, EFFORTS } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { effortOf, nearestEffort } from '../../../core/reasoning.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import type { ResponsesProfile } from '../profile.ts'

export interface EncodedReasoning {
  readonly members: JsonObject
  readonly isThinking: boolean
}

/**
 * How hard to think, and what is to be seen of it. The reasoning itself is asked for in OpenAI's encryption, so that the
 * next turn can give it back without anybody having stored it.
 */
export function encodeReasoning(
  { reasoning = {} }: ChatRequest,
  { profile, compat }: EncodeTarget<ResponsesProfile>,
): EncodedReasoning {
  const wished = effortOf(reasoning)
  const effort = wished === undefined ? undefined : nearestEffort(wished, profile.efforts)
  // A model that does not think need not be told not to.
  const isSo = wished === 'none' && effort === undefined && !profile.thinksByDefault
  if (wished !== undefined && effort !== wished && !isSo) {
    compat.changed('reasoning_effort', directionOf(wished, effort))
  }
  const isThinking = effort === undefined ? profile.thinksByDefault : effort !== 'none'
  const summary = isThinking ? summaryOf(reasoning.show) : undefined
  if (summary !== undefined && !profile.hasSummaries) compat.changed('reasoning_summary')
  const shown = profile.hasSummaries && summary !== undefined ? { summary } : {}
  const wish = { ...(effort === undefined ? {} : { effort }), ...shown }
  const isKept = isThinking && profile.hasEncryptedReasoning
  return {
    members: {
      ...(Object.keys(wish).length === 0 ? {} : { reasoning: wish }),
      ...(isKept ? { include: ['reasoning.encrypted_content'] } : {}),
    },
    isThinking,
  }
}

const SUMMARIES = new Set(['auto', 'concise', 'detailed'])

/** What callers of other formats want to see is a summary of some length; most of them want to see nothing. */
function summaryOf(show: string | undefined): string | undefined {
  if (show === undefined || show === 'omitted' || show === 'none') return undefined
  return SUMMARIES.has(show) ? show : 'auto'
}

function directionOf(wished: Effort, effort: Effort | undefined): string {
  if (effort === undefined) return 'dropped'
  return EFFORTS.indexOf(effort) < EFFORTS.indexOf(wished) ? 'lowered' : 'raised'
}
