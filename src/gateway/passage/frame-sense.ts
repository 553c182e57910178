import type { AwsEvent } from '../../streams/aws-event-stream.ts'
import type { FrameSense } from '../../streams/read-events.ts'
import { exceptionError } from '../failure/stream-errors.ts'
import type { Target } from '../target/target.ts'
import { claudeDataInFrame } from './claude-frames.ts'
import type { ChatService } from './upstream-formats.ts'

/** How the events of a service are found in Amazon's frames: Claude's are wrapped once more, Converse's are the payload. */
export function frameSense({ format }: ChatService, target: Target): FrameSense {
  return {
    event: format === 'anthropic-messages' ? claudeEvent : plainEvent,
    exception: (frame) => exceptionError(frame, target),
  }
}

const plainEvent: FrameSense['event'] = ({ type, payload }) => ({ name: type, data: payload })

/** Unnamed: its decoder finds the type in the data. */
function claudeEvent(frame: AwsEvent): ReturnType<FrameSense['event']> {
  const data = claudeDataInFrame(frame)
  return data === undefined ? undefined : { name: '', data }
}
