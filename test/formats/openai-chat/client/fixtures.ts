import type { ChatMessage, ChatRequest } from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import type { AnswerContext } from '../../../../src/core/translation.ts'
import { openAiChatClient } from '../../../../src/formats/openai-chat/client.ts'
import { thrownBy } from '../../../thrown-by.ts'

const QUESTION = { role: 'user', content: 'hi' }

/** A body with a question in it, decoded. */
export function decoded(members: JsonObject = {}): ChatRequest {
  return openAiChatClient.decodeRequest({ model: 'm', messages: [QUESTION], ...members })
}

/** What the given messages become. */
export function decodedMessages(...messages: readonly JsonObject[]): readonly ChatMessage[] {
  return decoded({ messages }).messages
}

/** The code and the field of the error that a body makes. */
export function faultOf(members: JsonObject): unknown {
  return thrownBy(() => decoded(members))
}

export const fault = (param: string): unknown =>
  ({ code: 'invalid_request', details: { param } }) satisfies object

export function contextOf(members: JsonObject = {}): AnswerContext {
  return {
    model: 'provider-model',
    request: decoded(members),
    requestId: 'req_0123456789',
    createdSeconds: 1_795_000_000,
  }
}

/** A tool call, as an assistant message bears it. */
export function call(id: string, name = 'get', text = '{}'): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } }
}
