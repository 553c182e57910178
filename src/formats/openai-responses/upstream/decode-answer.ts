import { assembleAnswer } from '../../../core/assemble-answer.ts'
import type { ChatAnswer } from '../../../core/chat.ts'
import { type ErrorCode, GatewayError } from '../../../core/errors.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import { defined } from '../../../core/read.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import { decodeFinish } from '../finish.ts'
import type { ResponsesProfile } from '../profile.ts'
import { decodeUsage } from '../usage.ts'
import { failureOf } from './response-failure.ts'
import { streamedItems } from './streamed-items.ts'

/**
 * A Response as an answer, read as a stream that tells each item in one piece: both ways give the same. Items of the
 * provider's own tools, and calls that it answers itself, say nothing to a caller of another format.
 * https://platform.openai.com/docs/api-reference/responses/object
 */
export function decodeAnswer(body: JsonObject, source: DecodeSource<ResponsesProfile>): ChatAnswer {
  const { id, model, output, status, service_tier: serviceTier } = body
  if (status === 'failed' || status === 'cancelled' || isObject(body['error'])) throw failed(body)
  if (!Array.isArray(output)) {
    throw new GatewayError('upstream_error', 'The provider answered something that is no response.')
  }
  const assembly = assembleAnswer()
  const items = streamedItems(source, (event) => assembly.next(event))
  for (const [index, item] of output.entries()) {
    items.next({ type: 'response.output_item.done', output_index: index, item })
  }
  return defined({
    id: stringOf(id),
    model: stringOf(model),
    content: assembly.content,
    finish: decodeFinish(body, items.hasCalls()),
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

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
