import type { ChatEvent } from '../../../core/chat-events.ts'
import { GatewayError } from '../../../core/errors.ts'
import { isObject, tryParseJson } from '../../../core/parse.ts'
import type { DecodeSource, StreamDecoder } from '../../../core/translation.ts'
import type { ClaudeProfile } from '../profile.ts'
import { claudeEventReader } from './decode-events.ts'

/** What comes with events that say all by their name. */
const NOTHING: ReadonlySet<string> = new Set(['', '[DONE]'])

export function streamDecoder(
  source: DecodeSource<ClaudeProfile>,
  emit: (event: ChatEvent) => void,
): StreamDecoder {
  const read = claudeEventReader(source, emit)
  return {
    next({ name, data }) {
      const event = NOTHING.has(data) ? {} : tryParseJson(data)
      if (!isObject(event)) {
        throw new GatewayError(
          'upstream_error',
          'The provider sent an event that is no JSON object.',
        )
      }
      // An event's name is in its data too, and over some transports only there.
      const { type } = event
      read(typeof type === 'string' ? type : name, event)
    },
    // The format has a last word: where it did not come, the answer is not whole.
    close: () => undefined,
  }
}
