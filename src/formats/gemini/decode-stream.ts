import type { ChatEvent } from '../../core/chat-events.ts'
import type { ReasoningProof } from '../../core/chat.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { stableHash } from '../../core/stable-hash.ts'
import type { DecodeSource, StreamDecoder } from '../../core/translation.ts'
import type { StreamedError } from '../../core/wire-format.ts'
import { decodeError } from './error.ts'
import { decodeFinishReason, isReason } from './finish.ts'
import type { GeminiProfile } from './profile.ts'
import { toolNameDecoder } from './tool-names.ts'
import { decodeUsage, updateCounts, type UsageCounts } from './usage.ts'

/** Reads answers of Google's, each of which is a chunk of a stream, or the whole of one. */
export interface ChunkReader {
  next(chunk: JsonObject): void
  /** Nothing more will come. Emits `end` where Google gave a reason for it. */
  close(): void
}

/**
 * A stream of GenerateContentResponses. It has no last word: a reason to finish comes with the last words or behind them, and
 * calls may have come long before it, so what it means is said when the stream was closed.
 */
export function streamDecoder(
  source: DecodeSource<GeminiProfile>,
  emit: (event: ChatEvent) => void,
): StreamDecoder {
  const reader = chunkReader(source, emit)
  return {
    next({ data }) {
      if (data === '') return
      const chunk = tryParseJson(data)
      if (!isObject(chunk)) {
        throw new GatewayError('upstream_error', 'The provider sent a chunk that makes no sense.')
      }
      reader.next(chunk)
    },
    close: () => reader.close(),
  }
}

export function chunkReader(
  { request, requestId }: DecodeSource<GeminiProfile>,
  emit: (event: ChatEvent) => void,
): ChunkReader {
  const nameOf = toolNameDecoder(request.tools)
  const counts: UsageCounts = {}
  let calls = 0
  let hasStarted = false
  let isOver = false
  let hasText = false
  let hasMedia = false
  let finishReason: string | undefined
  let blockReason: string | undefined

  const start = ({ responseId, modelVersion }: JsonObject): void => {
    if (hasStarted) return
    hasStarted = true
    const usage = decodeUsage(counts)
    emit({
      kind: 'start',
      ...(typeof responseId === 'string' ? { id: responseId } : {}),
      ...(typeof modelVersion === 'string' ? { model: modelVersion } : {}),
      ...(usage === undefined ? {} : { usage }),
    })
  }
  const fail = (error: StreamedError): void => {
    isOver = true
    emit({ kind: 'error', error })
  }
  const readCall = (functionCall: JsonObject, proof: ReasoningProof | undefined): void => {
    const { id, name, args } = functionCall
    const call = calls++
    emit({
      kind: 'tool-call',
      call,
      id: typeof id === 'string' && id !== '' ? id : `call_${call}_${stableHash(requestId, 9)}`,
      name: nameOf(typeof name === 'string' ? name : ''),
      ...(proof === undefined ? {} : { proof }),
    })
    emit({ kind: 'tool-arguments', call, text: JSON.stringify(args ?? {}) })
    emit({ kind: 'tool-call-end', call })
  }
  // Parts of other kinds come from tools of Google's own, which nobody asked for.
  const readPart = (part: unknown): void => {
    if (!isObject(part)) return
    const { text, thought, thoughtSignature, functionCall, inlineData } = part
    if (isObject(inlineData)) hasMedia = true
    const proof = proofOf(thoughtSignature)
    if (isObject(functionCall)) return readCall(functionCall, proof)
    if (typeof text !== 'string') return
    if (text !== '') {
      hasText ||= thought !== true
      emit({ kind: thought === true ? 'reasoning' : 'text', text })
    }
    if (proof !== undefined) emit({ kind: 'reasoning-proof', proof })
  }
  return {
    next(chunk) {
      if (isOver) return
      if (chunk['error'] !== undefined) return fail(errorOf(chunk))
      updateCounts(counts, chunk['usageMetadata'])
      start(chunk)
      const { promptFeedback } = chunk
      if (isObject(promptFeedback) && isReason(promptFeedback['blockReason'])) {
        blockReason = promptFeedback['blockReason']
      }
      const candidate = firstCandidate(chunk)
      if (candidate === undefined) return
      const { content } = candidate
      const parts = isObject(content) ? content['parts'] : undefined
      if (Array.isArray(parts)) for (const part of parts) readPart(part)
      if (!isReason(candidate['finishReason'])) return
      finishReason = candidate['finishReason']
      if (decodeFinishReason(finishReason, false) === 'error')
        fail(failureOf(candidate, finishReason))
    },
    close() {
      if (isOver || (finishReason === undefined && blockReason === undefined)) return
      if (hasMedia && !hasText && calls === 0) return fail({ status: 400, message: MADE_MEDIA })
      isOver = true
      const meant = decodeFinishReason(finishReason ?? 'SAFETY', calls > 0)
      const reason = meant === 'error' ? 'stop' : meant
      const usage = decodeUsage(counts)
      if (usage !== undefined) emit({ kind: 'usage', usage })
      emit({ kind: 'finish', finish: { reason } })
      emit({ kind: 'end' })
    },
  }
}

/** An answer of nothing else would be an empty one here. */
const MADE_MEDIA =
  'The model answered with an image or another file, for which this surface has no place. The native surface passes it on.'

function firstCandidate({ candidates }: JsonObject): JsonObject | undefined {
  if (!Array.isArray(candidates)) return undefined
  return candidates.find(
    (candidate: unknown): candidate is JsonObject =>
      isObject(candidate) && (candidate['index'] ?? 0) === 0,
  )
}

function proofOf(thoughtSignature: unknown): ReasoningProof | undefined {
  if (typeof thoughtSignature !== 'string' || thoughtSignature === '') return undefined
  return { family: 'gemini', kind: 'signature', value: thoughtSignature }
}

function errorOf(chunk: JsonObject): StreamedError {
  const { error } = chunk
  const code = isObject(error) ? error['code'] : undefined
  const isStatus = typeof code === 'number' && code >= 400 && code <= 599
  return {
    ...(decodeError(chunk) ?? { message: 'The provider reported an error.' }),
    ...(isStatus ? { status: code } : {}),
  }
}

/** The model wrote what is neither an answer nor a call that can be read. */
function failureOf({ finishMessage }: JsonObject, code: string): StreamedError {
  const told = typeof finishMessage === 'string' && finishMessage !== '' ? ` ${finishMessage}` : ''
  return { message: `The model's answer cannot be read (${code}).${told}`, code }
}
