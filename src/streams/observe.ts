import type { SseEvent } from '../core/wire-format.ts'
import type { ByteStage } from './pump.ts'
import { eventsText, parseEvents, sseText, wholeEvents } from './sse.ts'

const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()

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
  const events = wholeEvents()
  let hasBegun = false
  const matters = (text: string): boolean => {
    if (!hasBegun) return true
    for (const mark of observer.marks) if (text.includes(mark)) return true
    return false
  }
  let replaced: string | undefined
  let passed: SseEvent[] = []
  let hasHidden = false
  const passedText = (): string => passed.map(({ name, data }) => sseText(name, data)).join('')
  const see = (event: SseEvent): void => {
    hasBegun = true
    if (stage.isOver) return
    const error = observer.foreignError(event)
    const isLast = error !== undefined || observer.isLast(event)
    if (error !== undefined) replaced = passedText() + error
    else if (observer.isHidden?.(event) === true) hasHidden = true
    else passed.push(event)
    stage.isOver = isLast
  }
  const stage = {
    isOver: false,
    next(bytes: Uint8Array) {
      const whole = events.take(bytes)
      if (whole === undefined || replaced !== undefined) return NOTHING
      if (stage.isOver) return whole
      const text = eventsText(whole)
      if (!matters(text)) return whole
      passed = []
      hasHidden = false
      parseEvents(text, see)
      if (replaced !== undefined) return encoder.encode(replaced)
      return hasHidden ? encoder.encode(passedText()) : whole
    },
    end(cut: boolean) {
      const rest = events.rest()
      if (!cut && !stage.isOver && rest.length > 0) {
        // Some servers leave out the blank line behind their last event.
        passed = []
        parseEvents(`${eventsText(rest)}\n\n`, see)
        if (replaced !== undefined) return encoder.encode(replaced)
      }
      if (stage.isOver) return cut || replaced !== undefined ? NOTHING : rest
      return encoder.encode(observer.failure())
    },
  }
  return stage
}
