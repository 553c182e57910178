import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { AdaptSource } from './adapt-source.ts'
import { finishReason, finishWord } from './decode-finish.ts'
import { readPieces } from './message-pieces.ts'
import { type CallSoFar, callTracker, mintToolCallId } from './tool-deltas.ts'

interface ShownCall extends CallSoFar {
  isNameShown: boolean
}

/** Brings the pieces of one choice into shape: its first delta says whose it is, its calls are numbered and named. */
export function choiceAdapter(
  index: number,
  source: AdaptSource,
): (choice: JsonObject) => JsonObject {
  let isFirst = true
  let hasCalls = false
  const track = callTracker<ShownCall>((call) => ({ ...call, isNameShown: false }))
  const adaptCall = (given: unknown): JsonObject[] => {
    const found = track(given)
    if (found === undefined) return []
    hasCalls = true
    const { call, isNew, text } = found
    const named = call.name !== '' && !call.isNameShown
    if (named) call.isNameShown = true
    const called = { ...(named || isNew ? { name: call.name } : {}), arguments: text }
    if (!isNew) return [{ index: call.ordinal, function: called }]
    // An id that comes late comes too late here: the caller must have one from the beginning.
    if (call.id === '') call.id = mintToolCallId(`${source.requestId}.${index}`, call.ordinal)
    return [{ index: call.ordinal, id: call.id, type: 'function', function: called }]
  }
  return (choice) => {
    const { delta } = choice
    const reason = finishReason(choice)
    const { tool_calls, ...plain } = isObject(delta) ? delta : {}
    const calls = Array.isArray(tool_calls) ? tool_calls.flatMap(adaptCall) : []
    const adapted = {
      ...choice,
      index,
      delta: {
        ...(isFirst ? { role: 'assistant' } : {}),
        ...plain,
        ...textsOf(plain),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      },
      finish_reason: reason === undefined ? null : finishWord(reason, hasCalls),
    }
    isFirst = false
    return adapted
  }
}

/** Whether a piece of a choice that has begun is in shape as it came: text, and nothing else. */
export function isInShape(choice: unknown): boolean {
  if (!isObject(choice) || choice['finish_reason'] !== null) return false
  const { delta } = choice
  if (!isObject(delta) || delta['tool_calls'] !== undefined) return false
  const { content, reasoning, reasoning_content } = delta
  const isSaidTwice =
    (reasoning ?? undefined) === undefined || typeof reasoning_content === 'string'
  return isSaidTwice && !Array.isArray(content)
}

/** The texts of a delta, as strings; members that the host did not send are not added. */
function textsOf(delta: JsonObject): JsonObject {
  const texts: Record<string, string> = {}
  const names = { text: 'content', refusal: 'refusal', reasoning: 'reasoning_content' } as const
  readPieces(delta, (kind, text) => {
    const name = names[kind]
    texts[name] = (texts[name] ?? '') + text
  })
  // A list in which there is only thinking.
  if (Array.isArray(delta['content'])) texts['content'] ??= ''
  return texts
}
