import { type Compat, compatOf, type CompatReport } from '../../core/compat.ts'
import type { Trace } from '../record/trace.ts'
import type { OpenedCall } from './opened-call.ts'

/** Adds to a request's warnings, each once however many targets are tried. */
export function warnInto(trace: Trace): (warning: string) => void {
  return (warning) => {
    if (!trace.warnings.includes(warning)) trace.warnings.push(warning)
  }
}

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
