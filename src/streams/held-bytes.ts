/** Bytes that wait for more to make a whole of something. */
export interface HeldBytes {
  readonly length: number
  /** What was held back, with these bytes behind it. */
  join(bytes: Uint8Array): Uint8Array
  /** Holds back what is left at the end of what `join` gave. */
  hold(rest: Uint8Array): void
}

/** Room grows by doubling: something large in many small reads costs no more than in one. */
export function heldBytes(): HeldBytes {
  let room: Uint8Array = new Uint8Array(0)
  let length = 0
  return {
    get length() {
      return length
    },
    join(bytes) {
      if (length === 0) return bytes
      const needed = length + bytes.length
      if (needed > room.length) {
        const grown = new Uint8Array(Math.max(needed, 2 * room.length))
        grown.set(room.subarray(0, length))
        room = grown
      }
      room.set(bytes, length)
      return room.subarray(0, needed)
    },
    hold(rest) {
      // Where something was taken from the front it may still be under way, so nothing is written near it.
      const isAll =
        rest.buffer === room.buffer &&
        rest.byteOffset === room.byteOffset &&
        rest.length <= room.length
      if (!isAll) room = rest
      length = rest.length
    },
  }
}
