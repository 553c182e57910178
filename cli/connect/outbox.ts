import type { WebSocket } from 'ws'
import { type Frame, HEADER_BYTES, writeFrames } from '../../src/tunnel/frames.ts'
import { MAX_PAYLOAD_BYTES } from '../../src/tunnel/limits.ts'
import { messageMemory } from './message-memory.ts'

/** What waits to be sent over a connection. */
export interface Outbox {
  readonly send: (frame: Frame) => void
  /** Whether the network is behind: then no more should be read from models, so that what waits here stays small. */
  readonly isClogged: () => boolean
  /** Sends what waits, now. */
  readonly flush: () => void
}

/** Frames of one turn of the event loop travel in one message of at most about so much. */
const FULL_BYTES = 256 * 1024

/** What the head of an answer is counted as: the most that Node takes of one is 16 KiB, and signs may be two bytes. */
const HEAD_BYTES = 32 * 1024

/** The last frame of a message makes it more than full. */
const BLOCK_BYTES = FULL_BYTES + MAX_PAYLOAD_BYTES + 64 * HEADER_BYTES

const CLOGGED_BYTES = 1024 * 1024

/** What it needs of a WebSocket. */
type Socket = Pick<WebSocket, 'readyState' | 'OPEN' | 'bufferedAmount'> & {
  readonly send: (message: Uint8Array, onSent: () => void) => void
}

/** Sends frames in order. `onRoom` is called when there is room again after it was clogged. */
export function createOutbox(socket: Socket, onRoom: () => void): Outbox {
  let frames: Frame[] = []
  let bytes = 0
  let wasClogged = false
  const memory = messageMemory(BLOCK_BYTES)

  const flush = (): void => {
    if (frames.length === 0) return
    const message = writeFrames(frames, memory.take)
    frames = []
    bytes = 0
    if (socket.readyState !== socket.OPEN) return
    socket.send(message, () => {
      memory.giveBack(message)
      onSent()
    })
  }
  const onSent = (): void => {
    if (!wasClogged || socket.bufferedAmount > CLOGGED_BYTES / 2) return
    wasClogged = false
    onRoom()
  }
  return {
    flush,
    send(frame) {
      // A message of one turn leaves when its turn ends: events of several streams share it, and none waits.
      if (frames.length === 0) setImmediate(flush)
      frames.push(frame)
      if (frame.type === 'data') bytes += frame.bytes.length
      else if (frame.type === 'response') bytes += HEAD_BYTES
      if (bytes >= FULL_BYTES) flush()
    },
    isClogged() {
      const isClogged = socket.bufferedAmount + bytes > CLOGGED_BYTES
      // Whoever was told so waits for room, whatever the next one is told.
      wasClogged ||= isClogged
      return isClogged
    },
  }
}
