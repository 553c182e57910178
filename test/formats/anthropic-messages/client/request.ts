import type { ChatMessage, ChatRequest } from '../../../../src/core/chat.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { decodeRequest } from '../../../../src/formats/anthropic-messages/client/decode-request.ts'
import { thrownBy } from '../../../thrown-by.ts'

export const USER = { role: 'user', content: 'hi' }

/** A body of which a test says only what it is about. */
export const body = (members: JsonObject = {}): JsonObject => ({
  model: 'm',
  max_tokens: 100,
  messages: [USER],
  ...members,
})

export const decode = (members: JsonObject): ChatRequest => decodeRequest(body(members))

export const messagesOf = (messages: readonly unknown[]): readonly ChatMessage[] =>
  decode({ messages }).messages

/** The path that a refused request is refused for; undefined for one that is taken. */
export function refusedPath(members: JsonObject): string | undefined {
  const error = thrownBy(() => decode(members))
  if (error === undefined) return undefined
  if (!(error instanceof GatewayError)) throw error
  if (error.code !== 'invalid_request' || error.status !== 400) throw error
  const param = error.details.param ?? ''
  if (!error.message.startsWith(param)) throw new Error(`${param} is not in: ${error.message}`)
  return param
}
