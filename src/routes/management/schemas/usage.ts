import * as z from 'zod/mini'
import { timeAnswer, timeField } from '../fields.ts'

/** `GET …/usage`. */
export const usageQuery = z.partial(
  z.strictObject({
    from: timeField,
    to: timeField,
    group_by: z.string(),
    format: z.enum(['json', 'csv']),
  }),
)

const count = z.int()
/** Null where nothing is known: it is not the same as none. */
const known = z.nullable(z.int())

const counts = {
  requests: count,
  requests_without_usage: count,
  attempts: count,
  input_tokens: known,
  cached_input_tokens: known,
  cache_write_tokens: known,
  output_tokens: known,
  reasoning_tokens: known,
  average_latency_ms: known,
  average_first_byte_ms: known,
}

const key = z.optional(z.nullable(z.string()))
const moment = z.optional(timeAnswer)

/** Requests counted in groups; a group has the members that it is grouped by. */
export const usageAnswer = z.object({
  from: timeAnswer,
  to: timeAnswer,
  granularity: z.enum(['minute', 'hour', 'day']),
  group_by: z.array(z.string()),
  data: z.array(
    z.object({
      provider: key,
      model: key,
      api_key: key,
      provider_key: key,
      outcome: key,
      minute: moment,
      hour: moment,
      day: moment,
      ...counts,
    }),
  ),
  totals: z.object(counts),
})
