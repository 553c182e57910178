import type { Effort } from '../../core/chat.ts'

/**
 * What a Claude model takes at its host. Data; the models are listed where the providers are.
 * https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting
 */
export interface ClaudeProfile {
  /** Temperature, top_p and top_k: any of them, no top_p beside a temperature, or none at all (not even their defaults). */
  readonly sampling: 'any' | 'no-top-p-beside-temperature' | 'none'
  /** The ways of `thinking` that are accepted; none where the model cannot think. */
  readonly thinking: readonly ClaudeThinking[]
  /** Whether the model thinks where nobody says anything about it. */
  readonly thinksByDefault: boolean
  /** What `output_config.effort` takes beside adaptive thinking. */
  readonly efforts: readonly Effort[]
  /** Whether an answer can be made to call a tool; manual thinking always excludes it. */
  readonly canForceTools: boolean
  /** Whether a conversation may end in the beginning of an answer. */
  readonly canContinueAnswer: boolean
  readonly maxOutputTokens: number
  /** Takes `output_config.format`. */
  readonly hasOutputFormat: boolean
  /** Takes `strict` tools. */
  readonly hasStrictTools: boolean
  /** Takes turns of role `system` amid a conversation. */
  readonly hasSystemTurns: boolean
  /** Fetches images and documents by URL. */
  readonly fetchesUrls: boolean
  /** Keeps files, to be named by id. */
  readonly hasFiles: boolean
  /** Finds by itself what to cache, with `cache_control` at the top of the body. */
  readonly hasAutomaticCaching: boolean
  readonly hasServiceTiers: boolean
}

/** `manual` is `enabled` with a budget of tokens; the others are called as on the wire. */
export type ClaudeThinking = 'manual' | 'adaptive' | 'between_tools' | 'disabled'
