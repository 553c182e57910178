import type { Keyway } from '../../support/keyway.ts'
import type { Asked, Caller, Place } from './caller.ts'
import type { Upstream } from './upstreams.ts'

/** One SDK at one upstream: what every case needs. */
export interface Stage {
  readonly caller: Caller
  readonly upstream: Upstream
  /** Known only while tests run. */
  readonly keyway: Keyway
  readonly at: (isStreamed: boolean, model?: string) => Place
  readonly greeting: (isStreamed: boolean) => Asked
}

/** Every answer comes in both. */
export const WAYS = [
  ['whole', false],
  ['streamed', true],
] as const
