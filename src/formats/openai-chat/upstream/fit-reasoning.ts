import { type Effort, EFFORTS } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import { isObject } from '../../../core/parse.ts'
import type { Draft, FitTarget } from './draft.ts'

/** How hard to think, in the host's words. */
export function fitReasoning(body: Draft, { profile, compat }: FitTarget): void {
  const { efforts, thinkingSwitch } = profile.reasoning
  const wished = body['reasoning_effort']
  if (wished === undefined || efforts === 'any') return
  const effort = EFFORTS.find((known) => known === wished)
  // A word that is the host's own.
  if (effort === undefined && Object.keys(efforts).length > 0) return
  const word = effort === undefined ? undefined : efforts[effort]
  if (word !== undefined) {
    body['reasoning_effort'] = word
    if (word !== effort) compat.changed('reasoning_effort', direction(effort, word))
    return
  }
  delete body['reasoning_effort']
  if (effort === 'none' && thinkingSwitch) body['thinking'] = { type: 'disabled' }
  else if (effort !== 'none' || Object.keys(efforts).length > 0) compat.changed('reasoning_effort')
}

function direction(wished: Effort | undefined, word: string): string {
  const ladder: readonly (string | undefined)[] = EFFORTS
  return ladder.indexOf(word) < ladder.indexOf(wished) ? 'lowered' : 'raised'
}

/** Turns thinking off, for the sake of something that it excludes. */
export function endThinking(body: Draft, compat: Compat): void {
  if (isReasoningOff(body)) return
  const thinking = isObject(body['thinking']) ? body['thinking'] : undefined
  // Who never spoke of thinking loses nothing that was asked for.
  if (body['reasoning_effort'] !== undefined || thinking !== undefined) {
    compat.changed('reasoning_effort', 'disabled')
  }
  delete body['reasoning_effort']
  body['thinking'] = { type: 'disabled' }
}

/** Whether the request itself turns reasoning off. */
export function isReasoningOff(body: Draft): boolean {
  const thinking = body['thinking']
  return (
    body['reasoning_effort'] === 'none' || (isObject(thinking) && thinking['type'] === 'disabled')
  )
}
