import type { Prompt } from './conversation.ts'
import type { Quirk } from './quirk.ts'
import type { Finish, Usage } from './reply.ts'

/** A text in the parts that it is to be streamed in; one string is one part. */
export type InParts = string | readonly string[]

/** One thing that a model says. */
export type ScriptedPiece =
  | { text: InParts }
  /** `isRedacted`: thought, but kept secret. */
  | { reasoning: InParts; isRedacted?: boolean }
  | { refusal: InParts }
  /** Calls a tool. The arguments are JSON, which may be cut off; without any the provider says so in its own way. */
  | { call: string; arguments?: InParts; id?: string }

/** An answer, word by word. */
export interface ScriptedAnswer {
  say: readonly ScriptedPiece[]
  /** By default what follows from the pieces. */
  finish?: Finish
  /** The provider's own word for the finish, such as Mistral's `model_length`. */
  finishWord?: string
  stopSequence?: string
  usage?: Partial<Usage>
  quirks?: readonly Quirk[]
}

/** How the models answer. */
export interface Script {
  /** Said instead of the echo. */
  text?: string
  /** In how many parts. */
  deltas: number
  /** How far apart. */
  gapMs: number
  /** The answer to a prompt; undefined where the model is to answer as it always does. */
  answer?: (prompt: Prompt) => ScriptedAnswer | undefined
}
