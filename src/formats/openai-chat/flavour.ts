import type { JsonObject } from '../../core/parse.ts'
import type { EncodeTarget } from '../../core/translation.ts'
import type { ChatProfile } from './profile.ts'
import type { Draft } from './upstream/draft.ts'
import { fitToProfile } from './upstream/fit.ts'

/**
 * Flavours: callers of this dialect, and hosts that depart from OpenAI's. Nothing is translated, but what the host would
 * refuse is changed on the way there, and what callers would stumble over on the way back.
 */

export type { AdaptSource } from './upstream/adapt-source.ts'
export { adaptAnswer } from './upstream/flavour-answer.ts'
export { type ChunkAdapter, chunkAdapter } from './upstream/flavour-chunk.ts'

/**
 * The caller's body as the host takes it: members renamed, left out or limited; all else, and members nobody knows, stay
 * as they came. Losses are told to `compat`.
 */
export function adaptRequest(body: JsonObject, target: EncodeTarget<ChatProfile>): JsonObject {
  const { profile, compat } = target
  if (profile.isExact) return body
  const draft: Draft = { ...body }
  fitToProfile(draft, { profile: profile.forSameFormat ?? profile, compat })
  return draft
}
