import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrames, encodeFrames, type Frame, type Side } from '../../src/tunnel/frames.ts'
import { ProtocolError } from '../../src/tunnel/protocol-error.ts'
import { CODES, frame, joined, uint32 } from './test-connector.ts'
import { bytesOf } from './world.ts'

const welcome = {
  connection: 'con_1',
  max_concurrent: 64,
  window: 65_536,
  ping_ms: 20_000,
  alive_ms: 5_000,
}
const hello = {
  agent: 'mine/1',
  max_concurrent: 4,
  window: 16_384,
  target: 'http://127.0.0.1:11434',
  models: ['phi-4', 'größer'],
}
const requestHead = {
  method: 'POST',
  path: '/v1/chat/completions?x=%20',
  headers: [['content-type', 'application/json']],
} as const
const responseHead = {
  status: 200,
  headers: [
    ['x-a', 'ä'],
    ['x-a', '2'],
  ],
} as const

/** One of each, who sends it, and the bytes that docs/tunnel.md says it has. */
const EACH: readonly (readonly [side: Side, frame: Frame, bytes: Uint8Array])[] = [
  ['connector', { type: 'hello', hello }, frame(1, 0, hello)],
  ['gateway', { type: 'welcome', welcome }, frame(2, 0, welcome)],
  ['gateway', { type: 'goaway', notice: { code: 'draining' } }, frame(3, 0, { code: 'draining' })],
  [
    'gateway',
    { type: 'request', stream: 7, head: requestHead, isLast: false },
    frame(4, 7, requestHead),
  ],
  [
    'gateway',
    { type: 'request', stream: 7, head: requestHead, isLast: true },
    frame(4, 7, requestHead, 1),
  ],
  ['connector', { type: 'accepted', stream: 1 }, frame(5, 1)],
  ['connector', { type: 'alive', stream: 1 }, frame(6, 1)],
  [
    'connector',
    { type: 'response', stream: 9, head: responseHead, isLast: true },
    frame(7, 9, responseHead, 1),
  ],
  [
    'gateway',
    { type: 'data', stream: 0xffff_ffff, bytes: bytesOf('ü'), isLast: false },
    frame(8, 0xffff_ffff, 'ü'),
  ],
  [
    'connector',
    { type: 'data', stream: 1, bytes: new Uint8Array(0), isLast: true },
    frame(8, 1, '', 1),
  ],
  ['connector', { type: 'window', stream: 1, bytes: 65_536 }, frame(9, 1, uint32(65_536))],
  [
    'connector',
    { type: 'reset', stream: 1, notice: { code: 'refused', message: 'no' } },
    frame(10, 1, { code: 'refused', message: 'no' }),
  ],
]

describe('every frame', () => {
  test.each(EACH)('from a %s: %j has the bytes of the page', (side, value, bytes) => {
    expect(encodeFrames(value)).toEqual(bytes)
    expect(decodeFrames(bytes, side)).toEqual([value])
  })

  test.each(EACH)('from a %s: %j is refused wherever it is cut off', (side, _, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeFrames(bytes.slice(0, length), side)).toThrow(ProtocolError)
    }
  })

  test('fits into a message with others, in order, wherever the message lies in its memory', () => {
    const sent = EACH.filter(([side]) => side === 'connector')
    const bytes = encodeFrames(...sent.map(([, value]) => value))
    const memory = joined(new Uint8Array(3), bytes, new Uint8Array(5))
    const found = decodeFrames(memory.subarray(3, 3 + bytes.length), 'connector')
    expect(found).toEqual(sent.map(([, value]) => value))
  })
})

const BIGGEST = 65_536

describe('limits', () => {
  test('a payload of 64 KiB passes, one byte more does not', () => {
    const bytes = new Uint8Array(BIGGEST)
    const data = { type: 'data', stream: 1, bytes, isLast: false } as const
    expect(decodeFrames(encodeFrames(data), 'connector')).toEqual([data])
    const more = new Uint8Array(BIGGEST + 1)
    expect(() => encodeFrames({ ...data, bytes: more })).toThrow(RangeError)
    expect(() => decodeFrames(frame('DATA', 1, more), 'connector')).toThrow('payload over 64 KiB')
  })

  test('a message over 1 MiB does not pass', () => {
    const frames = Array.from({ length: 17 }, () => frame('DATA', 1, new Uint8Array(BIGGEST)))
    expect(() => decodeFrames(joined(...frames), 'connector')).toThrow('message over 1 MiB')
  })
})

const J = (value: unknown): string => JSON.stringify(value)
const head = (changes: object): string => J({ ...requestHead, ...changes })
const answer = (changes: object): string => J({ ...responseHead, ...changes })

