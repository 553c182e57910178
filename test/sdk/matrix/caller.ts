import type { z } from 'zod'

/** One thing that was said, in no SDK's words. */
export type Turn =
  | { readonly by: 'system' | 'developer'; readonly text: string }
  | { readonly by: 'user'; readonly text: string; readonly image?: Image }
  | { readonly by: 'assistant'; readonly text?: string; readonly calls?: readonly Call[] }
  | { readonly by: 'tool'; readonly id: string; readonly name: string; readonly text: string }

export interface Image {
  readonly mediaType: string
  /** Base64. */
  readonly data: string
}

/** A tool call of an earlier turn. */
export interface Call {
  readonly id: string
  readonly name: string
  readonly arguments: Readonly<Record<string, unknown>>
}

export interface ObjectSchema {
  type: 'object'
  properties: Record<string, { type: 'string' }>
  required: string[]
}

/** A tool that the SDK runs by itself, or that a test runs for it. */
export interface RunnableTool {
  readonly name: string
  readonly description: string
  readonly parameters: ObjectSchema
  readonly run: (given: Record<string, unknown>) => string
}

/** Where a caller calls, and what model. */
export interface Place {
  /** Of the Worker. */
  readonly url: string
  readonly apiKey: string
  /** `provider/model`. */
  readonly model: string
  readonly isStreamed: boolean
}

export interface Asked extends Place {
  readonly turns: readonly Turn[]
}

export interface AskedToWork extends Place {
  readonly prompt: string
  readonly tools: readonly RunnableTool[]
  /** The caller asks to see reasoning, and gives it back as its SDK does. */
  readonly thinks: boolean
}

export interface AskedForJson<T> extends Place {
  readonly prompt: string
  readonly schema: z.ZodType<T>
}

/** An answer, in no SDK's words. */
export interface Said {
  readonly text: string
  /** Pieces that the text came in; 1 when it came whole. */
  readonly pieces: number
  /** All reasoning that was shown, over all steps. */
  readonly reasoning: string
  readonly finish: 'stop' | 'tool-calls' | 'length' | 'refusal' | 'other'
  /** The input includes what was cached, the output includes reasoning. Of the last step. */
  readonly usage: { readonly input: number; readonly cached: number; readonly output: number }
}

/** One SDK on one surface. Each function is how that SDK's own documentation would do it. */
export interface Caller {
  readonly name: string
  /** The format that it speaks. */
  readonly format: 'openai-chat' | 'openai-responses' | 'anthropic-messages'
  /** Whether the SDK gives reasoning back, from whole answers and from streams. */
  readonly keepsReasoning: { readonly whole: boolean; readonly streamed: boolean }
  /** Whether the SDK reads reasoning at all. */
  readonly readsReasoning: boolean
  /** Whether the SDK asks for JSON by forcing a tool. */
  readonly parsesByForce: boolean
  /** Whether the SDK's messages have a developer. */
  readonly hasDeveloper: boolean
  say(asked: Asked): Promise<Said>
  /** Answers tool calls until there are none. */
  work(asked: AskedToWork): Promise<Said>
  parse<T>(asked: AskedForJson<T>): Promise<T>
  /** What the SDK's error says of the status; undefined for one in a stream. */
  statusOf(error: unknown): number | undefined
}
