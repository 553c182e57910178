import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { AdaptSource } from './adapt-source.ts'
import { failedAnswer, failureInChunk, senseless } from './decode-failure.ts'
import { finishWord } from './decode-finish.ts'
import { adaptUsage } from './flavour-usage.ts'
import { readPieces } from './message-pieces.ts'
import { callTracker, mintToolCallId } from './tool-deltas.ts'

/**
 * A host's whole answer in OpenAI's exact shape, all its choices; members nobody knows stay. Throws `upstream_error` for a
 * failure in an answer's place, and for what is no answer.
 */
export function adaptAnswer(body: JsonObject, source: AdaptSource): JsonObject {
  const failure = failureInChunk(body)
  if (failure !== undefined) throw failedAnswer(failure)
  const { choices, usage, ...rest } = body
  if (!Array.isArray(choices) || choices.length === 0) throw senseless('no choice')
  const adaptedUsage = adaptUsage(usage, source.profile)
  return {
    ...rest,
    ...headOf(body, source),
    object: 'chat.completion',
    choices: choices.map((choice, at) => adaptChoice(choice, at, source)),
    ...(adaptedUsage === undefined ? {} : { usage: adaptedUsage }),
  }
}

/** What names an answer; what the host leaves out is filled in. */
export function headOf(body: JsonObject, source: AdaptSource): JsonObject {
  const { id, created, model } = body
  return {
    id: typeof id === 'string' && id !== '' ? id : `chatcmpl-${source.requestId}`,
    created: typeof created === 'number' && created > 0 ? created : source.createdSeconds,
    model:
      [model, source.body['model']].find((name) => typeof name === 'string' && name !== '') ?? '',
  }
}

function adaptChoice(choice: unknown, at: number, source: AdaptSource): JsonObject {
  const given = isObject(choice) ? choice : {}
  const index = typeof given['index'] === 'number' ? given['index'] : at
  const message = isObject(given['message']) ? given['message'] : {}
  const { tool_calls, ...plain } = message
  const calls = Array.isArray(tool_calls) ? adaptCalls(tool_calls, index, source) : []
  const { finish_reason } = given
  return {
    ...given,
    index,
    message: {
      ...plain,
      role: 'assistant',
      ...textsOf(message),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
    logprobs: given['logprobs'] ?? null,
    finish_reason: finishWord(
      typeof finish_reason === 'string' ? finish_reason : 'stop',
      calls.length > 0,
    ),
  }
}

/** The message's texts where OpenAI has them, and its reasoning where callers look for it. */
function textsOf(message: JsonObject): JsonObject {
  const texts = { text: '', refusal: '', reasoning: '' }
  readPieces(message, (kind, text) => {
    texts[kind] += text
  })
  const { text, refusal, reasoning } = texts
  return {
    content: text === '' && message['content'] !== '' ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
  }
}

function adaptCalls(given: readonly unknown[], choice: number, source: AdaptSource): JsonObject[] {
  const track = callTracker((call) => call)
  return given.flatMap((delta, index) => {
    if (!isObject(delta)) return []
    const found = track({ ...delta, index })
    if (found === undefined) return []
    const { call, text } = found
    const id = call.id === '' ? mintToolCallId(`${source.requestId}.${choice}`, index) : call.id
    if (call.isCustom) return [{ ...delta, id }]
    const named = { name: call.name, arguments: call.progress.isEmpty() ? '{}' : text }
    return [{ id, type: 'function', function: named }]
  })
}
