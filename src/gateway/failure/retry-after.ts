import { waitMsIn } from '../../core/wait-time.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'
import type { ResetHeaders } from '../../providers/reset-headers.ts'

type ReadHeaders = Pick<Headers, 'get'>

/** How long whoever answers asks to be left alone, in whole seconds; undefined where no header says it in a number. */
export function retryAfterOf(headers: ReadHeaders): number | undefined {
  const exactMs = positiveIn(headers, 'retry-after-ms')
  const seconds = exactMs === undefined ? positiveIn(headers, 'retry-after') : exactMs / 1000
  return seconds === undefined ? undefined : Math.ceil(seconds)
}

export interface SaidOfWaiting {
  readonly headers: ReadHeaders
  /** What its body says, where that was read. */
  readonly body?: UpstreamErrorBody | undefined
  /** The provider's own headers. */
  readonly resetHeaders?: readonly ResetHeaders[] | undefined
}

/**
 * How long an upstream asks to be left alone, in milliseconds. What it asks for outright counts first; else when the last of
 * its used-up limits is filled again.
 */
export function retryAfterMsOf(
  { headers, body, resetHeaders = [] }: SaidOfWaiting,
  nowMs: number,
): number | undefined {
  const exactMs = positiveIn(headers, 'retry-after-ms')
  if (exactMs !== undefined) return exactMs
  const resets = resetHeaders
    .filter(({ remaining }) => isUsedUp(headers.get(remaining)))
    .map(({ reset }) => waitIn(headers.get(reset), nowMs) ?? 0)
  const lastReset = Math.max(0, ...resets)
  return (
    waitIn(headers.get('retry-after'), nowMs) ??
    body?.retryAfterMs ??
    (lastReset > 0 ? lastReset : undefined)
  )
}

function positiveIn(headers: ReadHeaders, name: string): number | undefined {
  const value = Number(headers.get(name) ?? Number.NaN)
  return value > 0 && value < Infinity ? value : undefined
}

function isUsedUp(remaining: string | null): boolean {
  return remaining !== null && remaining.trim() !== '' && Number(remaining) === 0
}

function waitIn(text: string | null, nowMs: number): number | undefined {
  return text === null ? undefined : waitMsIn(text, nowMs)
}
