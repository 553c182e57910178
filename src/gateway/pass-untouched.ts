import { editMembers } from '../core/json-members.ts'
import type { JsonObject } from '../core/parse.ts'
import type { GatewayError } from '../core/errors.ts'
import type { StreamDialect } from '../core/wire-format.ts'
import { observeSse } from '../streams/observe.ts'
import type { WatchedStage } from '../streams/reading-stage.ts'
import { rewriteEvents } from '../streams/rewrite.ts'
import { sseText } from '../streams/sse.ts'
import type { Service } from '../providers/provider.ts'
import { claudeEventInFrame } from './claude-frames.ts'
import type { HostSide, Passage } from './passage.ts'
import { cutOffError, exceptionError, inStreamError } from './stream-errors.ts'
import type { Target } from './target.ts'
import type { Trace } from './trace.ts'

export interface UntouchedCall {
  readonly service: Service
  /** The caller's body as it came. */
  readonly text: string
  /** The same, read. */
  readonly body: JsonObject
  readonly host: HostSide
  readonly dialect: StreamDialect
}

/** The same format on both sides: every byte goes as it came, but for what the host must have otherwise. */
export function passUntouched(
  { service, text, body, host, dialect }: UntouchedCall,
  trace: Trace,
): Passage {
  return {
    service,
    pathFor: (target) => host.pathFor(target),
    headersFor: (target) => host.headersFor(target),
    bodyFor: (target) => editMembers(text, host.editsFor(target, body)),
    stageFor({ target }) {
      return service.framing === 'aws-event-stream'
        ? unframed(dialect, target, trace)
        : watched(dialect, target, trace)
    },
  }
}

/** Claude's events out of Amazon's frames. */
function unframed(dialect: StreamDialect, target: Target, trace: Trace): WatchedStage {
  return rewriteEvents({
    rewrite: ({ name, data }) => sseText(name, data),
    isLast: (event) => dialect.isLast(event),
    errorIn(event) {
      const said = dialect.errorIn(event)
      return said && inStreamError(said, target)
    },
    failure: (error) => dialect.failure(error, trace.requestId),
    cutOff: () => cutOffError(trace),
    frames: {
      event: claudeEventInFrame,
      exception: (frame) => exceptionError(frame, target),
    },
  })
}

/** The stream as it comes, byte for byte, but for errors that are said in another dialect. */
function watched(dialect: StreamDialect, target: Target, trace: Trace): WatchedStage {
  let hasBegun = false
  let earlyFailure: GatewayError | undefined
  /** Remembers an error that comes first, before any event that is none. */
  const note = (error: GatewayError | undefined): void => {
    if (!hasBegun) earlyFailure = error
    hasBegun = true
  }
  const failure = (error: GatewayError): string => {
    note(error)
    return dialect.failure(error, trace.requestId)
  }
  const stage = observeSse({
    marks: dialect.marks,
    isLast(event) {
      if (!hasBegun) {
        const said = dialect.errorIn(event)
        note(said && inStreamError(said, target))
      }
      return dialect.isLast(event)
    },
    foreignError(event) {
      const said = dialect.foreignError?.(event)
      return said && failure(inStreamError(said, target))
    },
    failure: () => failure(cutOffError(trace)),
  })
  return {
    next: (bytes) => stage.next(bytes),
    end: (cut) => stage.end(cut),
    get earlyFailure() {
      return earlyFailure
    },
  }
}
