import { assembleAnswer } from '../../../core/assemble-answer.ts'
import type { ChatAnswer } from '../../../core/chat.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import type { StreamedError } from '../../../core/wire-format.ts'
import type { ChatProfile } from '../profile.ts'
import { failedAnswer, senseless } from './decode-failure.ts'
import { finishReason } from './decode-finish.ts'
import { chunkReader } from './decode-stream.ts'

/**
 * A whole answer, read as a stream of one chunk: what is known of hosts is written once, and both ways give the same.
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export function decodeAnswer(body: JsonObject, source: DecodeSource<ChatProfile>): ChatAnswer {
  const assembly = assembleAnswer()
  let failure: StreamedError | undefined
  const reader = chunkReader(source, (event) => {
    if (event.kind === 'error') failure = event.error
    else assembly.next(event)
  })
  reader.next(asChunk(body))
  if (failure !== undefined) throw failedAnswer(failure)
  reader.end()
  const answer = assembly.answer()
  if (answer === undefined) throw senseless('no choice')
  const { service_tier } = body
  return typeof service_tier === 'string' ? { ...answer, serviceTier: service_tier } : answer
}

function asChunk(body: JsonObject): JsonObject {
  const { choices } = body
  return Array.isArray(choices) ? { ...body, choices: choices.map(asDelta) } : body
}

function asDelta(choice: unknown): unknown {
  if (!isObject(choice)) return choice
  // A body that is whole says by itself that the answer is.
  const finish_reason = finishReason(choice) ?? 'stop'
  const { message } = choice
  if (!isObject(message)) return { ...choice, finish_reason }
  const { tool_calls } = message
  const delta = Array.isArray(tool_calls)
    ? { ...message, tool_calls: tool_calls.map(numbered) }
    : message
  return { ...choice, finish_reason, delta }
}

/** Each item of a whole answer's list is a call of its own, whatever it says. */
function numbered(call: unknown, index: number): unknown {
  return isObject(call) ? { ...call, index } : call
}
