import type { ChatEvent } from '../../core/chat-events.ts'
import type { Trace } from '../record/trace.ts'

/** Hands an answer's events on, and takes note of what they tell of its tokens and its model. */
export function tellingEvents(
  emit: (event: ChatEvent) => void,
  { meter }: Trace,
): (event: ChatEvent) => void {
  return (event) => {
    if (event.kind === 'usage' || event.kind === 'start') meter.tell(event)
    emit(event)
  }
}
