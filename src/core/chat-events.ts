import type { Finish, ReasoningProof, Usage } from './chat.ts'
import type { StreamedError } from './wire-format.ts'

/**
 * A streamed answer in nobody's dialect. Text, refusal, reasoning and tool calls come in pieces; a piece of another kind
 * ends what came before, and a proof ends the reasoning that it proves.
 *
 * What a decoder promises: `start` first and once; tool calls numbered from 0 in the order in which they began, each
 * begun before its arguments and ended once; `finish` once, and after all content; `end` last, and only where the
 * provider itself said that the answer is whole. Nothing follows `end` or `error`.
 */
export type ChatEvent =
  | {
      readonly kind: 'start'
      readonly id?: string
      readonly model?: string
      readonly usage?: Usage
    }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refusal'; readonly text: string }
  | { readonly kind: 'reasoning'; readonly text: string }
  | { readonly kind: 'reasoning-proof'; readonly proof: ReasoningProof }
  | {
      readonly kind: 'tool-call'
      readonly call: number
      readonly id: string
      readonly name: string
      readonly proof?: ReasoningProof
    }
  | { readonly kind: 'tool-arguments'; readonly call: number; readonly text: string }
  | { readonly kind: 'tool-call-end'; readonly call: number }
  /** What is known of the usage so far; each replaces the one before. */
  | { readonly kind: 'usage'; readonly usage: Usage }
  | { readonly kind: 'finish'; readonly finish: Finish }
  /** The provider is alive and has nothing to say. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'error'; readonly error: StreamedError }
  | { readonly kind: 'end' }
