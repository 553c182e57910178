import type { Effort, ReasoningFamily } from '../../core/chat.ts'
import type { JsonObject } from '../../core/parse.ts'

/**
 * What a model takes behind Converse, which has one shape for all models and hands them what it finds in it. Data; the
 * models are listed where the providers are.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
 */
export interface ConverseProfile {
  readonly takesSystem: boolean
  readonly media: ConverseMedia
  readonly tools: ConverseTools
  readonly sampling: ConverseSampling
  readonly reasoning: ConverseReasoning
  readonly proofs: ConverseProofs
  readonly caching: ConverseCaching
  /** Whether `outputConfig.textFormat` holds answers to a schema. */
  readonly hasOutputFormat: boolean
  /** Whether a conversation may end in the beginning of an answer. */
  readonly canContinueAnswer: boolean
  /** The most that may be asked for; left out where nobody knows. */
  readonly maxOutputTokens?: number
}

export interface ConverseMedia {
  readonly images: boolean
  readonly documents: boolean
  readonly audio: boolean
  /** Reads images and documents from `s3://` by itself. */
  readonly s3: boolean
}

export interface ConverseTools {
  readonly isSupported: boolean
  /** What `toolChoice` can force: a call of any tool, a call of one. */
  readonly forced: readonly ('any' | 'tool')[]
  /** Takes Claude's own `tool_choice` beside Converse's, which can forbid calls, or more than one of them. */
  readonly hasClaudeChoice: boolean
  readonly hasStrict: boolean
  /** Takes `status` in a result. */
  readonly hasStatus: boolean
  readonly ids: 'plain' | 'nine-alphanumerics'
}

export interface ConverseSampling {
  readonly temperature: boolean
  readonly topP: boolean
  /** Refuses the two beside each other. */
  readonly isEitherOr: boolean
  /** Where top_k is among the model's own fields; left out where it has none. */
  readonly topK?: FieldPath
  readonly stop: boolean
  /** Whether the model can be asked which stop sequence it met. */
  readonly saysStopSequence: boolean
}

/** How a model is told how hard to think, in its own fields. */
export type ConverseReasoning =
  | { readonly kind: 'none' }
  /** Claude's `thinking` and `output_config`. */
  | {
      readonly kind: 'claude'
      readonly thinking: readonly ClaudeThinking[]
      readonly thinksByDefault: boolean
      readonly efforts: readonly Effort[]
    }
  /** A word for the effort. */
  | {
      readonly kind: 'effort'
      readonly path: FieldPath
      readonly efforts: readonly Effort[]
      /** Fields that go along with it. */
      readonly beside?: JsonObject
      /** Does not think where nothing is said, so `none` is said by leaving it out. */
      readonly isOffByDefault: boolean
      /** From this effort on the model takes no limit and no sampling. */
      readonly unlimitedFrom?: Effort
    }

/** `manual` is `enabled` with a budget of tokens; the others are called as on the wire. */
export type ClaudeThinking = 'manual' | 'adaptive' | 'between_tools' | 'disabled'

/** Members within each other in `additionalModelRequestFields`, the outermost first. */
export type FieldPath = readonly [string, ...string[]]

/** Whose word for its own reasoning the model gives, and takes back. */
export interface ConverseProofs {
  readonly family: ReasoningFamily
  /** Told before each proof of a family that has models of more than one maker; empty where it has one. */
  readonly maker: string
}

export interface ConverseCaching {
  /** Where a cache point may stand. */
  readonly places: readonly ('tools' | 'system' | 'messages')[]
  /** Keeps for an hour what is marked so. */
  readonly hasHour: boolean
}
