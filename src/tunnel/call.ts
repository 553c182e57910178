import { answerBody, type AnswerBody, type HeldMemory } from './answer-body.ts'
import type { RequestHead, ResponseHead } from './frame-json.ts'
import type { Frame, StreamFrame } from './frames.ts'
import { GATEWAY_WINDOW_BYTES, MAX_PAYLOAD_BYTES } from './limits.ts'
import type { OutgoingBody } from './outgoing-body.ts'
import { streamState } from './stream-state.ts'

/** Why a call failed: a connector's `ResetCode`, or what befell the connection. */
export interface CallFailure {
  readonly kind: 'failure'
  readonly code: string
  /** For administrators. */
  readonly message?: string
  /** The model may have begun to work on it. */
  readonly isAccepted: boolean
}

/** The head of the model's answer, and its body, which ends with an error where it breaks off. */
export interface CallAnswer {
  readonly kind: 'answer'
  readonly head: ResponseHead
  readonly body: ReadableStream<Uint8Array> | null
}

export type CallOutcome = CallAnswer | CallFailure

/** A call that is to be made. */
export interface OutgoingCall {
  readonly head: RequestHead
  readonly body: OutgoingBody | undefined
}

/** One call on one connection. */
export interface Call {
  readonly outcome: Promise<CallOutcome>
  /** Takes a frame of this call's stream; its bytes may keep their message where that is said. @throws {ProtocolError} */
  receive(frame: StreamFrame, mayKeep: boolean): void
  /** The connection is gone, or is being given up. */
  fail(code: string, message: string): void
  /** Nobody waits for the answer any more. */
  cancel(): void
}

/** Where a call's frames go, and who is told of it. */
export interface CallLine {
  readonly stream: number
  readonly sendWindow: number
  readonly memory: HeldMemory
  send(frame: Frame): void
  /** The stream has ended; its number is done with. May be said more than once. */
  over(): void
  /** An answer broke off after it had begun. */
  brokeOff(failure: CallFailure): void
}

const NOTHING = new Uint8Array(0)
/** Answers that have no body. https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** Sends a request and sees its answer through. */
export function startCall(line: CallLine, { head, body }: OutgoingCall): Call {
  const { stream, memory, sendWindow } = line
  const hasNoBody = body === undefined
  const receiveWindow = GATEWAY_WINDOW_BYTES
  const state = streamState({ side: 'gateway', hasNoBody, sendWindow, receiveWindow, pool: memory })
  const { promise: outcome, resolve } = Promise.withResolvers<CallOutcome>()
  let answer: AnswerBody | undefined
  let wakeSender: (() => void) | undefined

  const over = (): void => {
    wakeSender?.()
    // A model may answer before it has all of the request.
    if (state.isAnswered) body?.cancel()
    line.over()
  }

  const reset = (): void => {
    if (state.isOver) return
    line.send({ type: 'reset', stream, notice: { code: 'cancelled' } })
    state.send({ type: 'reset' })
    over()
  }

  const broken = (code: string, message = ''): void => {
    const failure = { kind: 'failure', code, message, isAccepted: state.isAccepted } as const
    resolve(failure)
    if (answer === undefined) return
    line.brokeOff(failure)
    answer.breakOff(`tunnel: ${code}`)
  }

  const cancel = (): void => {
    reset()
    broken('cancelled')
  }

  const begin = (answerHead: ResponseHead): void => {
    if (state.isOver || NULL_BODY.has(answerHead.status)) {
      resolve({ kind: 'answer', head: answerHead, body: null })
      reset()
      return
    }
    const took = (bytes: number): void => {
      const granted = state.take(bytes)
      if (granted > 0) line.send({ type: 'window', stream, bytes: granted })
    }
    answer = answerBody(memory, { took, left: reset })
    resolve({ kind: 'answer', head: answerHead, body: answer.readable })
  }

  const creditComes = (): Promise<void> => new Promise((wake) => (wakeSender = wake))

  const sendBody = async (from: OutgoingBody): Promise<void> => {
    while (!state.isOver && !state.hasSentLast) {
      if (state.sendable === 0) {
        await creditComes()
        continue
      }
      const bytes = await from.read(Math.min(state.sendable, MAX_PAYLOAD_BYTES))
      if (state.isOver) return
      const frame = { type: 'data', bytes: bytes ?? NOTHING, isLast: bytes === undefined } as const
      state.send(frame)
      line.send({ ...frame, stream })
    }
  }

  const receive = (frame: StreamFrame, mayKeep: boolean): void => {
    state.receive(frame)
    if (state.isAccepted) body?.settle()
    if (frame.type === 'response') begin(frame.head)
    if (frame.type === 'data') {
      answer?.write(frame.bytes, mayKeep)
      if (frame.isLast) answer?.close()
    }
    if (frame.type === 'window') wakeSender?.()
    if (frame.type === 'reset') broken(frame.notice.code, frame.notice.message)
    if (state.isOver) over()
  }

  line.send({ type: 'request', stream, head, isLast: hasNoBody })
  // The caller's body broke off: nobody waits for the answer to half a question. A whole answer is still being read.
  const giveUp = (): void => {
    if (!state.isOver) cancel()
  }
  if (body !== undefined) sendBody(body).catch(giveUp)

  return {
    outcome,
    receive,
    fail(code, message) {
      if (state.isOver) return
      state.send({ type: 'reset' })
      over()
      broken(code, message)
    },
    cancel,
  }
}
