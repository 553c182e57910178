import { isObject, type JsonObject } from '../../core/parse.ts'
import type { AdaptSource } from './adapt-source.ts'
import { failedAnswer, failureInChunk } from './decode-failure.ts'
import { finishWord } from './decode-finish.ts'
import { headOf } from './flavour-answer.ts'
import { adaptUsage } from './flavour-usage.ts'
import { readPieces } from './message-pieces.ts'
import { type CallSoFar, callTracker, mintToolCallId } from './tool-deltas.ts'

/** Brings the chunks of one stream into OpenAI's exact shape. */
export interface ChunkAdapter {
  /**
   * The chunk to give on; undefined where there is none for the caller. The same object where nothing had to change.
   * Throws `upstream_error` for a chunk that is a failure.
   */
  next(chunk: JsonObject): JsonObject | undefined
  /** The chunk that goes before `[DONE]`: the usage, where the caller asked for it and the host told it. */
  last(): JsonObject | undefined
}

export function chunkAdapter(source: AdaptSource): ChunkAdapter {
  const options = source.body['stream_options']
  const includeUsage = isObject(options) && options['include_usage'] === true
  const choiceAdapters = new Map<number, (choice: JsonObject) => JsonObject>()
  let head: JsonObject | undefined
  let usage: JsonObject | undefined
  const adaptChoice = (choice: unknown, at: number): JsonObject => {
    const given = isObject(choice) ? choice : {}
    const index = typeof given['index'] === 'number' ? given['index'] : at
    const adapt = choiceAdapters.get(index) ?? choiceAdapter(index, source)
    choiceAdapters.set(index, adapt)
    return adapt(given)
  }
  return {
    next(chunk) {
      const failure = failureInChunk(chunk)
      if (failure !== undefined) throw failedAnswer(failure)
      const { choices, usage: told, ...rest } = chunk
      usage = adaptUsage(told, source.profile) ?? usage
      // The usage comes last, and a chunk that names nothing and says nothing is no chunk of OpenAI's.
      if (!Array.isArray(choices) || choices.length === 0) return undefined
      if (source.profile.isExact)
        return choices.every(hasDelta) ? chunk : withDeltas(chunk, choices)
      head ??= headOf(chunk, source)
      return {
        ...rest,
        ...head,
        object: 'chat.completion.chunk',
        choices: choices.map(adaptChoice),
        ...(includeUsage ? { usage: null } : {}),
      }
    },
    last() {
      if (!includeUsage || usage === undefined) return undefined
      return {
        ...(head ?? headOf({}, source)),
        object: 'chat.completion.chunk',
        choices: [],
        usage,
      }
    },
  }
}

const hasDelta = (choice: unknown): boolean => isObject(choice) && isObject(choice['delta'])

function withDeltas(chunk: JsonObject, choices: readonly unknown[]): JsonObject {
  return {
    ...chunk,
    choices: choices.map((choice) => (isObject(choice) ? { delta: {}, ...choice } : choice)),
  }
}

interface ShownCall extends CallSoFar {
  isNameShown: boolean
}

function choiceAdapter(index: number, source: AdaptSource): (choice: JsonObject) => JsonObject {
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
    const { delta, finish_reason } = choice
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
      finish_reason: typeof finish_reason === 'string' ? finishWord(finish_reason, hasCalls) : null,
    }
    isFirst = false
    return adapted
  }
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
