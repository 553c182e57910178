/** CRC-32 (IEEE 802.3): it finds accidents, and stops no attacker. */

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb88320 : 0)
  return rest
})

/** The state before the first byte. */
export const CRC_START = -1

/** The state behind some bytes more, `from` and `to` being places among them. */
export function crcOver(bytes: Uint8Array, from: number, to: number, state: number): number {
  let crc = state
  for (let at = from; at < to; at++) crc = crcOfByte(bytes[at] ?? 0, crc)
  return crc
}

/** The state behind one byte more. */
export function crcOfByte(byte: number, state: number): number {
  return (state >>> 8) ^ (TABLE[(state ^ byte) & 0xff] ?? 0)
}

/** The checksum that a state stands for, at least 0. */
export function crcOf(state: number): number {
  return ~state >>> 0
}
