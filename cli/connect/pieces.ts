/** Bytes in the pieces that they came in, which are never put together: that would be a copy of each of them. */
export interface Pieces {
  readonly isEmpty: boolean
  readonly add: (piece: Uint8Array) => void
  /** The next bytes, at most so many; at least one where it is not empty. */
  readonly take: (maxBytes: number) => Uint8Array
}

const NOTHING = new Uint8Array(0)

export function createPieces(): Pieces {
  const waiting: Uint8Array[] = []
  return {
    get isEmpty() {
      return waiting.length === 0
    },
    add(piece) {
      if (piece.length > 0) waiting.push(piece)
    },
    take(maxBytes) {
      const [piece = NOTHING] = waiting
      if (piece.length <= maxBytes) {
        waiting.shift()
        return piece
      }
      waiting[0] = piece.subarray(maxBytes)
      return piece.subarray(0, maxBytes)
    },
  }
}
