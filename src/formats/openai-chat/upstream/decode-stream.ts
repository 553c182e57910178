import type { ChatEvent } from '../../../core/chat-events.ts'
import { isObject, type JsonObject, tryParseJson } from '../../../core/parse.ts'
import type { DecodeSource, StreamDecoder } from '../../../core/translation.ts'
import { decodeUsage } from '../decode-usage.ts'
import type { ChatProfile } from '../profile.ts'
import { callEvents } from './call-events.ts'
import { failureInChunk, senseless } from './decode-failure.ts'
import { decodeFinish, finishReason } from './decode-finish.ts'
import { readPieces } from './message-pieces.ts'

/**
 * Reads the chunks of a streamed answer; of several choices, the first. The end is held back until `[DONE]`, since usage
 * may come behind the finish reason. Throws `upstream_error` for what is no chunk, and for a `[DONE]` before the answer
 * was finished.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function streamDecoder(
  source: DecodeSource<ChatProfile>,
  emit: (event: ChatEvent) => void,
): StreamDecoder {
  const reader = chunkReader(source, emit)
  return {
    next({ name, data }) {
      if (data === '') return
      if (data === '[DONE]') return reader.end()
      const chunk = tryParseJson(data)
      if (!isObject(chunk)) throw senseless('a chunk that is no JSON object')
      reader.next(name === 'error' && chunk['error'] === undefined ? { error: chunk } : chunk)
    },
    close() {
      // The dialect has a last word: an answer without it is not whole, and the gateway says so.
    },
  }
}

export interface ChunkReader {
  next(chunk: JsonObject): void
  /** The host's last word. */
  end(): void
}

/** The same for chunks that are parsed already. */
export function chunkReader(
  source: DecodeSource<ChatProfile>,
  emit: (event: ChatEvent) => void,
): ChunkReader {
  let isOver = false
  let hasStarted = false
  let last: { readonly choice: JsonObject; readonly reason: string } | undefined
  const calls = callEvents(source, emit)
  const readPiece = (kind: 'text' | 'refusal' | 'reasoning', text: string): void => {
    calls.piece(kind, text)
  }
  const start = ({ id, model }: JsonObject): void => {
    hasStarted = true
    emit({
      kind: 'start',
      ...(typeof id === 'string' && id !== '' ? { id } : {}),
      ...(typeof model === 'string' && model !== '' ? { model } : {}),
    })
  }
  const readChoice = (choice: JsonObject): void => {
    const { delta } = choice
    if (isObject(delta)) {
      readPieces(delta, readPiece)
      if (Array.isArray(delta['tool_calls'])) {
        for (const call of delta['tool_calls']) calls.delta(call)
      }
    }
    // Of two reasons the later one counts, unless it says less.
    const reason = finishReason(choice)
    if (reason !== undefined && (last === undefined || reason !== 'stop')) {
      last = { choice, reason }
    }
  }
  return {
    next(chunk) {
      if (isOver) return
      const failure = failureInChunk(chunk)
      if (failure !== undefined) {
        isOver = true
        emit({ kind: 'error', error: failure })
        return
      }
      const { choices } = chunk
      const choice = Array.isArray(choices) ? choices.find(isFirst) : undefined
      const usage = decodeUsage(chunk['usage'], source.profile)
      if (choice === undefined && usage === undefined) return
      if (!hasStarted) start(chunk)
      if (isObject(choice)) readChoice(choice)
      if (usage !== undefined) emit({ kind: 'usage', usage })
    },
    end() {
      if (isOver) return
      isOver = true
      if (last === undefined) throw senseless('no finish reason before its end')
      const finish = decodeFinish(last.choice, last.reason, calls.hasAny())
      calls.end(finish.reason === 'length')
      emit({ kind: 'finish', finish })
      emit({ kind: 'end' })
    },
  }
}

const isFirst = (choice: unknown): boolean => isObject(choice) && (choice['index'] ?? 0) === 0
