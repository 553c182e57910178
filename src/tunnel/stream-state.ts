import { receiveWindow, sendCredit, type WindowPool } from './credit.ts'
import type { Side, StreamFrame } from './frames.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * One call, as one side sees it: what may come next, what may be sent, and when it is over. It knows nothing of sockets.
 *
 * The gateway makes one when it sends REQUEST, a connector when it receives one; that first frame is not booked. Every
 * later frame that comes in goes through `receive`; before DATA and RESPONSE go out, `send` books them.
 */
export interface StreamState {
  /** The connector has handed the request to the model: sending it again could run it twice. */
  readonly isAccepted: boolean
  /** The head of the answer came, or was sent. */
  readonly isAnswered: boolean
  /** Nothing more comes or goes. Later frames of this stream are late ones, to be ignored. */
  readonly isOver: boolean
  /** All that this side has to send was sent. */
  readonly hasSentLast: boolean
  /** How many bytes of data may be sent now. */
  readonly sendable: number
  /** Bytes of data that came and were not taken yet. */
  readonly held: number
  /** Checks and books a frame that came in. @throws {ProtocolError} when it is out of order or beyond its credit. */
  receive(frame: StreamFrame): void
  /** Books what is sent. @throws {RangeError} when it is out of order or beyond its credit: a mistake on this side. */
  send(frame: SendableFrame): void
  /** Books bytes that the reader took; what to grant now with a WINDOW frame, 0 for none. */
  take(bytes: number): number
}

type SendableFrame =
  | { readonly type: 'accepted' | 'reset' }
  | { readonly type: 'response'; readonly isLast: boolean }
  | { readonly type: 'data'; readonly bytes: Uint8Array; readonly isLast: boolean }

export interface StreamOptions {
  readonly side: Side
  /** Whether REQUEST was the last frame of the request. */
  readonly hasNoBody: boolean
  /** What the other side lets us send at first. */
  readonly sendWindow: number
  /** What we let the other side send at first. */
  readonly receiveWindow: number
  /** Where the receive window may grow from. */
  readonly pool?: WindowPool
}

export function streamState(options: StreamOptions): StreamState {
  const isGateway = options.side === 'gateway'
  const sending = sendCredit(options.sendWindow)
  const receiving = receiveWindow(options.receiveWindow, options.pool)
  let isAccepted = false
  let isAnswered = false
  let isReset = false
  let hasSentLast = isGateway && options.hasNoBody
  let hasReceivedLast = !isGateway && options.hasNoBody

  /** An answer that is whole ends the call, even where the model did not wait for all of the request. */
  const isOver = (): boolean => isReset || (isGateway ? hasReceivedLast : hasSentLast)
  const settle = (): void => {
    if (isOver()) receiving.close()
  }

  const receiveData = (bytes: number, isLast: boolean): void => {
    if (isGateway && !isAnswered) throw new ProtocolError('data before response')
    if (hasReceivedLast) throw new ProtocolError('data after the last')
    receiving.receive(bytes)
    hasReceivedLast = isLast
  }

  return {
    get isAccepted() {
      return isAccepted
    },
    get isAnswered() {
      return isAnswered
    },
    get isOver() {
      return isOver()
    },
    get hasSentLast() {
      return hasSentLast
    },
    get sendable() {
      return isOver() || hasSentLast ? 0 : sending.left
    },
    get held() {
      return receiving.held
    },
    receive(frame) {
      switch (frame.type) {
        case 'request':
          throw new ProtocolError('request on a stream that is open')
        case 'accepted':
          if (isAccepted) throw new ProtocolError('accepted twice')
          isAccepted = true
          break
        case 'response':
          if (isAnswered) throw new ProtocolError('response twice')
          isAccepted = true
          isAnswered = true
          hasReceivedLast = frame.isLast
          break
        case 'data':
          receiveData(frame.bytes.length, frame.isLast)
          break
        case 'window':
          sending.grant(frame.bytes)
          break
        case 'reset':
          isReset = true
          break
        case 'alive':
          break
        default:
          frame satisfies never
      }
      settle()
    },
    send(frame) {
      if (isOver()) throw new RangeError('the stream is over')
      switch (frame.type) {
        case 'accepted':
          isAccepted = true
          break
        case 'response':
          if (isAnswered) throw new RangeError('response twice')
          isAnswered = true
          hasSentLast = frame.isLast
          break
        case 'data':
          if (hasSentLast) throw new RangeError('data after the last')
          if (!isGateway && !isAnswered) throw new RangeError('data before response')
          sending.spend(frame.bytes.length)
          hasSentLast = frame.isLast
          break
        case 'reset':
          isReset = true
          break
        default:
          frame satisfies never
      }
      settle()
    },
    take(bytes) {
      const granted = receiving.take(bytes)
      return isReset || hasReceivedLast ? 0 : granted
    },
  }
}
