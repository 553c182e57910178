import { MAX_WINDOW_BYTES } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * Flow control, as arithmetic. A WebSocket in a Worker tells nobody how much it holds back, so each side counts: on every
 * stream a side sends only what the other has said it has room for, and says so itself as its own reader takes bytes.
 */

/** What may still be sent on a stream. */
export interface SendCredit {
  readonly left: number
  /** Books bytes that are sent. @throws {RangeError} when there is no credit for them. */
  spend(bytes: number): void
  /** Books a WINDOW frame. @throws {ProtocolError} when it lets more than 1 MiB be sent at once. */
  grant(bytes: number): void
}

export function sendCredit(initialBytes: number): SendCredit {
  let left = initialBytes
  return {
    get left() {
      return left
    },
    spend(bytes) {
      if (bytes > left) throw new RangeError('more than there is credit for')
      left -= bytes
    },
    grant(bytes) {
      if (left + bytes > MAX_WINDOW_BYTES) throw new ProtocolError('window over 1 MiB')
      left += bytes
    },
  }
}

/** What the other side may send on a stream: never more than there is room for here. */
export interface ReceiveWindow {
  /** Bytes that came and were not taken yet. */
  readonly held: number
  /** Books bytes that came. @throws {ProtocolError} when there was no credit for them. */
  receive(bytes: number): void
  /** Books bytes that the reader took; what to grant now with a WINDOW frame, or 0 to wait until it is worth a frame. */
  take(bytes: number): number
  /** Nothing more will come: gives back what was borrowed. */
  close(): void
}

/** Room beyond the initial windows, shared by the streams whose readers keep up. */
export interface WindowPool {
  left: number
}

/**
 * A window that starts small, so that many streams cost little, and doubles, as far as the pool has room, when the sender
 * has used all of it and the reader has taken all of it: then it is the window that is too small for the way between them.
 */
export function receiveWindow(initialBytes: number, pool?: WindowPool): ReceiveWindow {
  let size = initialBytes
  let credit = initialBytes
  let held = 0
  let isClosed = false
  const grown = (): number => {
    if (pool === undefined || held > 0 || credit > size / 4) return 0
    const more = Math.min(size, MAX_WINDOW_BYTES - size, pool.left)
    pool.left -= more
    return more
  }
  return {
    get held() {
      return held
    },
    receive(bytes) {
      if (bytes > credit) throw new ProtocolError('data beyond the window')
      credit -= bytes
      held += bytes
    },
    take(bytes) {
      held -= bytes
      if (isClosed || size - credit - held < size / 2) return 0
      size += grown()
      const granted = size - credit - held
      credit += granted
      return granted
    },
    close() {
      if (pool !== undefined && !isClosed) pool.left += size - initialBytes
      isClosed = true
    },
  }
}
