import { expect, vi } from 'vitest'
import type { Keyway } from './keyway.ts'

/** A line of the log that is about a request. */
export type Line = Readonly<Record<string, unknown>>

/** What was logged of all requests so far; Keyway must have been started with LOG_REQUESTS. */
export const requestLines = ({ worker }: Pick<Keyway, 'worker'>): readonly Line[] =>
  worker
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes('"event":"request"'))
    .map((line): Line => JSON.parse(line))

/** What was logged of one, once there is something. */
export async function linesOf(
  keyway: Pick<Keyway, 'worker'>,
  requestId: unknown,
): Promise<readonly Line[]> {
  const found = (): readonly Line[] =>
    requestLines(keyway).filter((line) => line['keyway.request_id'] === requestId)
  await vi.waitFor(() => expect(found()).not.toEqual([]), { timeout: 4000, interval: 10 })
  return found()
}
