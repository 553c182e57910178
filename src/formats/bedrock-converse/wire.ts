import type { JsonObject } from '../../core/parse.ts'

/**
 * The parts of a Converse request that are made here.
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export type Block =
  | TextBlock
  | CachePoint
  | MediaBlock
  | { readonly toolUse: ToolUse }
  | { readonly toolResult: ToolResult }
  | { readonly reasoningContent: ReasoningContent }

export interface TextBlock {
  readonly text: string
}

/** An element of its own, behind what is to be cached. */
export interface CachePoint {
  readonly cachePoint: { readonly type: 'default'; readonly ttl?: string }
}

export type MediaBlock =
  | { readonly image: { readonly format: string; readonly source: Source } }
  | {
      readonly document: { readonly format: string; readonly name: string; readonly source: Source }
    }
  | { readonly audio: { readonly format: string; readonly source: Source } }

export type Source = { readonly bytes: string } | { readonly s3Location: { readonly uri: string } }

export interface ToolUse {
  readonly toolUseId: string
  readonly name: string
  readonly input: JsonObject
}

export interface ToolResult {
  readonly toolUseId: string
  readonly content: readonly (TextBlock | MediaBlock)[]
  readonly status?: 'error'
}

export type ReasoningContent =
  | { readonly reasoningText: { readonly text: string; readonly signature: string } }
  | { readonly redactedContent: string }

export interface Turn {
  readonly role: 'user' | 'assistant'
  content: Block[]
}

export interface ToolSpec {
  readonly toolSpec: {
    readonly name: string
    readonly description?: string
    readonly inputSchema: { readonly json: JsonObject }
    readonly strict?: true
  }
}
