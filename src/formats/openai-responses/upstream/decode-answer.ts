import type { AssistantPart, ChatAnswer } from '../../../core/chat.ts'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { freeformArguments } from '../../../core/freeform.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import { callersToolName } from '../../../core/plain-tool-name.ts'
import { defined } from '../../../core/read.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import { decodeFinish } from '../finish.ts'
import type { ResponsesProfile } from '../profile.ts'
import { PARAGRAPH } from '../reasoning-item.ts'
import { decodeUsage } from '../usage.ts'
import { freeformNames, MAX_NAME_LENGTH } from './encode-tools.ts'
import { failureOf } from './response-failure.ts'

/**
 * A Response as an answer; all its messages are one. Items of the provider's own tools, and calls that it answers
 * itself, say nothing to a caller of another format. https://platform.openai.com/docs/api-reference/responses/object
 */
export function decodeAnswer(body: JsonObject, source: DecodeSource<ResponsesProfile>): ChatAnswer {
  const { id, model, output, status, service_tier: serviceTier } = body
  if (status === 'failed' || status === 'cancelled' || isObject(body['error'])) throw failed(body)
  if (!Array.isArray(output)) {
    throw new GatewayError('upstream_error', 'The provider answered something that is no response.')
  }
  const items: readonly unknown[] = output
  const decodeItem = itemDecoder(source)
  const content = items.filter(isObject).flatMap(decodeItem)
  const hasCalls = content.some(({ kind }) => kind === 'tool-call')
  return defined({
    id: stringOf(id),
    model: stringOf(model),
    content,
    finish: decodeFinish(body, hasCalls),
    usage: decodeUsage(body['usage']),
    serviceTier: stringOf(serviceTier),
  })
}

function failed(body: JsonObject): GatewayError {
  const { message, status, type, code } = failureOf(body)
  const upstream = defined({ type, code })
  return new GatewayError(CODES[status ?? 0] ?? 'upstream_error', message, { upstream })
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  429: 'rate_limited',
  503: 'upstream_overloaded',
}

function itemDecoder(
  source: DecodeSource<ResponsesProfile>,
): (item: JsonObject) => readonly AssistantPart[] {
  const nameOf = callersToolName(source.request.tools, MAX_NAME_LENGTH)
  const freeform = freeformNames(source.request, source.profile)
  return (item) => {
    switch (item['type']) {
      case 'message':
        return objectsOf(item['content']).flatMap(decodePart)
      case 'reasoning':
        return decodeReasoning(item, source.profile)
      case 'function_call': {
        const { call_id: id, name, arguments: text } = item
        if (typeof id !== 'string' || typeof name !== 'string') return []
        const written = typeof text === 'string' ? text : ''
        return [{ kind: 'tool-call', id, name: nameOf(name), arguments: written }]
      }
      case 'custom_tool_call': {
        const { call_id: id, name, input } = item
        if (typeof id !== 'string' || typeof name !== 'string') return []
        if (!freeform.has(nameOf(name)) || typeof input !== 'string') return []
        return [{ kind: 'tool-call', id, name: nameOf(name), arguments: freeformArguments(input) }]
      }
      default:
        return []
    }
  }
}

function decodePart({ type, text, refusal }: JsonObject): readonly AssistantPart[] {
  if (type === 'output_text' && typeof text === 'string') return [{ kind: 'text', text }]
  if (type === 'refusal' && typeof refusal === 'string') return [{ kind: 'refusal', text: refusal }]
  return []
}

function decodeReasoning(item: JsonObject, profile: ResponsesProfile): readonly AssistantPart[] {
  const text = reasoningText(item)
  const proof = encryptedReasoning(item, profile)
  if (proof === undefined) return text === '' ? [] : [{ kind: 'reasoning', text }]
  return [{ kind: 'reasoning', text, proof }]
}

/** What is shown of reasoning: its summary, and what the models of some hosts show of it in full. */
export function reasoningText(item: JsonObject): string {
  return [...objectsOf(item['summary']), ...objectsOf(item['content'])]
    .flatMap(({ text }) => (typeof text === 'string' && text !== '' ? [text] : []))
    .join(PARAGRAPH)
}

export function encryptedReasoning(
  { encrypted_content: value }: JsonObject,
  { family }: ResponsesProfile,
):
  | { readonly family: typeof family; readonly kind: 'encrypted'; readonly value: string }
  | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return { family, kind: 'encrypted', value }
}

function objectsOf(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value)) return []
  const items: readonly unknown[] = value
  return items.filter(isObject)
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
