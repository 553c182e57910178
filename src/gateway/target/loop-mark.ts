import { GatewayError } from '../../core/errors.ts'
import type { Upstream } from '../../providers/provider.ts'

/** Where a request was before: https://www.rfc-editor.org/rfc/rfc8586 */
export const LOOP_HEADER = 'cdn-loop'
const MARK = 'keyway'
/** One organization's model can be another deployment. A deployment has many names, so that its own is no sign. */
const MOST_PASSES = 2

/**
 * What an endpoint is told of the way that a request has come, of which `told` is what the caller said. Throws
 * `misconfigured` where the way leads through Keyway again and again.
 */
export function loopMark(told: string | null, { name }: Pick<Upstream, 'name'>): string {
  const passes = (told ?? '').split(',').filter((one) => one.split(';')[0]?.trim() === MARK)
  if (passes.length < MOST_PASSES) return `${MARK}, `.repeat(passes.length) + MARK
  throw new GatewayError(
    'misconfigured',
    `${name} is not called: the request came through Keyway ${MOST_PASSES} times already. An endpoint or a route leads back to Keyway.`,
  )
}
