import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { PRIVATE_ENDPOINTS } from '../../../providers/registry.ts'
import { entriesField, futureField, nameField, providerField, timeAnswer } from '../fields.ts'

/** Longest overlap of a rotation: thirty days. */
const MAX_OVERLAP_SECONDS = 2_592_000

const MAX_REQUESTS = 1_000_000
const MAX_TOKENS = 1_000_000_000
const MAX_CONCURRENT = 10_000

const limit = (most: number) => z.exactOptional(z.int().check(z.gte(1), z.lte(most)))

/** What is not named is not limited. A key without limits has null, and nothing else for it. */
const limits = z
  .strictObject({
    requests_per_minute: limit(MAX_REQUESTS),
    tokens_per_minute: limit(MAX_TOKENS),
    concurrent_requests: limit(MAX_CONCURRENT),
  })
  .check(
    z.refine((value) => Object.keys(value).length > 0, {
      error: 'must name a limit, or be null.',
    }),
  )

/** What the fields of an API key depend on. */
interface World {
  readonly providers: readonly string[]
  readonly now: () => Date
}

const fieldsOf = ({ providers, now }: World) => ({
  name: nameField,
  expires_at: z.nullable(futureField(now)),
  providers: z.array(providerField([...providers, PRIVATE_ENDPOINTS])).check(z.maxLength(100)),
  models: entriesField,
  limits: z.nullable(limits),
  disabled: z.boolean(),
})

/** `POST …/api-keys` */
export function newApiKey(world: World) {
  const fields = fieldsOf(world)
  const { name, expires_at, providers, models, disabled } = fields
  return z.strictObject({
    name,
    expires_at: withDefault(expires_at, null),
    providers: withDefault(providers, []),
    models: withDefault(models, []),
    limits: withDefault(fields.limits, null),
    disabled: withDefault(disabled, false),
  })
}

/** `PATCH …/api-keys/{id}`; limits are replaced whole, and null takes them away. */
export function apiKeyPatch(world: World) {
  return z.partial(z.strictObject(fieldsOf(world)))
}

/** `POST …/api-keys/{id}/rotate` */
export const rotation = z.strictObject({
  overlap_seconds: withDefault(z.int().check(z.gte(0), z.lte(MAX_OVERLAP_SECONDS)), 0),
})

/** An API key in an answer. */
export const apiKeyAnswer = z.object({
  id: z.string(),
  name: z.string(),
  hint: z.string(),
  expires_at: z.nullable(timeAnswer),
  providers: z.array(z.string()),
  models: z.array(z.string()),
  limits: z.nullable(limits),
  disabled: z.boolean(),
  created_at: timeAnswer,
  created_by: z.string(),
  last_used_at: z.nullable(timeAnswer),
})

/** An API key in the answers of create and rotate, with the key itself. */
export const issuedApiKeyAnswer = z.extend(apiKeyAnswer, { key: z.string() })
