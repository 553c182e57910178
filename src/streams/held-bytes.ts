const NOTHING = new Uint8Array(0)

/** Bytes that wait for more to make a whole of something. Room grows by doubling: something large in many small reads costs no more than in one. */
export class HeldBytes {
  length = 0
  #room: Uint8Array = NOTHING

  /** What was held back, with these bytes behind it. */
  join(bytes: Uint8Array): Uint8Array {
    if (this.length === 0) return bytes
    const needed = this.length + bytes.length
    if (needed > this.#room.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#room.length))
      grown.set(this.#room.subarray(0, this.length))
      this.#room = grown
    }
    this.#room.set(bytes, this.length)
    return this.#room.subarray(0, needed)
  }

  /** Holds back what is left at the end of what `join` gave. */
  hold(rest: Uint8Array): void {
    this.length = rest.length
    if (rest.length === 0) {
      this.#room = NOTHING
      return
    }
    // Where something was taken from the front it may still be under way, so nothing is written near it.
    const isAll =
      rest.buffer === this.#room.buffer &&
      rest.byteOffset === this.#room.byteOffset &&
      rest.length <= this.#room.length
    if (!isAll) this.#room = rest
  }
}
