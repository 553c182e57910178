import type { Trace } from './trace.ts'

/** Adds to a request's warnings, each once however many targets are tried. */
export function warnInto(trace: Trace): (warning: string) => void {
  return (warning) => {
    if (!trace.warnings.includes(warning)) trace.warnings.push(warning)
  }
}
