import { streamOfWhole } from '../../formats/openai-chat/whole-as-stream.ts'
import { streamOfText } from '../../streams/stream-of-text.ts'
import type { Passage } from './passage.ts'

/**
 * For callers who want a stream of a service that has none (`streams: false`) and speaks Chat Completions: it is asked for
 * a whole answer, and the stream that it would have sent goes through the passage's own stage, so that every
 * caller's format is served.
 *
 * `prepareRequest` and `answerCall` do the rest; the service's edits take `stream` out of the body.
 */
export function passSynthesised(inner: Passage): Passage {
  return {
    ...inner,
    asksForStream: false,
    asStream: (body) => streamOfText(body, streamOfWhole),
  }
}
