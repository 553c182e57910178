import { describe, expect, test } from 'vitest'
import type { SseEvent } from '../../src/core/wire-format.ts'
import { observeSse } from '../../src/streams/observe.ts'
import { bytesOf, splitsOf, textOf, through } from './byte-streams.ts'

const FAILURE = 'data: {"failed":true}\n\n'

const observer = () => ({
  marks: ['[DONE]', '"error"', '"fault"'],
  isLast: ({ data }: SseEvent) => data === '[DONE]' || data === '{"error":{}}',
  foreignError: ({ data }: SseEvent) =>
    data === '{"fault":1}' ? 'data: {"error":{}}\n\n' : undefined,
  failure: () => FAILURE,
})

const pass = (reads: readonly Uint8Array[], cut = false): string =>
  textOf(through(observeSse(observer()), reads, cut))

const WHOLE = [
  ['LF', 'data: {"a":"é🎉"}\n\n: keep-alive\n\ndata:{"b":1}\n\ndata: [DONE]\n\n'],
  [
    'CRLF',
    'data: {"a":"é🎉"}\r\n\r\n: keep-alive\r\n\r\ndata: {"b":1}\r\n\r\ndata: [DONE]\r\n\r\n',
  ],
  ['CR', 'data: {"a":1}\r\rdata: {"b":1}\r\rdata: [DONE]\r\r'],
  ['names', 'event: x\ndata: {"a":1}\n\nevent: end\ndata: [DONE]\n\n'],
  ['several lines of data', 'data: {\ndata: }\n\ndata: [DONE]\n\n'],
  ['no blank line at the end', 'data: {"a":1}\n\ndata: [DONE]\n'],
  ['no line end at the end', 'data: {"a":1}\n\ndata: [DONE]'],
  ['its own error last', 'data: {"a":1}\n\ndata: {"error":{}}\n\n'],
  ['more behind the last event', 'data: [DONE]\n\n: bye\n\ndata: {"x":1}\n\n'],
  ['half an event behind the last one', 'data: [DONE]\n\ndata: {"x"'],
] as const

describe('a stream that ends as it should is passed on byte for byte', () => {
  test.each(WHOLE)('%s', (_, text) => {
    for (const reads of splitsOf(bytesOf(text))) expect(pass(reads)).toBe(text)
  })
})

describe('a stream that ends early ends in a failure', () => {
  // Where an event is whole, by the byte behind it.
  const events = ['data: {"a":"é🎉"}\n\n', ': keep-alive\n\n', 'event: x\ndata:{"b":1}\n\n']
  const all = bytesOf(`${events.join('')}data: [DONE]\n\n`)
  const ends = events.map((_, index) => bytesOf(events.slice(0, index + 1).join('')).length)

  test.each([
    ['the upstream died', true],
    ['the upstream closed', false],
  ])('at every byte: %s', (_, cut) => {
    const lastEvent = bytesOf(events.join('')).length + bytesOf('data: [DONE]').length
    for (let at = 0; at < lastEvent; at++) {
      const whole = Math.max(0, ...ends.filter((end) => end <= at))
      const expected = textOf(all.slice(0, whole)) + FAILURE
      for (const reads of [
        [all.slice(0, at)],
        Array.from(all.slice(0, at), (byte) => Uint8Array.of(byte)),
      ]) {
        expect(pass(reads, cut)).toBe(expected)
      }
    }
  })

  test('when it died in the last event, which nobody then sees', () => {
    expect(pass([bytesOf('data: {"a":1}\n\ndata: [DONE]\n')], true)).toBe(
      `data: {"a":1}\n\n${FAILURE}`,
    )
  })

  test('and in none when it died behind the last event', () => {
    const text = 'data: {"a":1}\n\ndata: [DONE]\n\n'
    for (const reads of splitsOf(bytesOf(text))) expect(pass(reads, true)).toBe(text)
    expect(pass([bytesOf(`${text}data: {"x"`)], true)).toBe(text)
  })

  test('when it sent nothing', () => {
    expect(pass([])).toBe(FAILURE)
    expect(pass([], true)).toBe(FAILURE)
  })
})

describe('an error in another shape is said in the dialect', () => {
  const before = 'data: {"a":1}\n\n'
  const said = 'data: {"error":{}}\n\n'

  test.each([
    [
      'and what comes behind it is not passed on',
      `${before}data: {"fault":1}\n\ndata: {"x":1}\n\n`,
    ],
    ['and the end behind it neither', `${before}data: {"fault":1}\n\ndata: [DONE]\n\n`],
    ['where it is last', `${before}data: {"fault":1}\n\n`],
    ['where it is last, without a blank line', `${before}data: {"fault":1}\n`],
    ['where it is last, without a line end', `${before}data: {"fault":1}`],
  ])('%s', (_, text) => {
    for (const reads of splitsOf(bytesOf(text))) expect(pass(reads)).toBe(before + said)
  })

  test('once, when the upstream dies behind it', () => {
    const text = `${before}data: {"fault":1}\n\ndata: {"x"`
    for (const reads of splitsOf(bytesOf(text))) expect(pass(reads, true)).toBe(before + said)
  })
})

describe('an event that does not end', () => {
  const MEBIBYTE = new Uint8Array(1024 * 1024).fill(0x61)

  test('is given up', () => {
    const stage = observeSse(observer())
    expect(stage.next(bytesOf('data: {"a":1}\n\ndata: ')).length).toBeGreaterThan(0)
    const readMore = () => {
      for (let read = 0; read < 17; read++) stage.next(MEBIBYTE)
    }
    expect(readMore).toThrow(/too large/)
    expect(textOf(stage.end(true))).toBe(FAILURE)
  })

  test('of many small reads costs about what it costs whole', () => {
    const event = bytesOf(`data: "${'a'.repeat(8 * 1024 * 1024)}"\n\ndata: [DONE]\n\n`)
    const reads: Uint8Array[] = []
    for (let at = 0; at < event.length; at += 512) reads.push(event.subarray(at, at + 512))
    const stage = observeSse(observer())
    const total = reads.reduce((length, bytes) => length + stage.next(bytes).length, 0)
    expect(total).toBe(event.length)
    expect(stage.end(false)).toHaveLength(0)
  }, 5000)
})

test('an event that is not meant for the caller is seen and left out; what stands beside it goes on', () => {
  const seen: string[] = []
  const stage = observeSse({
    marks: ['[DONE]', 'secret'],
    isLast: ({ data }) => {
      seen.push(data)
      return data === '[DONE]'
    },
    isHidden: ({ data }) => data === 'secret',
    foreignError: () => undefined,
    failure: () => 'failed',
  })
  const encoder = new TextEncoder()
  const sent = ['data: a\n\n', 'data: b\n\nda', 'ta: secret\n\ndata: c\n\n', 'data: [DONE]\n\n']
    .map((text) => new TextDecoder().decode(stage.next(encoder.encode(text))))
    .join('|')
  expect(sent).toBe('data: a\n\n|data: b\n\n|data: c\n\n|data: [DONE]\n\n')
  expect(seen).toContain('secret')
  expect(stage.end(false)).toHaveLength(0)
})
