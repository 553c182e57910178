import { callersToolName } from '../../../core/callers-tool-name.ts'
import type { ChatEvent } from '../../../core/chat-events.ts'
import { FREEFORM_HEAD, FREEFORM_TAIL } from '../../../core/freeform.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import { senseless } from './decode-failure.ts'
import { MAX_NAME_LENGTH } from './encode-tools.ts'
import type { PieceKind } from './message-pieces.ts'
import { type CallSoFar, callTracker, mintToolCallId } from './tool-deltas.ts'

/** Puts text and tool calls in order: one thing at a time, each ended before the next begins. */
export interface CallEvents {
  piece(kind: PieceKind, text: string): void
  /** A delta of a tool call, as the host gave it. */
  delta(delta: unknown): void
  /** Ends what is open. An answer that was cut off keeps its last call as far as it came. */
  end(isCutOff: boolean): void
  hasAny(): boolean
}

interface Call extends CallSoFar {
  readonly kind: 'call'
  /** Its number among the events; undefined until it is told of. */
  number?: number
  /** Arguments that could not be told yet. */
  held: string
  isEnded: boolean
}

interface Piece {
  readonly kind: PieceKind
  text: string
}

/**
 * Calls go straight through as they come. One that begins while another is not whole yet waits for it, and so does text:
 * hosts that give the pieces of several calls in turns are read in the order in which the calls began.
 */
export function callEvents(
  { requestId, request }: Pick<DecodeSource<unknown>, 'requestId' | 'request'>,
  emit: (event: ChatEvent) => void,
): CallEvents {
  /** What is open, and what waits for it. */
  const queue: (Call | Piece)[] = []
  let told = 0
  const callersName = callersToolName(request.tools, MAX_NAME_LENGTH)
  const track = callTracker<Call>((call) => ({ ...call, kind: 'call', held: '', isEnded: false }))

  const tellArguments = (call: number, text: string): void => {
    if (text !== '') emit({ kind: 'tool-arguments', call, text })
  }
  /** Tells what is known of a call: nothing before its id and its name are. */
  const tell = (call: Call): void => {
    if (call.number === undefined) {
      if (call.id === '' || call.name === '') return
      call.number = told
      told += 1
      emit({ kind: 'tool-call', call: call.number, id: call.id, name: callersName(call.name) })
      if (call.isCustom) tellArguments(call.number, FREEFORM_HEAD)
    }
    tellArguments(call.number, call.isCustom ? JSON.stringify(call.held).slice(1, -1) : call.held)
    call.held = ''
  }
  const endCall = (call: Call, isCutOff: boolean): void => {
    call.isEnded = true
    if (call.name === '') {
      if (isCutOff || call.progress.isEmpty()) return
      throw senseless('a tool call without a name')
    }
    if (call.id === '') call.id = mintToolCallId(requestId, call.ordinal)
    tell(call)
    if (call.number === undefined) return
    if (!isCutOff && call.isCustom) tellArguments(call.number, FREEFORM_TAIL)
    else if (!isCutOff && call.progress.isEmpty()) tellArguments(call.number, '{}')
    emit({ kind: 'tool-call-end', call: call.number })
  }
  const finish = (item: Call | Piece, isCutOff: boolean): void => {
    if (item.kind === 'call') endCall(item, isCutOff)
    else emit({ kind: item.kind, text: item.text })
  }
  const advance = (): void => {
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      if (head.kind === 'call') {
        const isDone = queue.length > 1 && (head.isCustom || head.progress.isWhole())
        if (!isDone) return tell(head)
      }
      finish(head, false)
      queue.shift()
    }
  }

  return {
    piece(kind, text) {
      const last = queue.at(-1)
      if (last === undefined) return emit({ kind, text })
      if (last.kind === kind) last.text += text
      else queue.push({ kind, text })
      advance()
    },
    delta(delta) {
      const found = track(delta)
      if (found === undefined) return
      const { call, isNew, text } = found
      if (call.isEnded) {
        if (text.trim() !== '') throw senseless('arguments for a tool call that had ended')
        return
      }
      if (isNew) queue.push(call)
      call.held += text
      advance()
    },
    end(isCutOff) {
      for (const item of queue) finish(item, isCutOff && item === queue.at(-1))
      queue.length = 0
    },
    hasAny: () => told > 0 || queue.some((item) => item.kind === 'call' && item.name !== ''),
  }
}
