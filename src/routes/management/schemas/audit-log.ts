import * as z from 'zod/mini'
import { timeAnswer, timeField } from '../fields.ts'

const word = z.string().check(z.minLength(1), z.maxLength(200))

/** `GET …/audit-log`, beside `limit` and `cursor`. */
export const auditQuery = z.partial(
  z.strictObject({
    actor: word,
    action: word,
    resource: word,
    since: timeField,
    until: timeField,
  }),
)

const side = z.nullable(z.record(z.string(), z.unknown()))

/** An entry of the audit log. */
export const auditEntryAnswer = z.object({
  id: z.string(),
  at: timeAnswer,
  actor: z.string(),
  action: z.string(),
  resource: z.string(),
  resource_id: z.string(),
  ip: z.nullable(z.string()),
  user_agent: z.nullable(z.string()),
  before: side,
  after: side,
})
