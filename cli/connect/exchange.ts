import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Notice, ResetCode } from '../../src/tunnel/frame-json.ts'
import type { Frame, RequestFrame, StreamFrame } from '../../src/tunnel/frames.ts'
import { DEFAULT_WINDOW_BYTES, MAX_PAYLOAD_BYTES } from '../../src/tunnel/limits.ts'
import { streamState } from '../../src/tunnel/stream-state.ts'
import type { Credential } from './credential.ts'
import { modelFailure } from './model-failure.ts'
import { fromModel, toModel } from './model-headers.ts'
import type { ModelServer } from './model-server.ts'
import { createPieces } from './pieces.ts'

/** One call on its way between the tunnel and the model server. */
export interface Exchange {
  /** Takes the next frame of this call. @throws {ProtocolError} */
  readonly receive: (frame: StreamFrame) => void
  /** Sends on what the model has said, as far as there is credit and room. */
  readonly pump: () => void
  /** Is called `TICKS_PER_ALIVE` times in the time after which a call that says nothing must say that it goes on. */
  readonly tick: () => void
  /** Ends the call at once. With a code the other side is told. */
  readonly abort: (code?: ResetCode) => void
}

export const TICKS_PER_ALIVE = 4

/** What a call needs of the connection that it came over. */
export interface ExchangeLink {
  readonly server: ModelServer
  readonly credential: () => Credential
  /** What the other side lets us send at first. */
  readonly sendWindow: number
  readonly send: (frame: Frame) => void
  /** Whether so much waits to be sent that no more should be read from models. */
  readonly isClogged: () => boolean
  /** Milliseconds from some moment on. */
  readonly clock: () => number
  readonly onEnd: (result: ExchangeResult) => void
}

/** How a call ended. */
export interface ExchangeResult {
  /** `done`, or the code that it was reset with by either side. */
  readonly outcome: string
  /** Of the model's answer, where there was one. */
  readonly status?: number
  readonly firstByteMs?: number
  readonly ms: number
  readonly receivedBytes: number
  readonly sentBytes: number
}

/** Begins the call that a REQUEST frame asks for, and forwards both ways until it is over. */
export function beginExchange(
  { stream, head, isLast }: RequestFrame,
  link: ExchangeLink,
): Exchange {
  const { server, send } = link
  const state = streamState({
    side: 'connector',
    hasNoBody: isLast,
    sendWindow: link.sendWindow,
    receiveWindow: DEFAULT_WINDOW_BYTES,
  })
  const headers = toModel(head.headers, server.target.host, link.credential())
  // Of a body that is not there, nobody is to wait for the bytes.
  if (isLast) delete headers['content-length']
  const length = lengthIn(headers)
  // Of GET and DELETE, Node would send the bytes of a body without saying where it ends.
  if (!isLast && length === undefined) headers['transfer-encoding'] = 'chunked'
  const startedAt = link.clock()
  let answer: { readonly status: number; readonly firstByteMs: number } | undefined
  let response: IncomingMessage | undefined
  let receivedBytes = 0
  let sentBytes = 0
  let silentTicks = 0
  let isEnded = false
  let isWhole = false
  const pieces = createPieces()

  const say = (frame: Frame): void => {
    silentTicks = 0
    send(frame)
  }
  const end = (outcome: string): void => {
    isEnded = true
    // What the model still does for this call is for nobody.
    request.destroy()
    const ms = Math.round(link.clock() - startedAt)
    link.onEnd({ outcome, ...answer, ms, receivedBytes, sentBytes })
  }
  const reset = (code: ResetCode, message?: string): void => {
    if (isEnded) return
    const notice: Notice = message === undefined ? { code } : { code, message }
    state.send({ type: 'reset' })
    say({ type: 'reset', stream, notice })
    end(code)
  }
  const fail = (error: unknown): void => {
    const code = state.isAccepted ? 'model_failed' : 'model_unreachable'
    reset(code, modelFailure(error, server.target).message)
  }

  const request: ClientRequest = server.request(
    { method: head.method, path: head.path, headers },
    () => {
      if (isEnded) return
      state.send({ type: 'accepted' })
      say({ type: 'accepted', stream })
    },
  )
  request.on('error', fail)
  request.on('close', () => {
    // Such as after a 101, which is neither an answer nor an error.
    if (!response) fail(undefined)
  })
  request.on('response', (message) => {
    response = message
    message.on('error', fail)
    message.on('data', (piece: Buffer) => {
      pieces.add(piece)
      pump()
    })
    message.on('end', () => {
      isWhole = message.complete
      pump()
    })
    message.on('close', () => {
      if (!isWhole) fail(undefined)
    })
    const status = message.statusCode ?? 0
    if (isEnded || status < 200 || status > 599) return reset('model_failed', 'Not an HTTP status.')
    answer = { status, firstByteMs: Math.round(link.clock() - startedAt) }
    state.send({ type: 'response', isLast: false })
    const answerHead = { status, headers: fromModel(message.rawHeaders) }
    say({ type: 'response', stream, head: answerHead, isLast: false })
  })
  if (isLast) request.end()

  function pump(): void {
    const source = isEnded ? undefined : response
    if (!source) return
    while (!pieces.isEmpty && state.sendable > 0 && !link.isClogged()) {
      const bytes = pieces.take(Math.min(state.sendable, MAX_PAYLOAD_BYTES))
      sentBytes += bytes.length
      state.send({ type: 'data', bytes, isLast: false })
      say({ type: 'data', stream, bytes, isLast: false })
    }
    if (!pieces.isEmpty) source.pause()
    else if (isWhole) finish()
    else if (source.isPaused()) source.resume()
  }

  function finish(): void {
    const last = { type: 'data', bytes: NOTHING, isLast: true } as const
    state.send(last)
    say({ ...last, stream })
    end('done')
  }

  function receiveBody(bytes: Uint8Array, isLastOfBody: boolean): void {
    receivedBytes += bytes.length
    const missing = (length ?? receivedBytes) - receivedBytes
    if (missing < 0 || (isLastOfBody && missing > 0)) return reset('internal_error', WRONG_LENGTH)
    request.write(bytes, () => {
      const granted = state.take(bytes.length)
      if (granted > 0 && !isEnded) say({ type: 'window', stream, bytes: granted })
    })
    if (isLastOfBody) request.end()
  }

  return {
    pump,
    receive(frame) {
      state.receive(frame)
      if (frame.type === 'data') receiveBody(frame.bytes, frame.isLast)
      else if (frame.type === 'window') pump()
      else if (frame.type === 'reset') end(frame.notice.code)
    },
    tick() {
      silentTicks += 1
      if (silentTicks >= TICKS_PER_ALIVE) say({ type: 'alive', stream })
    },
    abort(code) {
      if (code === undefined) end('disconnected')
      else reset(code)
    },
  }
}

/** How long the body is that the model was told of. */
function lengthIn({ 'content-length': length }: Readonly<Record<string, string>>) {
  return length === undefined ? undefined : Number(length)
}

const WRONG_LENGTH = 'The request was not as long as it said.'

const NOTHING = new Uint8Array(0)
