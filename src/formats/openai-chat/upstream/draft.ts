import type { Compat } from '../../../core/compat.ts'
import type { ChatProfile } from '../profile.ts'

/** A body, or a part of one, while it is being made. What a caller sent is copied into one and never changed itself. */
export type Draft = Record<string, unknown>

/** Whom a draft is made to fit, and who is told of what is lost. */
export interface FitTarget {
  readonly profile: ChatProfile
  readonly compat: Compat
}
