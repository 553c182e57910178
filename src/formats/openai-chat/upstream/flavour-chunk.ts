import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { AdaptSource } from './adapt-source.ts'
import { failedAnswer, failureInChunk } from './decode-failure.ts'
import { headOf } from './flavour-answer.ts'
import { choiceAdapter, isInShape } from './flavour-choice.ts'
import { adaptUsage } from './flavour-usage.ts'

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
  return source.profile.isExact ? exact(includeUsage) : flavoured(source, includeUsage)
}

/** Hosts that speak as OpenAI does, but for chunks that have no choices, or choices without a delta. */
function exact(includeUsage: boolean): ChunkAdapter {
  let last: JsonObject | undefined
  return {
    next(chunk) {
      throwFailure(chunk)
      const { choices } = chunk
      if (!Array.isArray(choices)) return undefined
      if (choices.length === 0) {
        if (includeUsage && isObject(chunk['usage'])) last = chunk
        return undefined
      }
      return choices.every(hasDelta) ? chunk : withDeltas(chunk, choices)
    },
    last: () => last,
  }
}

function flavoured(source: AdaptSource, includeUsage: boolean): ChunkAdapter {
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
  const hasBegunAndIsInShape = (choice: unknown): boolean =>
    isObject(choice) && choiceAdapters.has(Number(choice['index'])) && isInShape(choice)
  return {
    next(chunk) {
      throwFailure(chunk)
      const { choices } = chunk
      usage = adaptUsage(chunk['usage'], source.profile) ?? usage
      // The usage comes last, and a chunk that names nothing and says nothing is no chunk of OpenAI's.
      if (!Array.isArray(choices) || choices.length === 0) return undefined
      if (isHeaded(chunk, head) && choices.every(hasBegunAndIsInShape)) return chunk
      head ??= headOf(chunk, source)
      const { usage: _, ...rest } = chunk
      return {
        ...rest,
        ...head,
        object: OBJECT,
        choices: choices.map(adaptChoice),
        ...(includeUsage ? { usage: null } : {}),
      }
    },
    last() {
      if (!includeUsage || usage === undefined) return undefined
      return { ...(head ?? headOf({}, source)), object: OBJECT, choices: [], usage }
    },
  }
}

const OBJECT = 'chat.completion.chunk'

function throwFailure(chunk: JsonObject): void {
  const failure = failureInChunk(chunk)
  if (failure !== undefined) throw failedAnswer(failure)
}

/** Whether a chunk names itself as those before it did, and bears no usage yet. */
function isHeaded(chunk: JsonObject, head: JsonObject | undefined): boolean {
  return (
    head !== undefined &&
    chunk['id'] === head['id'] &&
    chunk['created'] === head['created'] &&
    chunk['model'] === head['model'] &&
    chunk['object'] === OBJECT &&
    (chunk['usage'] ?? undefined) === undefined
  )
}

const hasDelta = (choice: unknown): boolean => isObject(choice) && isObject(choice['delta'])

function withDeltas(chunk: JsonObject, choices: readonly unknown[]): JsonObject {
  return {
    ...chunk,
    choices: choices.map((choice) => (isObject(choice) ? { delta: {}, ...choice } : choice)),
  }
}
