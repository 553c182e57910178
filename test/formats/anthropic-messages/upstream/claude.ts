import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { ChatAnswer, ChatMessage, ChatRequest } from '../../../../src/core/chat.ts'
import { type CompatMode, compatOf } from '../../../../src/core/compat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { anthropicMessagesUpstream } from '../../../../src/formats/anthropic-messages/upstream.ts'
import { type ClaudeHost, claudeProfile } from '../../../../src/providers/models/claude.ts'

export interface Asked {
  readonly model?: string
  readonly host?: ClaudeHost
  readonly mode?: CompatMode
}

/** One of each behaviour: budgets, budgets and adaptive, adaptive, no forced tools. */
export const OLD = 'claude-sonnet-4-5'
export const MIXED = 'claude-opus-4-6'
export const CURRENT = 'claude-opus-4-8'
export const NEWEST = 'claude-opus-5-5'

export function chat(members: Partial<ChatRequest> = {}): ChatRequest {
  return { messages: [user('Hello')], tools: [], stop: [], stream: false, rest: {}, ...members }
}

export const text = (said: string, cache?: { ttl?: '5m' | '1h' }) =>
  ({ kind: 'text', text: said, ...(cache && { cache }) }) as const
export const user = (...said: string[]): ChatMessage => ({
  role: 'user',
  content: said.map((part) => text(part)),
})
export const system = (...said: string[]): ChatMessage => ({
  role: 'system',
  content: said.map((part) => text(part)),
})
export const assistant = (...said: string[]) =>
  ({ role: 'assistant', content: said.map((part) => text(part)) }) as const
export const call = (id: string, args = '{}', name = 'look') =>
  ({ kind: 'tool-call', id, name, arguments: args }) as const
export const calling = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: ids.map((id) => call(id)),
})
export const result = (callId: string, ...said: string[]): ChatMessage => ({
  role: 'tool',
  callId,
  content: said.map((part) => text(part)),
})
export const thought = (
  said: string,
  value: string,
  kind: 'signature' | 'encrypted' = 'signature',
) => ({ kind: 'reasoning', text: said, proof: { family: 'claude', kind, value } }) as const

/** Any JSON, to be looked into freely. */
export type Json = ReturnType<typeof JSON.parse>

/** What the provider is sent, and what the caller is warned of. */
export function encode(members: Partial<ChatRequest>, asked: Asked = {}) {
  const { model = CURRENT, host = 'anthropic', mode = 'default' } = asked
  const warnings: string[] = []
  const compat = compatOf({
    mode,
    target: `test/${model}`,
    names: {},
    warn: (warning) => void warnings.push(warning),
  })
  const profile = claudeProfile(model, host)
  const body = anthropicMessagesUpstream.encodeRequest(chat(members), { model, profile, compat })
  // What is sent is JSON; nothing in it may be lost on the way.
  const sent: Json = JSON.parse(JSON.stringify(body))
  return { body: sent, warnings: [...new Set(warnings)] }
}

function sourceOf(members: Partial<ChatRequest>, { model = CURRENT, host = 'anthropic' }: Asked) {
  const profile = claudeProfile(model, host)
  return { model, profile, request: chat(members), requestId: 'req_1' }
}

export function decode(
  body: JsonObject,
  members: Partial<ChatRequest> = {},
  asked: Asked = {},
): ChatAnswer {
  return anthropicMessagesUpstream.decodeAnswer(body, sourceOf(members, asked))
}

/** The events that a stream means; named as over SSE, or not at all. */
export function stream(
  events: readonly object[],
  {
    request = {},
    areNamed = true,
    ...asked
  }: Asked & { request?: Partial<ChatRequest>; areNamed?: boolean } = {},
): ChatEvent[] {
  const emitted: ChatEvent[] = []
  const decoder = anthropicMessagesUpstream.streamDecoder(sourceOf(request, asked), (event) => {
    emitted.push(event)
  })
  for (const event of events) {
    const name = areNamed && 'type' in event ? String(event.type) : ''
    decoder.next({ name, data: JSON.stringify(event) })
  }
  decoder.close()
  return emitted
}
