import { expect, test } from 'vitest'
import { decodeFrames, encodeFrames, type Frame } from '../../src/tunnel/frames.ts'
import { joinData } from '../../src/tunnel/join-data.ts'
import { mayKeepMessage } from '../../src/tunnel/kept-message.ts'

const data = (stream: number, length: number): Frame => ({
  type: 'data',
  stream,
  bytes: new Uint8Array(length),
  isLast: false,
})
const alive: Frame = { type: 'alive', stream: 9 }

test.each<[string, Frame[], boolean]>([
  ['of one reader alone', [data(1, 60_000), data(1, 500), data(1, 60_000)], true],
  ['of a small event', [data(1, 100)], true],
  ['of one reader for the most part', [alive, data(1, 60_000), alive], true],
  ['of two readers', [data(1, 60_000), data(2, 60_000)], false],
  [
    'with little for its reader',
    [...Array.from({ length: 100 }, () => alive), data(1, 900)],
    false,
  ],
  ['with a byte', [data(1, 1)], false],
])('whether a message is kept until it is read: one %s', (_, sent, expected) => {
  const message = encodeFrames(...sent)
  const frames = decodeFrames(message, 'connector')
  expect(mayKeepMessage(frames, message.length)).toBe(expected)
  expect(mayKeepMessage(joinData(frames), message.length)).toBe(expected)
})
