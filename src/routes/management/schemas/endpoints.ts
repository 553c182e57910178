import * as z from 'zod/mini'
import { _default as withDefault } from 'zod/mini'
import { TUNNEL_PRESET_NAMES } from '../../../providers/tunnels/presets.ts'
import { entriesField, healthAnswer, timeAnswer } from '../fields.ts'
import { timeouts } from './timeouts.ts'

const MAX_SECRET_CHARACTERS = 4096
const MAX_HEADERS = 20

/** Headers that belong to the connection, to the platform or to Keyway. */
const FORBIDDEN_HEADER =
  /^(?:host|connection|content-length|content-type|content-encoding|transfer-encoding|te|trailer|upgrade|keep-alive|expect|proxy-.*|sec-.*|x-keyway-.*|cf-(?!access-client-).*|__proto__)$/

/** What an endpoint can be called. */
export const ENDPOINT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

const slug = z.string().check(
  z.regex(ENDPOINT_NAME, {
    error: 'must be 1 to 63 lower-case letters, digits and hyphens, such as my-models.',
  }),
)

/** Looked at once `auth` is known: a key, or an app of Entra's. */
const secret = z.union([
  z.string(),
  z.looseObject({
    tenant_id: z.optional(z.unknown()),
    client_id: z.optional(z.unknown()),
    client_secret: z.optional(z.unknown()),
    scope: z.optional(z.unknown()),
  }),
])

const headerValue = z.string().check(
  z.refine((text) => /^[\x20-\x7e]+$/.test(text) && text.length <= MAX_SECRET_CHARACTERS, {
    error: `must be 1 to ${MAX_SECRET_CHARACTERS} printable ASCII characters.`,
  }),
)

const lowerCased = (value: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(value).map(([name, text]) => [name.toLowerCase(), text]))

/** Names are kept in lower case, however they are pasted. */
const headers = z.record(z.string(), headerValue).check(
  z.refine((value) => Object.keys(lowerCased(value)).length === Object.keys(value).length, {
    error: 'must have each header once.',
  }),
  z.overwrite(lowerCased),
  z.refine((value) => Object.keys(value).length <= MAX_HEADERS, {
    error: `must be at most ${MAX_HEADERS} headers.`,
  }),
  z.refine(
    (value) =>
      Object.keys(value).every(
        (name) => /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) && !FORBIDDEN_HEADER.test(name),
      ),
    { error: 'must have header names, and none that is the connection’s own.' },
  ),
)

const kind = z.enum(['openai-compatible', 'edge-rag'])
const reach = z.enum(['url', 'connector'])
const auth = z.enum(['bearer', 'api-key', 'x-api-key', 'none', 'caller', 'entra'])

/** What the server behind an endpoint can do; what is not said is assumed to be as little as any can. */
const capabilities = z.partial(
  z.strictObject({
    max_tokens_field: z.enum(['max_tokens', 'max_completion_tokens']),
    supports_developer_role: z.boolean(),
    supports_stream_options: z.boolean(),
    supports_tools: z.boolean(),
    supports_parallel_tools: z.boolean(),
    supports_json_schema: z.boolean(),
    reasoning_field: z.enum(['reasoning', 'reasoning_content']),
    replay_reasoning: z.boolean(),
    merge_consecutive_roles: z.boolean(),
    fold_mid_system: z.boolean(),
    supports_responses: z.boolean(),
    supports_messages: z.boolean(),
    supports_embeddings: z.boolean(),
  }),
)

const model = z.string().check(z.minLength(1), z.maxLength(200))

const fields = {
  name: slug,
  kind,
  base_url: z.nullable(z.string()),
  reach,
  auth,
  api_key: z.nullable(secret),
  headers: z.nullable(headers),
  models: entriesField,
  default_model: z.nullable(model),
  capabilities,
  timeouts,
}

/** Is not kept: it looks whether `headers` are what this way there needs, and adds what is the same for everyone. */
const preset = z.optional(z.enum(TUNNEL_PRESET_NAMES))

/** `POST …/endpoints` */
export const newEndpoint = z.strictObject({
  ...fields,
  preset,
  kind: withDefault(kind, 'openai-compatible'),
  base_url: withDefault(fields.base_url, null),
  auth: withDefault(auth, 'bearer'),
  api_key: withDefault(fields.api_key, null),
  headers: withDefault(fields.headers, null),
  models: withDefault(fields.models, []),
  default_model: withDefault(fields.default_model, null),
  capabilities: withDefault(capabilities, {}),
  timeouts: withDefault(timeouts, {}),
})

/** `PATCH …/endpoints/{id}`; null takes a key or the headers away, and what is an object is replaced whole. */
export const endpointPatch = z.partial(z.strictObject({ ...fields, preset }))

/** `POST …/endpoints/{id}/connector-token` */
export const connectorTokenRequest = z.strictObject({
  revoke_others: withDefault(z.boolean(), false),
})

/** How an endpoint is doing; null where that is not known. */
const status = z.object({
  online_connectors: z.nullable(z.int()),
  connectors: z.array(
    z.object({
      id: z.string(),
      agent: z.string(),
      target: z.nullable(z.string()),
      models: z.array(z.string()),
      connected_at: timeAnswer,
      in_flight: z.int(),
      max_concurrent: z.int(),
      is_leaving: z.boolean(),
    }),
  ),
  last_error: z.nullable(
    z.object({ at: timeAnswer, status: z.nullable(z.int()), message: z.string() }),
  ),
  last_success_at: z.nullable(timeAnswer),
  health: healthAnswer,
})

/** An endpoint in an answer. */
export const endpointAnswer = z.object({
  id: z.string(),
  name: z.string(),
  kind,
  base_url: z.nullable(z.string()),
  reach,
  auth,
  hint: z.nullable(z.string()),
  header_names: z.array(z.string()),
  models: z.array(z.string()),
  default_model: z.nullable(z.string()),
  capabilities,
  timeouts,
  connector_tokens: z.array(
    z.object({ hint: z.string(), created_at: timeAnswer, created_by: z.string() }),
  ),
  created_at: timeAnswer,
  created_by: z.string(),
  updated_at: timeAnswer,
  status,
})

/**
 * A connector token in the answer that issues it, and whether no connection is left of those that work no more: where one may be,
 * it is tried further behind the answer.
 */
export const connectorTokenAnswer = z.object({
  endpoint_id: z.string(),
  token: z.string(),
  hint: z.string(),
  created_at: timeAnswer,
  created_by: z.string(),
  revoked_disconnected: z.boolean(),
})

/** What `POST …/endpoints/{id}/test` answers. */
export const endpointTestAnswer = z.object({
  ok: z.boolean(),
  status: z.nullable(z.int()),
  latency_ms: z.int(),
  message: z.string(),
})
