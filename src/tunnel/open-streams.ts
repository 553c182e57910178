import { MAX_STREAM_ID } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

/** The streams of one connection by id. Ids only go up, so a frame of a stream that is over is told from one of none. */
export interface OpenStreams<Stream> {
  readonly size: number
  /** The highest id that was ever opened. */
  readonly highest: number
  /** Adds a stream. @throws {ProtocolError} when its id is not higher than all before. */
  add(id: number, stream: Stream): void
  /** The stream that a frame is for; undefined where it is over: the frame is late, ignore it. @throws {ProtocolError} */
  find(id: number): Stream | undefined
  remove(id: number): void
  /** All that are open now, as a list that later changes leave alone. */
  all(): Stream[]
}

/** `after` is the highest id that was used before on this connection. */
export function openStreams<Stream>(after = 0): OpenStreams<Stream> {
  const streams = new Map<number, Stream>()
  let highest = after
  return {
    get size() {
      return streams.size
    },
    get highest() {
      return highest
    },
    add(id, stream) {
      if (id <= highest || id > MAX_STREAM_ID) throw new ProtocolError('stream id used before')
      highest = id
      streams.set(id, stream)
    },
    find(id) {
      if (id > highest) throw new ProtocolError('frame of a stream that was never opened')
      return streams.get(id)
    },
    remove(id) {
      streams.delete(id)
    },
    all: () => [...streams.values()],
  }
}
