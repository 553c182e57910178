import type { ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { reportRest } from '../../core/rest.ts'

/** Members of Converse's own that callers of any format may send beside the others. */
const OWN_MEMBERS: ReadonlySet<string> = new Set(['guardrailConfig', 'performanceConfig'])

const TIERS: ReadonlyMap<string, string | undefined> = new Map([
  ['auto', undefined],
  ['default', undefined],
  ['standard_only', undefined],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['reserved', 'reserved'],
])

/** What Converse takes of a request's metadata, for the account's own logs of its calls. */
const METADATA = /^[a-zA-Z0-9\s:_@$#=/+,.-]{0,256}$/
const MAX_METADATA = 16

/** What is asked about the request rather than of the model. */
export function encodeRest(request: ChatRequest, compat: Compat): JsonObject {
  const { rest, serviceTier } = request
  const tier = serviceTier === undefined ? undefined : tierOf(serviceTier, compat)
  const metadata = metadataOf(request, compat)
  reportRest(rest, compat, OWN_MEMBERS)
  return {
    ...(tier === undefined ? {} : { serviceTier: { type: tier } }),
    ...(Object.keys(metadata).length === 0 ? {} : { requestMetadata: metadata }),
    ...ownMembers(rest),
  }
}

function tierOf(serviceTier: string, compat: Compat): string | undefined {
  if (!TIERS.has(serviceTier)) compat.changed('service_tier')
  return TIERS.get(serviceTier)
}

function metadataOf(
  { metadata = {} }: ChatRequest,
  compat: Compat,
): Readonly<Record<string, string>> {
  const entries = Object.entries(metadata)
  const fit = entries
    .filter(([name, value]) => name !== '' && METADATA.test(name) && METADATA.test(value))
    .slice(0, MAX_METADATA)
  if (fit.length < entries.length) compat.changed('metadata')
  return Object.fromEntries(fit)
}

function ownMembers(rest: JsonObject): JsonObject {
  const own = Object.entries(rest).filter(
    ([name, value]) => OWN_MEMBERS.has(name) && value !== null,
  )
  for (const [name, value] of own) {
    if (!isObject(value)) throw invalidRequest(`${name} must be an object.`, name)
  }
  return Object.fromEntries(own)
}

/** Reports what Converse has nothing for. */
export function reportLosses(request: ChatRequest, compat: Compat): void {
  const { choices = 1, presencePenalty = 0, frequencyPenalty = 0, verbosity = 'medium' } = request
  if (choices > 1) compat.refused('n', 'it gives one answer at a time.')
  if (presencePenalty !== 0) compat.changed('presence_penalty')
  if (frequencyPenalty !== 0) compat.changed('frequency_penalty')
  if (verbosity !== 'medium') compat.changed('verbosity')
  if (request.seed !== undefined) compat.changed('seed')
  if (request.topLogprobs !== undefined) compat.changed('logprobs')
  if (request.endUser !== undefined) compat.changed('user')
  if (request.promptCacheKey !== undefined) compat.changed('prompt_cache_key')
}
