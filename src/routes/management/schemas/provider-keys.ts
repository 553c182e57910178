import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { providers as known } from '../../../providers/registry.ts'
import {
  DEFAULT_PRIORITY,
  entriesField,
  healthAnswer,
  nameField,
  priorityField,
  providerField,
  timeAnswer,
} from '../fields.ts'

// Each provider has a form of its own for these two: the catalog checks them.
const provider_key = z.unknown().check(
  z.refine((value) => value !== undefined),
  z.describe("The credential in the provider's form: text or an object."),
)
const settings = z.optional(z.unknown().check(z.describe(`An object with ${settingsInWords()}.`)))

function settingsInWords(): string {
  const has = known.map(({ name, settings: its }) => [name, Object.keys(its)] as const)
  return has
    .filter(([, names]) => names.length > 0)
    .map(([name, names]) => `${names.join(', ')} for ${name}`)
    .join('; ')
}

const fields = {
  name: nameField,
  api_key_ids: entriesField,
  priority: priorityField,
  models: entriesField,
  disabled: z.boolean(),
}

/** `POST …/provider-keys` */
export function newProviderKey(providers: readonly string[]) {
  return z.strictObject({
    provider: providerField(providers),
    provider_key,
    settings,
    ...fields,
    priority: withDefault(fields.priority, DEFAULT_PRIORITY),
    models: withDefault(fields.models, []),
    disabled: withDefault(fields.disabled, false),
  })
}

/** `PATCH …/provider-keys/{id}`; `provider_key` takes the place of the old one, and `settings` of the old ones. */
export const providerKeyPatch = z.partial(
  z.strictObject({ provider_key: z.unknown(), settings, ...fields }),
)

/** A provider key in an answer. */
export const providerKeyAnswer = z.object({
  id: z.string(),
  provider: z.string(),
  name: z.string(),
  created_at: timeAnswer,
  created_by: z.string(),
  api_key_ids: z.array(z.string()),
  priority: z.int(),
  models: z.array(z.string()),
  disabled: z.boolean(),
  hint: z.nullable(z.string()),
  source: z.nullable(z.object({ source: z.string(), name: z.optional(z.string()) })),
  settings: z.record(z.string(), z.unknown()),
  updated_at: timeAnswer,
  last_used_at: z.nullable(timeAnswer),
  last_error: z.nullable(
    z.object({ at: timeAnswer, status: z.nullable(z.int()), message: z.string() }),
  ),
  health: healthAnswer,
})

/** What `POST …/provider-keys/{id}/test` answers. */
export const providerKeyTestAnswer = z.object({
  ok: z.boolean(),
  status: z.nullable(z.int()),
  latency_ms: z.int(),
  message: z.string(),
})
