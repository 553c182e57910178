import { assembleAnswer } from '../../../core/assemble-answer.ts'
import type { ChatAnswer } from '../../../core/chat.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import { decodeError } from '../error.ts'
import type { ClaudeProfile } from '../profile.ts'
import { claudeEventReader } from './decode-events.ts'

/** A whole answer, read as the events that it would have come in: so it says the same as a stream. */
export function decodeAnswer(body: JsonObject, source: DecodeSource<ClaudeProfile>): ChatAnswer {
  const { content, usage } = body
  if (!Array.isArray(content)) throw noAnswer(body)
  const assembly = assembleAnswer()
  const read = claudeEventReader(source, (event) => assembly.next(event))
  read('message_start', { message: body })
  for (const [index, block] of content.entries()) {
    read('content_block_start', { index, content_block: block })
    read('content_block_stop', { index })
  }
  read('message_delta', { delta: body, usage })
  read('message_stop', {})
  const answer = assembly.answer()
  if (answer === undefined) throw noAnswer(body)
  return { ...answer, ...serviceTierOf(usage) }
}

function noAnswer(body: JsonObject): GatewayError {
  const said = decodeError(body)?.message
  const story = said === undefined ? '' : ` It said: ${said}`
  return new GatewayError('upstream_error', `The provider answered with no message.${story}`)
}

function serviceTierOf(usage: unknown): { readonly serviceTier?: string } {
  const tier = isObject(usage) ? usage['service_tier'] : undefined
  if (typeof tier !== 'string') return {}
  return { serviceTier: tier === 'standard' ? 'default' : tier }
}
