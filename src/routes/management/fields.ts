import * as z from 'zod/mini'

/** The fields that more than one resource has. */

const MAX_NAME_CHARACTERS = 100
const MAX_ENTRIES = 100
const MAX_ENTRY_CHARACTERS = 200
const MAX_PRIORITY = 1000

/** What a provider key gets that does not say: others can go before it or after it. */
export const DEFAULT_PRIORITY = 100

const readable = z.refine<string>((text) => !/[\p{Cc}\p{Cs}]/u.test(text), {
  error: 'must have no control characters or broken Unicode in it.',
})

/** A text for people, without the white space around it. Characters are counted as people count them. */
export const nameField = z.string().check(
  z.trim(),
  z.refine((name) => name !== '' && Array.from(name).length <= MAX_NAME_CHARACTERS, {
    error: `must be 1 to ${MAX_NAME_CHARACTERS} characters long.`,
  }),
  readable,
)

/** A list of ids or of patterns such as `gpt-*`. */
export const entriesField = z
  .array(
    z.string().check(
      z.maxLength(MAX_ENTRY_CHARACTERS),
      z.refine((entry) => entry.trim() !== '', { error: 'must not be empty.' }),
      readable,
    ),
  )
  .check(z.maxLength(MAX_ENTRIES))

/** The name of a provider. */
export function providerField(names: readonly string[]) {
  return z
    .string()
    .check(
      z.refine((name) => names.includes(name), { error: `must be one of ${names.join(', ')}.` }),
    )
}

/** A moment in UTC. */
export const timeField = z.iso.datetime({
  error: 'must be a time in ISO 8601 UTC, such as 2030-01-31T12:00:00Z.',
})

/** A moment in an answer. */
export const timeAnswer = z.iso.datetime()

/** How a credential fares, as the data plane last told it; null where nothing is against it. */
export const healthAnswer = z.nullable(
  z.object({
    state: z.enum(['cooling_down', 'open', 'half_open']),
    reason: z.string(),
    model: z.nullable(z.string()),
    since: timeAnswer,
    until: timeAnswer,
  }),
)

/** A moment that is still to come. */
export function futureField(now: () => Date) {
  return timeField.check(
    z.refine((time) => Date.parse(time) > now().getTime(), { error: 'must be in the future.' }),
  )
}

/** Low goes first. */
export const priorityField = z.int().check(z.gte(0), z.lte(MAX_PRIORITY))
