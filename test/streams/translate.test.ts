import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../src/core/chat-events.ts'
import { GatewayError } from '../../src/core/errors.ts'
import { type StreamTranslation, translateStream } from '../../src/streams/translate.ts'
import { bytesOf, splitsOf, textOf, through } from './byte-streams.ts'

/** A format whose events are their own meaning: a line of JSON for each. */
const translation = (): StreamTranslation => ({
  decoder: (emit) => ({
    next({ data }) {
      if (data === 'nonsense') throw new TypeError('nonsense')
      if (data === 'refused') throw new GatewayError('upstream_error', 'refused')
      emit(JSON.parse(data) as ChatEvent)
    },
    close: () => emit({ kind: 'usage', usage: {} }),
  }),
  encoder: {
    next: (event) => `[${event.kind}]`,
    fail: ({ message }) => `<${message}>`,
  },
  errorSaid: ({ message }) => new GatewayError('upstream_overloaded', message),
  cutOff: () => new GatewayError('upstream_error', 'cut off'),
})

const event = (kind: string, more: object = {}): string =>
  `data: ${JSON.stringify({ kind, ...more })}\n\n`
const START = event('start')
const TEXT = event('text', { text: 'é🎉' })
const END = event('end')
const ERROR = event('error', { error: { message: 'busy' } })

const results = (text: string, cut = false): Set<string> =>
  new Set(
    Array.from(splitsOf(bytesOf(text)), (reads) =>
      textOf(through(translateStream(translation()), reads, cut)),
    ),
  )

describe('a stream is translated event by event, wherever it is split', () => {
  test.each([
    ['whole', START + TEXT + END, '[start][text][end]'],
    ['whole, without its last blank line', (START + TEXT + END).trimEnd(), '[start][text][end]'],
    ['and nothing behind its end', START + END + TEXT + ERROR, '[start][end]'],
    ['closed without its end', START + TEXT, '[start][text][usage]<cut off>'],
    ['until an error', START + TEXT + ERROR + TEXT, '[start][text]<busy>'],
    ['until nonsense', `${START + TEXT}data: nonsense\n\n${TEXT}`, '[start][text]<cut off>'],
    ['until a refusal', `${START + TEXT}data: refused\n\n${TEXT}`, '[start][text]<refused>'],
    ['nothing', '', '[usage]<cut off>'],
  ])('%s', (_, text, expected) => {
    expect(results(text)).toEqual(new Set([expected]))
  })

  test('an upstream that died is not asked for its last word', () => {
    expect(results(START + TEXT, true)).toEqual(new Set(['[start][text]<cut off>']))
    expect(results(START + TEXT + END, true)).toEqual(new Set(['[start][text][end]']))
  })
})

describe('a failure is early when nothing of an answer came before it', () => {
  test.each([
    ['at once', ERROR, 'busy'],
    ['behind a beginning', START + event('ping') + ERROR, 'busy'],
    ['at once, by nonsense', 'data: nonsense\n\n', 'cut off'],
    ['behind text', START + TEXT + ERROR, undefined],
  ])('%s', (_, text, message) => {
    const stage = translateStream(translation())
    stage.next(bytesOf(text))
    expect(stage.earlyFailure?.message).toBe(message)
  })

  test('and an empty stream fails early', () => {
    const stage = translateStream(translation())
    stage.end(true)
    expect(stage.earlyFailure?.message).toBe('cut off')
  })
})
