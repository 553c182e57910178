import { EventStreamCodec } from '@smithy/eventstream-codec'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AwsEvent,
  awsExceptionFrame,
  awsFrameReader,
} from '../../src/streams/aws-event-stream.ts'
import { bytesOf, join, splitsOf, textOf } from './byte-streams.ts'

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

/** Frames that two other implementations agree on. */
const STOP = fromHex(
  '0000007a00000051ca2c46650b3a6576656e742d7479706507000b6d65737361676553746f700d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2273746f70526561736f6e223a22656e645f7475726e227d5fbf09fc',
)
const THROTTLED = fromHex(
  '0000008800000061de0175f40f3a657863657074696f6e2d747970650700137468726f74746c696e67457863657074696f6e0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e7b226d657373616765223a22736c6f7720646f776e227d832ee072',
)
const STOP_EVENT = {
  messageType: 'event',
  type: 'messageStop',
  payload: '{"stopReason":"end_turn"}',
}
const THROTTLED_EVENT = {
  messageType: 'exception',
  type: 'throttlingException',
  payload: '{"message":"slow down"}',
}

const codec = new EventStreamCodec(textOf, bytesOf)
const frame = (names: Record<string, string>, body: string): Uint8Array =>
  codec.encode({
    headers: Object.fromEntries(
      Object.entries(names).map(([name, value]) => [name, { type: 'string', value }]),
    ),
    body: bytesOf(body),
  })

function read(reads: readonly Uint8Array[]): AwsEvent[] {
  const events: AwsEvent[] = []
  const reader = awsFrameReader((event) => events.push(event))
  for (const bytes of reads) reader.read(bytes)
  return events
}

describe('#7 frames are read', () => {
  test.each([
    ['an event', STOP, [STOP_EVENT]],
    ['an exception', THROTTLED, [THROTTLED_EVENT]],
    ['several', join([STOP, STOP, THROTTLED]), [STOP_EVENT, STOP_EVENT, THROTTLED_EVENT]],
    ['none', new Uint8Array(0), []],
    [
      'an error that is not modelled',
      frame({ ':message-type': 'error', ':error-code': 'InternalError' }, ''),
      [{ messageType: 'error', type: 'InternalError', payload: '' }],
    ],
    ['no headers', frame({}, '{}'), [{ messageType: 'event', type: '', payload: '{}' }]],
    [
      'characters of many bytes',
      frame({ ':message-type': 'event', ':event-type': 'é' }, '漢🎉'),
      [{ messageType: 'event', type: 'é', payload: '漢🎉' }],
    ],
  ])('split anywhere: %s', (_, bytes, events) => {
    for (const reads of splitsOf(bytes)) expect(read(reads)).toEqual(events)
  })

  test('and the beginning of one more is known', () => {
    for (let at = 1; at < STOP.length; at++) {
      expect(read([STOP, STOP.subarray(0, at)])).toEqual([STOP_EVENT])
    }
  })
})

describe('#7 frames that another implementation writes', () => {
  const header = fc.oneof(
    fc
      .string({ unit: 'grapheme', maxLength: 40 })
      .map((value) => ({ type: 'string' as const, value })),
    fc.boolean().map((value) => ({ type: 'boolean' as const, value })),
    fc.integer({ min: -128, max: 127 }).map((value) => ({ type: 'byte' as const, value })),
    fc.integer({ min: -32_768, max: 32_767 }).map((value) => ({ type: 'short' as const, value })),
    fc.integer().map((value) => ({ type: 'integer' as const, value })),
    fc.uint8Array({ maxLength: 20 }).map((value) => ({ type: 'binary' as const, value })),
    fc.date({ noInvalidDate: true }).map((value) => ({ type: 'timestamp' as const, value })),
    fc.uuid().map((value) => ({ type: 'uuid' as const, value })),
  )
  const name = fc.constantFrom(
    ':message-type',
    ':event-type',
    ':exception-type',
    ':error-code',
    'x',
    'é',
  )
  const message = fc.record({
    headers: fc.dictionary(name, header),
    body: fc.string({ unit: 'grapheme', maxLength: 60 }),
  })

  test('are read, whatever headers they have', () => {
    const textIn = (value: { type: string; value: unknown } | undefined): string =>
      value?.type === 'string' ? String(value.value) : ''
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), (messages) => {
        const frames = messages.map(({ headers, body }) =>
          codec.encode({ headers, body: bytesOf(body) }),
        )
        expect(read([join(frames)])).toEqual(
          messages.map(({ headers, body }) => ({
            messageType: textIn(headers[':message-type']) || 'event',
            type:
              textIn(headers[':event-type']) ||
              textIn(headers[':exception-type']) ||
              textIn(headers[':error-code']),
            payload: body,
          })),
        )
      }),
      { numRuns: 500 },
    )
  })
})

describe('#7 bytes that are no frame are an error', () => {
  test('behind the frames before them, in one read too', () => {
    const events: AwsEvent[] = []
    const reader = awsFrameReader((event) => events.push(event))
    const broken = STOP.slice()
    broken[STOP.length - 1] = (broken[STOP.length - 1] ?? 0) ^ 0x01
    expect(() => reader.read(join([STOP, THROTTLED, broken]))).toThrow('bad frame checksum')
    expect(events).toEqual([STOP_EVENT, THROTTLED_EVENT])
  })

  test('when any one byte is not what it was', () => {
    for (let at = 0; at < STOP.length; at++) {
      const broken = STOP.slice()
      broken[at] = (broken[at] ?? 0) ^ 0x01
      // Enough behind it that a longer length finds its bytes.
      expect(() => read([broken, new Uint8Array(17 * 1024 * 1024)])).toThrow()
    }
  })

  test.each([
    ['nothing', '00000000'],
    ['less than a frame', '0000000f'],
    ['more than anyone sends', '01000001'],
    ['all that can be said', 'ffffffff'],
  ])('when the length is %s', (_, length) => {
    const reader = awsFrameReader(() => expect.unreachable())
    // It is believed only with its checksum behind it.
    reader.read(fromHex(`${length}0000`))
    expect(() => reader.read(fromHex('000000000000'))).toThrow('bad frame length')
  })

  test('when it is text', () => {
    expect(() => read([bytesOf('{"message":"The security token is expired"}')])).toThrow()
    expect(() => read([bytesOf('event: message_start\ndata: {}\n\n')])).toThrow()
  })
})

describe('an exception frame', () => {
  test('is one that others read', () => {
    const bytes = awsExceptionFrame('internalServerException', 'stopped "early" é')
    expect(read([bytes])).toEqual([
      {
        messageType: 'exception',
        type: 'internalServerException',
        payload: '{"message":"stopped \\"early\\" é"}',
      },
    ])
    const { headers, body } = codec.decode(bytes)
    expect(headers).toEqual({
      ':message-type': { type: 'string', value: 'exception' },
      ':exception-type': { type: 'string', value: 'internalServerException' },
      ':content-type': { type: 'string', value: 'application/json' },
    })
    expect(JSON.parse(textOf(body))).toEqual({ message: 'stopped "early" é' })
  })
})
