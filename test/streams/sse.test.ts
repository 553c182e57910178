import { createParser } from 'eventsource-parser'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SseEvent } from '../../src/core/wire-format.ts'
import { sseReader, sseText, wholeEventsLength } from '../../src/streams/sse.ts'
import { bytesOf, splitsOf, textOf } from './byte-streams.ts'

describe('whole events end behind the last blank line', () => {
  test.each([
    ['', ''],
    ['\n', ''],
    ['data: a', ''],
    ['data: a\n', ''],
    ['data: a\r\n', ''],
    ['data: a\r', ''],
    ['data: a\n\n', 'data: a\n\n'],
    ['data: a\r\n\r\n', 'data: a\r\n\r\n'],
    ['data: a\r\r', 'data: a\r\r'],
    ['data: a\n\r\n', 'data: a\n\r\n'],
    ['data: a\r\n\n', 'data: a\r\n\n'],
    ['data: a\n\ndata: b', 'data: a\n\n'],
    ['data: a\n\ndata: b\n', 'data: a\n\n'],
    ['data: a\r\rdata: b\r', 'data: a\r\r'],
    ['data: a\r\n\r\ndata: b\r\n', 'data: a\r\n\r\n'],
    ['data: a\n\ndata: b\n\n: c', 'data: a\n\ndata: b\n\n'],
    [': comment\n\n', ': comment\n\n'],
    ['data: ü🎉\n\ndata: ü', 'data: ü🎉\n\n'],
    ['\n\n', '\n\n'],
  ])('%j: %j', (text, whole) => {
    expect(wholeEventsLength(bytesOf(text))).toBe(bytesOf(whole).length)
  })

  const line = fc.constantFrom('data: a', 'event: x', ': c', 'data:', '', 'data: é')
  const lineEnd = fc.constantFrom('\n', '\r', '\r\n')

  test('is what the standard says, for lines that end in any way', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(line, lineEnd), { maxLength: 8 }), line, (lines, last) => {
        const text = lines.map((pair) => pair.join('')).join('') + last
        // A blank line is a line end right behind another one.
        const ends = Array.from(text.matchAll(/\r\n|\r|\n/g), ({ index, 0: end }) => ({
          from: index,
          to: index + end.length,
        }))
        const blank = ends.findLast(({ from }, i) => i > 0 && ends[i - 1]?.to === from)
        const expected = blank ? bytesOf(text.slice(0, blank.to)).length : 0
        expect(wholeEventsLength(bytesOf(text))).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  test('is the same when what was seen before is not looked at again', () => {
    const text = bytesOf('data: a\r\ndata: b\n\ndata: c\r\n\r\ndata: d\n\r\ndata: e')
    const ends = Array.from(text, (_, at) => text.subarray(0, at + 1))
    for (const [seen, before] of ends.entries()) {
      if (wholeEventsLength(before) > 0) break
      for (const all of ends.slice(seen)) {
        expect(wholeEventsLength(all, before.length)).toBe(wholeEventsLength(all))
      }
    }
  })
})

function eventsOf(reads: readonly Uint8Array[]): SseEvent[] {
  const events: SseEvent[] = []
  const feed = sseReader((event) => events.push(event))
  for (const bytes of reads) feed(bytes)
  return events
}

describe('events are read, split anywhere', () => {
  test.each<[string, string, SseEvent[]]>([
    [
      'LF',
      'data: a\n\ndata: b\n\n',
      [
        { name: '', data: 'a' },
        { name: '', data: 'b' },
      ],
    ],
    [
      'CRLF',
      'data: a\r\n\r\ndata: b\r\n\r\n',
      [
        { name: '', data: 'a' },
        { name: '', data: 'b' },
      ],
    ],
    [
      'CR',
      'data: a\r\rdata: b\r\r',
      [
        { name: '', data: 'a' },
        { name: '', data: 'b' },
      ],
    ],
    ['no space', 'data:a\n\n', [{ name: '', data: 'a' }]],
    ['two spaces', 'data:  a\n\n', [{ name: '', data: ' a' }]],
    [
      'names',
      'event: x\ndata: a\n\nevent:y\ndata:b\n\n',
      [
        { name: 'x', data: 'a' },
        { name: 'y', data: 'b' },
      ],
    ],
    ['the name behind the data', 'data: a\nevent: x\n\n', [{ name: 'x', data: 'a' }]],
    ['several lines of data', 'data: {\ndata: }\n\n', [{ name: '', data: '{\n}' }]],
    ['comments', ': keep-alive\n\n:\n\ndata: a\n: c\n\n', [{ name: '', data: 'a' }]],
    ['ids and times', 'id: 1\nretry: 5\ndata: a\n\n', [{ name: '', data: 'a' }]],
    ['no data', 'event: x\n\n', []],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ name: '', data: 'a' }]],
    ['characters of many bytes', 'data: é€🎉漢\n\n', [{ name: '', data: 'é€🎉漢' }]],
    ['blank lines more than needed', '\n\ndata: a\n\n\n\n', [{ name: '', data: 'a' }]],
    ['half an event', 'data: a\n\ndata: b\n', [{ name: '', data: 'a' }]],
  ])('%s', (_, text, expected) => {
    for (const reads of splitsOf(bytesOf(text))) expect(eventsOf(reads)).toEqual(expected)
  })
})

describe('events are read as another reader reads them', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'data: a',
      'data:b',
      'data',
      'data:',
      'event: x',
      'event',
      ': c',
      'id: 1',
      'datax: y',
      '',
    ),
    fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .map((text) => `data: ${text.replaceAll(/[\r\n]/g, '')}`),
  )
  const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 12 })

  test('whatever their lines are, and wherever they are split', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(), { maxLength: 6 }), (pairs, cuts) => {
        const text = `${pairs.map((pair) => pair.join('')).join('')}\n\n`
        const expected: SseEvent[] = []
        createParser({
          onEvent: ({ event = '', data }) => expected.push({ name: event, data }),
        }).feed(text)
        const bytes = bytesOf(text)
        const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]
        const places = ends.toSorted((one, other) => one - other)
        const reads = places.map((end, i) => bytes.subarray(places[i - 1] ?? 0, end))
        expect(eventsOf(reads)).toEqual(expected)
      }),
      { numRuns: 3000 },
    )
  })

  test('but one that never ends is not waited for', () => {
    const feed = sseReader(() => undefined)
    const piece = new Uint8Array(1024 * 1024).fill(0x61)
    expect(() => Array.from({ length: 17 }, () => feed(piece))).toThrow('too large')
  })
})

describe('an event is written', () => {
  test.each([
    ['', '{"a":1}', 'data: {"a":1}\n\n'],
    ['message_stop', '{}', 'event: message_stop\ndata: {}\n\n'],
  ])('%j %j', (name, data, text) => {
    expect(sseText(name, data)).toBe(text)
  })

  test('so that it is read back as it was', () => {
    const name = fc.stringMatching(/^[a-z_.]{0,10}$/)
    fc.assert(
      fc.property(name, fc.jsonValue(), (eventName, value) => {
        const data = JSON.stringify(value)
        const bytes = bytesOf(sseText(eventName, data))
        expect(textOf(bytes)).toBe(sseText(eventName, data))
        expect(eventsOf([bytes])).toEqual([{ name: eventName, data }])
      }),
    )
  })
})
