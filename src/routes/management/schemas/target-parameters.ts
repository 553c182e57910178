import * as z from 'zod/mini'

const MAX_FIELDS = 16

/** They say where a call goes and what comes back, and are not for a target to change. */
const NOT_PARAMETERS = new Set(['model', 'stream'])

const isParameter = (name: string): boolean =>
  /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name) &&
  !NOT_PARAMETERS.has(name) &&
  !Object.hasOwn(Object.prototype, name)

const NAMES = 'must name fields of a request, and neither model nor stream.'

const isSmall = (value: object): boolean => Object.keys(value).length <= MAX_FIELDS
const SMALL = `must be at most ${MAX_FIELDS} fields.`

const max = z.record(z.string(), z.number()).check(
  z.refine(isSmall, { error: SMALL }),
  z.refine((value) => Object.keys(value).every(isParameter), { error: NAMES }),
)

const rename = z.record(z.string(), z.string()).check(
  z.refine(isSmall, { error: SMALL }),
  z.refine((value) => Object.entries(value).flat().every(isParameter), { error: NAMES }),
  z.refine((value) => Object.values(value).every((name) => !Object.hasOwn(value, name)), {
    error: 'must not give a field the name of one that is renamed itself.',
  }),
)

/** What a route's target does to fields of a request, beside replacing them. */
export const targetParameters = z.partial(z.strictObject({ max, rename }))
