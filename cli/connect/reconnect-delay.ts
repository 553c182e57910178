/** A connection that held so long was a good one: what comes after it begins anew. */
export const STABLE_MS = 5_000

const FIRST_MS = 250
const MAX_MS = 30_000

/**
 * How long to wait before the next attempt, after so many failed ones: anything up to a limit that doubles from 0.25 s to
 * 30 s, so that many connectors that lost the same server do not come back at the same moment.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function reconnectDelayMs(failures: number, random: () => number): number {
  return Math.round(random() * Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures, 16)))
}
