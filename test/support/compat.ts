import { type Compat, type CompatMode, compatOf } from '../../src/core/compat.ts'

/** What a caller's wish makes of that which a target cannot take, with the warnings added to a list. */
export const compatNoting = (warnings: string[] = [], mode: CompatMode = 'default'): Compat =>
  compatOf({ mode, target: 'there/model', names: {}, warn: (warning) => warnings.push(warning) })
