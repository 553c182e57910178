import { EventStreamCodec } from '@smithy/eventstream-codec'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import type { SseEvent } from '../../src/core/wire-format.ts'
import { awsExceptionFrame } from '../../src/streams/aws-event-stream.ts'
import { rewriteEvents } from '../../src/streams/rewrite.ts'
import { sseText } from '../../src/streams/sse.ts'
import { bytesOf, join, splitsOf, textOf, through } from './byte-streams.ts'

const codec = new EventStreamCodec(textOf, bytesOf)

/** A frame whose type is the event's name and whose body is its data. */
const frame = (type: string, body: string, messageType = 'event'): Uint8Array =>
  codec.encode({
    headers: {
      ':message-type': { type: 'string', value: messageType },
      ':event-type': { type: 'string', value: type },
    },
    body: bytesOf(body),
  })

const errorOf = (said: string): GatewayError => new GatewayError('upstream_error', said)

const rewriter = {
  rewrite: ({ name, data }: SseEvent) => (data === 'left out' ? '' : sseText(name, data)),
  isLast: ({ name }: SseEvent) => name === 'stop',
  errorIn: ({ name, data }: SseEvent) => (name === 'error' ? errorOf(data) : undefined),
  failure: ({ message }: GatewayError) => `failed: ${message}\n\n`,
  cutOff: () => errorOf('cut off'),
}

const stage = () =>
  rewriteEvents({
    ...rewriter,
    frames: {
      event({ type, payload }) {
        if (type === 'unreadable') throw new Error('bad chunk')
        return type === 'initial-response' ? undefined : { name: type, data: payload }
      },
      exception: ({ type, payload }) => errorOf(`${type} ${payload}`),
    },
  })

const pass = (reads: readonly Uint8Array[], cut = false): string =>
  textOf(through(stage(), reads, cut))

const CUT_OFF = 'failed: cut off\n\n'
const START = frame('start', '{"a":"é🎉"}')
const STOP = frame('stop', '{}')
const START_TEXT = 'event: start\ndata: {"a":"é🎉"}\n\n'
const STOP_TEXT = 'event: stop\ndata: {}\n\n'

describe("Amazon's frames become server-sent events", () => {
  test.each([
    ['each as it is', [START, START, STOP], START_TEXT + START_TEXT + STOP_TEXT],
    [
      'without those that carry none',
      [frame('initial-response', '{}'), START, STOP],
      START_TEXT + STOP_TEXT,
    ],
    ['until the last one', [START, STOP, START], START_TEXT + STOP_TEXT],
    [
      'until an exception',
      [START, awsExceptionFrame('throttlingException', 'slow'), START, STOP],
      `${START_TEXT}failed: throttlingException {"message":"slow"}\n\n`,
    ],
    ['until an error', [START, frame('x', 'y', 'error')], `${START_TEXT}failed: x y\n\n`],
    ['and a missing end is a failure', [START], START_TEXT + CUT_OFF],
    ['and nothing at all is a failure', [], CUT_OFF],
  ])('%s', (_, frames, text) => {
    for (const reads of splitsOf(join(frames))) expect(pass(reads)).toBe(text)
  })
})

describe('a stream that is cut ends in a failure', () => {
  const all = join([START, START, STOP])

  test.each([
    ['the upstream died', true],
    ['the upstream closed', false],
  ])('at every byte: %s', (_, cut) => {
    for (let at = 0; at < all.length; at++) {
      const whole = START_TEXT.repeat(Math.min(2, Math.floor(at / START.length)))
      expect(pass([all.slice(0, at)], cut)).toBe(whole + CUT_OFF)
      expect(
        pass(
          Array.from(all.slice(0, at), (byte) => Uint8Array.of(byte)),
          cut,
        ),
      ).toBe(whole + CUT_OFF)
    }
  })

  test('and in none behind its last event', () => {
    expect(pass([all], true)).toBe(START_TEXT + START_TEXT + STOP_TEXT)
    expect(pass([all, START.slice(0, 20)], true)).toBe(START_TEXT + START_TEXT + STOP_TEXT)
    expect(pass([all, START.slice(0, 20)], false)).toBe(START_TEXT + START_TEXT + STOP_TEXT)
  })

  test.each([
    [
      'a broken checksum',
      Uint8Array.from(STOP, (byte, at) => (at === STOP.length - 1 ? byte ^ 1 : byte)),
    ],
    ['a frame that cannot be read', frame('unreadable', '{}')],
    ['text', bytesOf('<html>Bad gateway</html>')],
  ])('by %s', (_, bytes) => {
    expect(pass([START, bytes])).toBe(START_TEXT + CUT_OFF)
    expect(pass([START, bytes, STOP])).toBe(START_TEXT + CUT_OFF)
  })
})

describe('server-sent events are rewritten one by one', () => {
  const rewritten = (text: string, cut = false): string[] =>
    Array.from(splitsOf(bytesOf(text)), (reads) =>
      textOf(through(rewriteEvents(rewriter), reads, cut)),
    )

  test.each([
    ['each', 'data: 1\n\nevent: stop\ndata: é\n\n', 'data: 1\n\nevent: stop\ndata: é\n\n'],
    [
      'but for those left out',
      'data: left out\n\nevent: stop\ndata: 2\n\n',
      'event: stop\ndata: 2\n\n',
    ],
    ['without the last blank line', 'event: stop\ndata: 2', 'event: stop\ndata: 2\n\n'],
    [
      'until an error',
      'data: 1\n\nevent: error\ndata: no\n\nevent: stop\ndata: 2\n\n',
      'data: 1\n\nfailed: no\n\n',
    ],
    ['and a missing end is a failure', 'data: 1\n\n', `data: 1\n\n${CUT_OFF}`],
  ])('%s', (_, text, expected) => {
    expect(new Set(rewritten(text))).toEqual(new Set([expected]))
  })

  test('an error before any event is told apart', () => {
    const early = rewriteEvents(rewriter)
    early.next(bytesOf('event: error\ndata: no\n\n'))
    expect(early.earlyFailure?.message).toBe('no')
    const late = rewriteEvents(rewriter)
    late.next(bytesOf('data: 1\n\nevent: error\ndata: no\n\n'))
    expect(late.earlyFailure).toBeUndefined()
  })
})
