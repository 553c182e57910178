import { waitMsIn } from '../core/wait-time.ts'
import type { UpstreamErrorBody } from '../core/wire-format.ts'
import type { ResetHeaders } from '../providers/reset-headers.ts'

type ReadHeaders = Pick<Headers, 'get'>

/** How long an upstream asks to be left alone, in whole seconds; undefined where it does not say. */
export function retryAfterOf(headers: ReadHeaders | undefined): number | undefined {
  const milliseconds = Number(headers?.get('retry-after-ms') ?? Number.NaN)
  if (milliseconds > 0) return Math.ceil(milliseconds / 1000)
  const seconds = Number(headers?.get('retry-after') ?? Number.NaN)
  return seconds > 0 ? Math.ceil(seconds) : undefined
}

export interface SaidOfWaiting {
  readonly headers: ReadHeaders
  /** What its body says, where that was read. */
  readonly body?: UpstreamErrorBody | undefined
  /** The provider's own headers. */
  readonly limits?: readonly ResetHeaders[] | undefined
}

/**
 * The same in milliseconds, by all that an answer says: what it asks for in so many words counts first, and then when the
 * last of the limits that are used up is filled again.
 */
export function retryAfterMsOf(
  { headers, body, limits = [] }: SaidOfWaiting,
  nowMs: number,
): number | undefined {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN)
  if (exact > 0) return exact
  const resets = limits
    .filter(({ remaining }) => isUsedUp(headers.get(remaining)))
    .map(({ reset }) => waitIn(headers.get(reset), nowMs) ?? 0)
  const lastReset = Math.max(0, ...resets)
  return (
    waitIn(headers.get('retry-after'), nowMs) ??
    body?.retryAfterMs ??
    (lastReset > 0 ? lastReset : undefined)
  )
}

function isUsedUp(remaining: string | null): boolean {
  return remaining !== null && remaining.trim() !== '' && Number(remaining) === 0
}

function waitIn(text: string | null, nowMs: number): number | undefined {
  return text === null ? undefined : waitMsIn(text, nowMs)
}
