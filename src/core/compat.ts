import { GatewayError } from './errors.ts'
import type { Parameter } from './translation.ts'

/** What happens to that which a target cannot take, as the caller wishes it: the header `x-keyway-compat`. */
export type CompatMode = 'strict' | 'default' | 'lenient'

export const COMPAT_MODES: readonly CompatMode[] = ['strict', 'default', 'lenient']

/**
 * Where translators report what they could not carry over. Whatever is lost shows in the warnings or is refused:
 *
 * | | strict | default | lenient |
 * |---|---|---|---|
 * | `changed`: a wish that the answer can do without | refused | warning | warning |
 * | `refused`: without it the request would mean something else | refused | refused | warning |
 *
 * What changes nothing (`n: 1`, a penalty of 0) is not reported at all.
 */
export interface Compat {
  /** A parameter was left out (`dropped`) or altered (`clamped`, `lowered`, …). */
  changed(parameter: Parameter | (string & {}), how?: string): void
  /** A parameter that the target cannot take. Returns only where the caller is lenient: it was then left out. */
  refused(parameter: Parameter | (string & {}), why: string): void
}

export interface CompatReport {
  readonly mode: CompatMode
  /** Whom the request is for, as `provider/model`. */
  readonly target: string
  /** What the caller's format calls parameters. */
  readonly names: Readonly<Partial<Record<string, string>>>
  readonly warn: (warning: string) => void
}

export function compatOf({ mode, target, names, warn }: CompatReport): Compat {
  const nameOf = (parameter: string): string => names[parameter] ?? parameter
  const refuse = (parameter: string, why: string): never => {
    throw new GatewayError('unsupported_parameter', `${target} cannot take ${parameter}: ${why}`, {
      param: parameter,
    })
  }
  return {
    changed(parameter, how = 'dropped') {
      const name = nameOf(parameter)
      if (mode === 'strict') refuse(name, `it would be ${how}, and x-keyway-compat is strict.`)
      warn(`${name}:${how}`)
    },
    refused(parameter, why) {
      const name = nameOf(parameter)
      if (mode !== 'lenient') refuse(name, why)
      warn(`${name}:dropped`)
    },
  }
}
