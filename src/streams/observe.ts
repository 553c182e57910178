import type { SseEvent } from '../core/wire-format.ts'
import { heldBytes } from './held-bytes.ts'
import type { ByteStage } from './pump.ts'
import { sseText, sseTextReader, wholeEventsLength } from './sse.ts'

const MAX_EVENT_BYTES = 16 * 1024 * 1024
const NOTHING = new Uint8Array(0)

export interface SseObserver {
  /** Words of which every event that matters here, but for the first, holds at least one. */
  readonly marks: readonly string[]
  /** Sees each event as it passes; true when the dialect ends with it. */
  isLast(event: SseEvent): boolean
  /** The text to send in place of an event that is an error in another shape than the dialect's. */
  foreignError(event: SseEvent): string | undefined
  /** Whether an event is not meant for the caller: it is seen, and left out. */
  isHidden?(event: SseEvent): boolean
  /** The text for a stream that ended without its last event. */
  failure(): string
}

/**
 * Passes server-sent events on byte for byte, whole events at a time, and watches for the last one: a stream that
 * ends before it ends in a failure. The beginning of an event that never came whole is not passed on.
 */
export function observeSse(observer: SseObserver): ByteStage {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  const held = heldBytes()
  let hasBegun = false
  const matters = (text: string): boolean =>
    !hasBegun || observer.marks.some((mark) => text.includes(mark))
  let isOver = false
  let replaced: string | undefined
  let passed: SseEvent[] = []
  let hasHidden = false
  const passedText = (): string => passed.map(({ name, data }) => sseText(name, data)).join('')
  const parse = sseTextReader((event) => {
    hasBegun = true
    if (isOver) return
    const error = observer.foreignError(event)
    const isLast = error !== undefined || observer.isLast(event)
    if (error !== undefined) replaced = passedText() + error
    else if (observer.isHidden?.(event) === true) hasHidden = true
    else passed.push(event)
    isOver = isLast
  })
  return {
    next(bytes) {
      const seen = held.length
      const buffer = held.join(bytes)
      const length = wholeEventsLength(buffer, seen)
      held.hold(buffer.subarray(length))
      if (held.length > MAX_EVENT_BYTES) throw new Error('event too large')
      if (length === 0 || replaced !== undefined) return NOTHING
      const whole = buffer.subarray(0, length)
      if (isOver) return whole
      const text = decoder.decode(whole)
      if (!matters(text)) return whole
      passed = []
      hasHidden = false
      parse(text)
      if (replaced !== undefined) return encoder.encode(replaced)
      return hasHidden ? encoder.encode(passedText()) : whole
    },
    end(cut) {
      const rest = held.join(NOTHING)
      if (!cut && !isOver && rest.length > 0) {
        // Some servers leave out the blank line behind their last event.
        passed = []
        parse(`${decoder.decode(rest)}\n\n`)
        if (replaced !== undefined) return encoder.encode(replaced)
      }
      if (isOver) return cut || replaced !== undefined ? NOTHING : rest
      return encoder.encode(observer.failure())
    },
  }
}
