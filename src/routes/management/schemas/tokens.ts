import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { futureField, nameField, timeAnswer } from '../fields.ts'

const role = z.enum(['owner', 'admin', 'viewer'])

/** `POST …/tokens` */
export function newToken(now: () => Date) {
  return z.strictObject({
    name: nameField,
    role,
    expires_at: withDefault(z.nullable(futureField(now)), null),
  })
}

/** A management token in an answer. */
export const tokenAnswer = z.object({
  id: z.string(),
  name: z.string(),
  role,
  hint: z.string(),
  created_at: timeAnswer,
  created_by: z.string(),
  expires_at: z.nullable(timeAnswer),
})

/** A management token in the answer of create, with the token itself. */
export const issuedTokenAnswer = z.extend(tokenAnswer, { token: z.string() })