describe('what breaks the protocol', () => {
  test.each<readonly [why: string, side: Side, bytes: Uint8Array]>([
    ['unknown frame type', 'connector', frame(0, 1)],
    ['unknown frame type', 'connector', frame(11, 1)],
    ['unknown frame type', 'connector', frame(255, 1)],
    ['request is not for a connector to send', 'connector', frame('REQUEST', 1, requestHead)],
    ['welcome is not for a connector to send', 'connector', frame('WELCOME', 0, welcome)],
    ['hello is not for a gateway to send', 'gateway', frame('HELLO', 0, hello)],
    ['accepted is not for a gateway to send', 'gateway', frame('ACCEPTED', 1)],
    ['response is not for a gateway to send', 'gateway', frame('RESPONSE', 1, responseHead)],
    ['data on no stream', 'connector', frame('DATA', 0, 'x')],
    ['hello on a stream', 'connector', frame('HELLO', 1, hello)],
    ['unknown flag of data', 'connector', frame('DATA', 1, 'x', 2)],
    ['unknown flag of data', 'connector', frame('DATA', 1, 'x', 129)],
    ['unknown flag of accepted', 'connector', frame('ACCEPTED', 1, '', 1)],
    ['empty data that is not the last', 'connector', frame('DATA', 1)],
    ['accepted with a payload', 'connector', frame('ACCEPTED', 1, 'x')],
    ['window is not four bytes', 'connector', frame('WINDOW', 1, new Uint8Array(5))],
    ['window of nothing', 'connector', frame('WINDOW', 1, uint32(0))],
    ['frame cut off in its header', 'connector', joined(frame('ACCEPTED', 1), new Uint8Array(9))],
    ['hello is not UTF-8', 'connector', frame('HELLO', 0, new Uint8Array([0x7b, 0xff]))],
    ['hello is not a JSON object', 'connector', frame('HELLO', 0, '[]')],
    ['hello.agent', 'connector', frame('HELLO', 0, {})],
    ['hello.agent', 'connector', frame('HELLO', 0, { agent: 'x'.repeat(129) })],
    ['hello.max_concurrent', 'connector', frame('HELLO', 0, { ...hello, max_concurrent: 0 })],
    ['hello.window', 'connector', frame('HELLO', 0, { ...hello, window: 16_383 })],
    ['hello.window', 'connector', frame('HELLO', 0, { ...hello, window: 1_048_577 })],
    ['hello.models', 'connector', frame('HELLO', 0, { ...hello, models: [1] })],
    ['request.method', 'gateway', frame('REQUEST', 1, head({ method: 'GET /' }))],
    ['request.path', 'gateway', frame('REQUEST', 1, head({ path: 'http://evil/' }))],
    ['request.path', 'gateway', frame('REQUEST', 1, head({ path: '/a\r\nhost: evil' }))],
    ['request.headers', 'gateway', frame('REQUEST', 1, head({ headers: [['a']] }))],
    ['request.headers', 'gateway', frame('REQUEST', 1, head({ headers: [['A', 'upper']] }))],
    ['request.headers', 'gateway', frame('REQUEST', 1, head({ headers: [['a', 'x\r\ny: z']] }))],
    ['response.status', 'connector', frame('RESPONSE', 1, answer({ status: 101 }))],
    ['response.status', 'connector', frame('RESPONSE', 1, answer({ status: 600 }))],
    ['response.status', 'connector', frame('RESPONSE', 1, answer({ status: '200' }))],
    ['response.headers', 'connector', frame('RESPONSE', 1, answer({ headers: [['a b', 'x']] }))],
    ['welcome.ping_ms', 'gateway', frame('WELCOME', 0, { ...welcome, ping_ms: 999 })],
    ['welcome.ping_ms', 'gateway', frame('WELCOME', 0, { ...welcome, ping_ms: 2 ** 31 })],
    ['welcome.alive_ms', 'gateway', frame('WELCOME', 0, { ...welcome, alive_ms: 1 })],
    ['notice.code', 'connector', frame('RESET', 1, { code: 'No!' })],
  ])('%s', (why, side, bytes) => {
    expect(() => decodeFrames(bytes, side)).toThrow(ProtocolError)
    expect(() => decodeFrames(bytes, side)).toThrow(why)
  })

  test('random bytes are frames or a ProtocolError, and nothing else', () => {
    const anyHeader = fc
      .tuple(fc.nat(12), fc.nat(3), fc.nat(3), fc.nat(40), fc.uint8Array({ maxLength: 40 }))
      .map(([type, flags, stream, length, rest]) =>
        joined(new Uint8Array([type, flags, 0, 0, 0, stream, 0, 0, 0, length]), rest),
      )
    const anyMessage = fc.oneof(fc.uint8Array({ maxLength: 200 }), anyHeader)
    const sides = fc.constantFrom<Side>('gateway', 'connector')
    fc.assert(
      fc.property(anyMessage, sides, (bytes, side) => {
        try {
          const frames = decodeFrames(bytes, side)
          expect(encodeFrames(...frames).length).toBeGreaterThanOrEqual(10)
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('a reason is short enough for a close frame and quotes nothing', () => {
    const canary = 'kwc_CANARY'
    const reasons: string[] = []
    for (const name of Object.keys(CODES) as (keyof typeof CODES)[]) {
      for (const side of ['gateway', 'connector'] as const) {
        try {
          decodeFrames(frame(name, 1, { [canary]: canary, code: canary, agent: 1 }), side)
        } catch (error) {
          reasons.push((error as Error).message)
        }
      }
    }
    // DATA is any bytes, from either side.
    expect(reasons).toHaveLength(2 * Object.keys(CODES).length - 2)
    for (const reason of reasons) {
      expect(reason).not.toContain(canary)
      expect(bytesOf(reason).length).toBeLessThanOrEqual(120)
    }
  })
})

test('members that are not known are ignored, and what is not said has a default', () => {
  const said = frame('HELLO', 0, { agent: 'other/2', later: true })
  expect(decodeFrames(said, 'connector')).toEqual([
    { type: 'hello', hello: { agent: 'other/2', max_concurrent: 64, window: 262_144 } },
  ])
})
