import { type Compat, compatOf, type CompatReport } from '../../core/compat.ts'
import type { Trace } from '../record/trace.ts'
import { warnInto } from '../record/warn-into.ts'
import type { OpenedCall } from './opened-call.ts'

/** What becomes of what the target cannot take, as this caller wishes it. */
export function compatFor(
  { named: { provider, model }, options }: Pick<OpenedCall, 'named' | 'options'>,
  names: CompatReport['names'],
  trace: Trace,
): Compat {
  return compatOf({
    mode: options.compat,
    target: `${provider.name}/${model.slice(0, 100)}`,
    names,
    warn: warnInto(trace),
  })
}
