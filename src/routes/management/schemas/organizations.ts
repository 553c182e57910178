import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { nameField, timeAnswer } from '../fields.ts'

const metering = z.enum(['universal', 'all', 'off'])

/** `POST /v1/organizations` */
export const newOrganization = z.strictObject({
  name: nameField,
  metering: withDefault(metering, 'universal'),
})

/** `PATCH /v1/organizations/{org}` */
export const organizationPatch = z.partial(z.strictObject({ name: nameField, metering }))

/** An organization in an answer. */
export const organizationAnswer = z.object({
  id: z.string(),
  name: z.string(),
  metering,
  created_at: timeAnswer,
})

/** What `POST /v1/organizations/{org}/reseal` came to. */
export const resealAnswer = z.object({ resealed: z.int(), already_current: z.int() })

/** What `POST /v1/organizations/{org}/republish` came to. */
export const republishAnswer = z.object({ republished: z.int() })
