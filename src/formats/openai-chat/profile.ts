import type { Effort } from '../../core/chat.ts'

/**
 * What a model behind this dialect takes, and how its host departs from OpenAI's words: data only. Profiles are made in
 * `src/providers/models`, one file for a family of models.
 */
export interface ChatProfile {
  /** Speaks the dialect as OpenAI documents it: traffic in the same format needs no adaptation. */
  readonly isExact: boolean
  /** A chunk without choices, id or model comes first. */
  readonly hasEmptyFirstChunk: boolean
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  readonly messages: MessageRules
  readonly media: MediaSupport
  readonly tools: ToolSupport
  readonly sampling: SamplingSupport
  readonly reasoning: ReasoningSupport
  /** Where a schema is not taken, it becomes an instruction beside `json_object`. */
  readonly outputFormat: 'json-schema' | 'json-object'
  readonly members: MemberSupport
  /** The host counts reasoning beside the completion's tokens and not among them. */
  readonly completionExcludesReasoning: boolean
  /** What callers of the same format may say, where nobody knows the host well enough to keep it from them. */
  readonly forSameFormat?: ChatProfile
}

export interface MessageRules {
  readonly systemRole: 'system' | 'developer'
  /** Instructions are taken at the beginning only: later ones become turns of the user. */
  readonly foldsLaterSystem: boolean
  /** Turns of one role that follow each other are refused, so they are made one. */
  readonly mergesRoles: boolean
  /** A turn of the user directly behind a tool's result is refused, so the assistant says a word between. */
  readonly needsAssistantAfterTool: boolean
  /** Text may come as a list of parts; elsewhere it is made one string. */
  readonly takesTextParts: boolean
  /** `cache_control`, which is no word of OpenAI's, does no harm. */
  readonly takesCacheMarks?: boolean
  /** Turns of the user may bear a name. */
  readonly takesNames: boolean
  /** An assistant's turn at the end is gone on with only where it says so itself. */
  readonly marksPrefill: boolean
}

export interface MediaSupport {
  readonly images: boolean
  readonly imageDetail: boolean
  /** `file`: OpenAI's part with the data in it. `document-url`: Mistral's part with an address or a data URL. */
  readonly files: 'file' | 'document-url' | 'none' | 'any'
  readonly audio: boolean
}

export interface ToolSupport {
  readonly isSupported: boolean
  /** What `tool_choice` can say beside `auto`. */
  readonly choices: readonly ForcedChoice[]
  /** A tool can be forced only while the model does not think. */
  readonly forcingEndsThinking: boolean
  readonly parallelFlag: boolean
  readonly strict: boolean
  /** OpenAI's tools that take text and not JSON. */
  readonly custom: boolean
  readonly ids: ToolIdRule
  /** Arguments come in pieces only where the request says `tool_stream`. */
  readonly streamFlag: boolean
}

export type ForcedChoice = 'none' | 'required' | 'tool' | 'allowed'
export type ToolIdRule = 'any' | 'forty-characters' | 'nine-alphanumerics'

export interface SamplingSupport {
  /** `without-reasoning`: only where the request turns reasoning off. */
  readonly when: 'always' | 'never' | 'without-reasoning'
  readonly maxTemperature: number
  readonly penalties: boolean
  /** How many stop sequences at most; none where it is 0. */
  readonly maxStops: number
  readonly seedField: 'seed' | 'random_seed' | 'none'
  /** Whether several answers can be asked for at once. */
  readonly choices: boolean
}

export interface ReasoningSupport {
  /**
   * The host's word for each effort; an effort without a word is left out of the request. Empty: `reasoning_effort` is
   * not taken at all. 'any': whatever the caller says.
   */
  readonly efforts: Readonly<Partial<Record<Effort, string>>> | 'any'
  /** It thinks, and takes no word for it. */
  readonly isUnasked?: boolean
  /** `thinking: {type: 'disabled'}` turns it off. */
  readonly thinkingSwitch: boolean
  /** How earlier reasoning is given back to the model, where it wants it. */
  readonly replay: 'reasoning_content' | 'reasoning' | 'thinking-parts' | 'none' | 'as-it-came'
  /** Every turn of the assistant's must bear reasoning, if only an empty one. */
  readonly backfillsReplay: boolean
}

export interface MemberSupport {
  /** `if-asked`: nobody knows whether the host takes them, so the caller's wish decides. */
  readonly streamOptions: 'always' | 'if-asked' | 'never'
  /** What the caller's own user is called, and how long that may be; a longer one is hashed. */
  readonly endUser?: { readonly field: 'user' | 'safety_identifier'; readonly maxLength: number }
  /** `with-store`: only where the answer is stored. */
  readonly metadata: 'always' | 'with-store' | 'none'
  readonly serviceTiers: readonly string[] | 'any'
  readonly verbosity: boolean
  readonly promptCacheKey: boolean
  /** Members without a slot of their own that the host understands as OpenAI does. */
  readonly passed: readonly string[]
  /** Members of OpenAI's that the host would refuse the whole request for. */
  readonly refused: readonly string[]
}
