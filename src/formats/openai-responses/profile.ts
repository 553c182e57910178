import type { Effort, ReasoningFamily } from '../../core/chat.ts'

/** What a model behind the Responses API takes, as far as models and hosts differ in it. */
export interface ResponsesProfile {
  /** Whose reasoning it can read again; what another family wrote stays behind. */
  readonly family: ReasoningFamily
  /** The efforts that it has; empty where `reasoning.effort` is refused. */
  readonly efforts: readonly Effort[]
  /** Whether it thinks where nothing is said of effort. */
  readonly thinksByDefault: boolean
  /** Whether `temperature` and `top_p` are taken; by some only while the model does not think. */
  readonly sampling: 'always' | 'without-reasoning' | 'never'
  /** Whether reasoning can be asked for in the provider's own encryption, and summed up in words. */
  readonly hasEncryptedReasoning: boolean
  readonly hasSummaries: boolean
  /** The role of instructions in the conversation. */
  readonly systemRole: 'developer' | 'system'
  /** Tools that take text. Elsewhere they become functions. */
  readonly hasCustomTools: boolean
  /** Whether `tool_choice` can name several tools. Elsewhere the others are left out. */
  readonly hasAllowedTools: boolean
  readonly hasParallelFlag: boolean
  readonly hasVerbosity: boolean
  /** Files with their data in the request; others must be at an address. */
  readonly hasInlineFiles: boolean
  /** Whether parts can say that the prompt is to be cached up to them. Elsewhere that happens by itself. */
  readonly hasCacheBreakpoints: boolean
  /** What the caller's own user is called. */
  readonly endUserField: 'safety_identifier' | 'user'
  readonly serviceTiers: readonly string[]
  /** What `max_output_tokens` must be at least. */
  readonly minOutputTokens: number
  /** Members of OpenAI's that are taken as they come. */
  readonly extras: ReadonlySet<string>
}
