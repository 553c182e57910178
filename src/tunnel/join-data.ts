import type { DataFrame, Frame } from './frames.ts'

/**
 * The frames of one message, with data that follow each other on one stream made one: to write to a reader twice costs far
 * more than to move the bytes together. They stay within the message, and what was between them is overwritten.
 */
export function joinData(frames: readonly Frame[]): Frame[] {
  const joined: Frame[] = []
  for (const frame of frames) {
    const before = joined.at(-1)
    if (frame.type === 'data' && before?.type === 'data' && goesOn(before, frame)) {
      joined[joined.length - 1] = join(before, frame)
    } else joined.push(frame)
  }
  return joined
}

/** What comes behind the last of a stream breaks the protocol, and is not to be hidden. */
function goesOn(before: DataFrame, { stream }: DataFrame): boolean {
  return before.stream === stream && !before.isLast
}

function join(before: DataFrame, { stream, bytes, isLast }: DataFrame): DataFrame {
  const { buffer, byteOffset, length } = before.bytes
  const both = new Uint8Array(buffer, byteOffset, length + bytes.length)
  both.set(bytes, length)
  return { type: 'data', stream, bytes: both, isLast }
}
