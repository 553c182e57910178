import * as z from 'zod/mini'

const MAX_TIMEOUT_MS = 3_600_000

const milliseconds = z.int().check(z.gte(1), z.lte(MAX_TIMEOUT_MS))

/** How long an answer is waited for; what is not said is as usual. */
export const timeouts = z.partial(
  z.strictObject({ first_byte_ms: milliseconds, idle_ms: milliseconds, total_ms: milliseconds }),
)
