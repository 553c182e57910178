import { createParser } from 'eventsource-parser'
import type { SseEvent } from '../core/wire-format.ts'

const LF = 0x0a
const CR = 0x0d

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

/** Calls back for each event in the bytes that are fed. Bytes may be split anywhere, within a character too. */
export function sseReader(onEvent: (event: SseEvent) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder()
  const read = sseTextReader(onEvent)
  return (bytes) => read(decoder.decode(bytes, { stream: true }))
}

/** The same for text. */
export function sseTextReader(onEvent: (event: SseEvent) => void): (text: string) => void {
  const parser = createParser({
    onEvent: ({ event, data }) => onEvent({ name: event ?? '', data }),
  })
  return (text) => parser.feed(text)
}

/** One event as text. JSON data holds no line end, so one `data` line is enough. */
export function sseText(name: string, data: string): string {
  return name === '' ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`
}
