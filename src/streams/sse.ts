import type { SseEvent } from '../core/wire-format.ts'
import { HeldBytes } from './held-bytes.ts'

const LF = 0x0a
const CR = 0x0d

/** A stream whose events are larger than this is not read any further. */
const MAX_EVENT_BYTES = 16 * 1024 * 1024

/**
 * The length of the part of `bytes` that is whole events: just behind the last blank line, or 0 when there is none.
 * The first `seen` bytes are known to end none.
 * Lines end in LF, CRLF or CR. https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export function wholeEventsLength(bytes: Uint8Array, seen = 0): number {
  for (let at = bytes.length - 1; at > 0 && at >= seen; at--) {
    const byte = bytes[at]
    if (byte !== LF && byte !== CR) continue
    const before = bytes[at - 1]
    // LF LF, CR CR or LF CR; CR LF is one line end, so it counts only behind another line end.
    if (before === LF || (before === CR && byte === CR)) return at + 1
    if (before === CR && at > 1 && (bytes[at - 2] === LF || bytes[at - 2] === CR)) return at + 1
  }
  return 0
}

/** Puts a stream's bytes together to whole events. */
export interface WholeEvents {
  /** The whole events that there are now; undefined where there is none. Throws where one is too large. */
  take(bytes: Uint8Array): Uint8Array | undefined
  /** The beginning of an event that is not whole. */
  rest(): Uint8Array
}

export function wholeEvents(): WholeEvents {
  const held = new HeldBytes()
  return {
    take(bytes) {
      const seen = held.length
      const all = held.join(bytes)
      const length = wholeEventsLength(all, seen)
      // Most reads are whole events and nothing else.
      if (length === all.length && seen === 0) return length === 0 ? undefined : all
      held.hold(all.subarray(length))
      if (held.length > MAX_EVENT_BYTES) throw new Error('event too large')
      return length === 0 ? undefined : all.subarray(0, length)
    },
    rest: () => held.join(NOTHING),
  }
}

const NOTHING = new Uint8Array(0)

/** Is only given whole events, so it keeps nothing between two of them, which is quicker, and one serves all streams. */
const decoder = new TextDecoder()

export function eventsText(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** Calls back for each event in the bytes that are fed. Bytes may be split anywhere, within a character too. */
export function sseReader(onEvent: (event: SseEvent) => void): (bytes: Uint8Array) => void {
  const events = wholeEvents()
  return (bytes) => {
    const whole = events.take(bytes)
    if (whole !== undefined) parseEvents(decoder.decode(whole), onEvent)
  }
}

const OTHER_LINE_ENDS = /\r\n?/g

/**
 * Calls back for each event in the text of whole events.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function parseEvents(given: string, onEvent: (event: SseEvent) => void): void {
  const text = given.includes('\r') ? given.replaceAll(OTHER_LINE_ENDS, '\n') : given
  let name = ''
  let data: string | undefined
  for (let at = 0, end; at < text.length; at = end + 1) {
    end = text.indexOf('\n', at)
    if (end === -1) return
    if (end === at) {
      if (data !== undefined) onEvent({ name, data })
      name = ''
      data = undefined
    } else if (text.startsWith('data:', at)) {
      const value = valueIn(text, at + 5, end)
      data = data === undefined ? value : `${data}\n${value}`
    } else if (text.startsWith('event:', at)) {
      name = valueIn(text, at + 6, end)
    } else if (text.startsWith('data\n', at)) {
      data = data === undefined ? '' : `${data}\n`
    } else if (text.startsWith('event\n', at)) {
      name = ''
    }
  }
}

const SPACE = 0x20

function valueIn(text: string, from: number, end: number): string {
  return text.slice(text.charCodeAt(from) === SPACE ? from + 1 : from, end)
}

/** One event as text. JSON data holds no line end, so one `data` line is enough. */
export function sseText(name: string, data: string): string {
  return name === '' ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`
}
