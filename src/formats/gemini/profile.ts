import type { Effort } from '../../core/chat.ts'

/** What is known of a Gemini model, as far as requests to it depend on it. */
export interface GeminiProfile {
  /** Left out for a model that does not think. */
  readonly thinking?: ThinkingControl
  /** Whether temperature, top_p and top_k have an effect; the newest models ignore them. */
  readonly isSampled: boolean
  readonly takesPenalties: boolean
  /** Real JSON Schema, or the classic fields, which take a part of OpenAPI's. */
  readonly schemas: 'json-schema' | 'openapi'
  /** Calls and results bear ids. Older models refuse the field, and pair them by order and name. */
  readonly hasCallIds: boolean
  /** A step's first function call is refused without a thought signature. */
  readonly checksSignatures: boolean
  /** Images and documents may stand within a function's response; else they follow it as parts of their own. */
  readonly takesMediaInResponses: boolean
  readonly takesMediaResolution: boolean
  /** Whether the host fetches images and documents from the web for it. */
  readonly fetchesUrls: boolean
  /** Answers in JSON and functions to call may be asked for at once, as long as no call is forced. */
  readonly takesJsonBesideTools: boolean
}

export type ThinkingControl =
  | { readonly kind: 'levels'; readonly levels: readonly Effort[] }
  /** Tokens; where thinking can be switched off, a budget of 0 does that. */
  | {
      readonly kind: 'budget'
      readonly minTokens: number
      readonly maxTokens: number
      readonly canBeOff: boolean
    }
