import { isObject } from '../../../core/parse.ts'
import { reportRest } from '../../../core/rest.ts'
import { stableHash } from '../../../core/stable-hash.ts'
import type { Draft, FitTarget } from './draft.ts'

/** Members that bear no content: limits, hints, and what the host keeps about a request. */
export function fitMembers(body: Draft, target: FitTarget): void {
  fitMaxTokens(body, target)
  fitEndUser(body, target)
  fitServiceTier(body, target)
  fitStreamOptions(body, target)
  const { profile, compat } = target
  const { metadata, verbosity, promptCacheKey, refused } = profile.members
  const isKept = metadata === 'always' || (metadata === 'with-store' && body['store'] === true)
  if (body['metadata'] !== undefined && !isKept) {
    if (isObject(body['metadata']) && Object.keys(body['metadata']).length > 0) {
      compat.changed('metadata')
    }
    delete body['metadata']
  }
  if (!verbosity) dropHint(body, 'verbosity', target)
  if (!promptCacheKey) dropHint(body, 'prompt_cache_key', target)
  const strange = Object.fromEntries(
    refused.flatMap((name) => (name in body ? [[name, body[name]]] : [])),
  )
  reportRest(strange, compat)
  for (const name of refused) delete body[name]
}

function dropHint(body: Draft, name: string, { compat }: FitTarget): void {
  if (body[name] === undefined) return
  if (body[name] !== null) compat.changed(name)
  delete body[name]
}

/** The one member has two names, and hosts that know the newer one refuse the other, or the other way round. */
function fitMaxTokens(body: Draft, { profile }: FitTarget): void {
  const { maxTokensField } = profile
  const other = maxTokensField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens'
  if (body[other] === undefined) return
  // The newer name says more exactly what is meant.
  if (body[maxTokensField] === undefined || other === 'max_completion_tokens') {
    body[maxTokensField] = body[other]
  }
  delete body[other]
}

function fitEndUser(body: Draft, { profile, compat }: FitTarget): void {
  const { endUser } = profile.members
  const { user } = body
  if (user === undefined || user === null) return
  if (endUser === undefined) compat.changed('user')
  if (endUser?.field !== 'user') delete body['user']
  if (endUser === undefined || typeof user !== 'string') return
  // A hash tells users apart just as well, so nothing is lost.
  body[endUser.field] = user.length <= endUser.maxLength ? user : `user_${stableHash(user, 9)}`
}

/** Words for the usual service, which is what there is without a word. */
const USUAL: ReadonlySet<unknown> = new Set(['auto', 'default', 'standard_only', null])

function fitServiceTier(body: Draft, { profile, compat }: FitTarget): void {
  const { serviceTiers } = profile.members
  const tier = body['service_tier']
  if (serviceTiers === 'any') return
  if (tier === undefined || (typeof tier === 'string' && serviceTiers.includes(tier))) return
  const standard = serviceTiers.find((word) => word === 'default' || word === 'standard_only')
  if ((tier === 'default' || tier === 'standard_only') && standard !== undefined) {
    body['service_tier'] = standard
    return
  }
  if (!USUAL.has(tier)) compat.changed('service_tier')
  delete body['service_tier']
}

/** Streams tell their usage wherever they can be asked to: the gateway counts, whoever asks. */
function fitStreamOptions(body: Draft, { profile }: FitTarget): void {
  const { streamOptions } = profile.members
  const said = body['stream_options']
  if (streamOptions === 'never' || body['stream'] !== true) delete body['stream_options']
  else if (streamOptions === 'always') {
    body['stream_options'] = { ...(isObject(said) ? said : {}), include_usage: true }
  }
}
