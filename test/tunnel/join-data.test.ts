import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeFrames, encodeFrames, type Frame } from '../../src/tunnel/frames.ts'
import { joinData } from '../../src/tunnel/join-data.ts'
import { bytesOf } from './world.ts'

const data = (stream: number, text: string, isLast = false): Frame => ({
  type: 'data',
  stream,
  bytes: bytesOf(text),
  isLast,
})
const alive = (stream: number): Frame => ({ type: 'alive', stream })

/** As they come out of a message: views into it. */
const received = (frames: readonly Frame[]) => decodeFrames(encodeFrames(...frames), 'connector')

test.each<[string, Frame[], Frame[]]>([
  ['that follow each other', [data(1, 'ab'), data(1, 'c'), data(1, 'def')], [data(1, 'abcdef')]],
  ['up to the last', [data(1, 'ab'), data(1, '', true)], [data(1, 'ab', true)]],
  [
    'but not of two streams',
    [data(1, 'a'), data(2, 'b'), data(2, 'c'), data(1, 'd')],
    [data(1, 'a'), data(2, 'bc'), data(1, 'd')],
  ],
  [
    'but not around another frame',
    [data(1, 'a'), alive(2), data(1, 'b')],
    [data(1, 'a'), alive(2), data(1, 'b')],
  ],
  [
    'but not what comes behind the last',
    [data(1, 'a', true), data(1, 'b')],
    [data(1, 'a', true), data(1, 'b')],
  ],
  ['of which there are none', [alive(1), alive(2)], [alive(1), alive(2)]],
])('data %s', (_, frames, expected) => {
  expect(joinData(received(frames))).toEqual(expected)
})

test('no byte of any stream is lost, doubled or out of place', () => {
  const frame = fc.record({
    stream: fc.integer({ min: 1, max: 3 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  })
  const textOf = (frames: readonly Frame[], stream: number): string =>
    frames
      .flatMap((one) => (one.type === 'data' && one.stream === stream ? [one.bytes.toHex()] : []))
      .join('')
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 30 }), (sent) => {
      const frames = sent.map((one): Frame => ({ type: 'data', isLast: false, ...one }))
      const joined = joinData(received(frames))
      for (const stream of [1, 2, 3]) expect(textOf(joined, stream)).toBe(textOf(frames, stream))
      const runs = sent.filter(({ stream }, at) => stream !== sent[at - 1]?.stream).length
      expect(joined).toHaveLength(runs)
    }),
  )
})
