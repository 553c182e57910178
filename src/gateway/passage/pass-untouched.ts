import type { GatewayError } from '../../core/errors.ts'
import { editMembers, type MemberEdits, memberReader } from '../../core/json-members.ts'
import { type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { askForUsage, isUsageChunk } from '../../formats/openai-chat/usage-chunk.ts'
import type { Service } from '../../providers/provider.ts'
import { observeSse } from '../../streams/observe.ts'
import type { WatchedStage } from '../../streams/reading-stage.ts'
import { rewriteEvents } from '../../streams/rewrite.ts'
import { sseText } from '../../streams/sse.ts'
import { cutOffError, exceptionError, inStreamError } from '../failure/stream-errors.ts'
import { countsTokens, type Trace } from '../record/trace.ts'
import type { Target } from '../target/target.ts'
import { claudeEventInFrame } from './claude-frames.ts'
import type { HostSide, Passage } from './passage.ts'

export interface UntouchedCall {
  readonly service: Service
  readonly model: string
  /** The caller's body as it came. */
  readonly text: string
  /** The same, read. */
  readonly body: JsonObject
  readonly host: HostSide
  readonly dialect: StreamDialect
}

/** The same format on both sides: every byte goes as it came, but for what the host must have otherwise. */
export function passUntouched(
  { service, model, text, body, host, dialect }: UntouchedCall,
  trace: Trace,
): Passage {
  const counts = countsTokens(trace)
  const askedFor = (target: Target): MemberEdits | undefined =>
    counts && service.format === 'openai-chat'
      ? askForUsage(body, service.profile(model, target.site))
      : undefined
  return {
    service,
    pathFor: (target) => host.pathFor(target),
    headersFor: (target) => host.headersFor(target),
    bodyFor(target) {
      const { set, ...edits } = host.editsFor(target, body)
      return editMembers(text, { ...edits, set: { ...askedFor(target)?.set, ...set } })
    },
    stageFor({ target }) {
      return service.framing === 'aws-event-stream'
        ? unframed(dialect, target, trace)
        : watched(dialect, target, { trace, hidesUsage: askedFor(target) !== undefined })
    },
    told(answer) {
      const textOf = memberReader(answer)
      return dialect.usageOfAnswer((name) => tryParseJson(textOf(name) ?? 'null'))
    },
  }
}

/** Claude's events out of Amazon's frames. */
function unframed(dialect: StreamDialect, target: Target, trace: Trace): WatchedStage {
  const told = dialect.usageReader()
  return rewriteEvents({
    rewrite(event) {
      trace.meter.tell(told(event))
      return sseText(event.name, event.data)
    },
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

interface Watching {
  readonly trace: Trace
  /** The chunk that tells the tokens is for the gateway, and not for the caller. */
  readonly hidesUsage: boolean
}

/** A watched stage whose failures are written from outside of it. */
type WritableStage = { -readonly [Name in keyof WatchedStage]: WatchedStage[Name] }

/** The stream as it comes, byte for byte, but for errors that are said in another dialect. */
function watched(
  dialect: StreamDialect,
  target: Target,
  { trace, hidesUsage }: Watching,
): WatchedStage {
  const counts = countsTokens(trace)
  const told = dialect.usageReader()
  let hasBegun = false
  /** Remembers an error, and whether it came first, before any event that is none. */
  const note = (error: GatewayError | undefined): void => {
    if (!hasBegun) watchedStage.earlyFailure = error
    hasBegun = true
    watchedStage.failure ??= error
  }
  const failure = (error: GatewayError): string => {
    note(error)
    return dialect.failure(error, trace.requestId)
  }
  const stage = observeSse({
    marks: counts ? [...dialect.marks, ...dialect.usageMarks] : dialect.marks,
    isLast(event) {
      const isLast = dialect.isLast(event)
      if (counts) trace.meter.tell(told(event))
      if (isLast || !hasBegun) {
        const said = dialect.errorIn(event)
        note(said && inStreamError(said, target))
      }
      return isLast
    },
    ...(hidesUsage ? { isHidden: isUsageChunk } : {}),
    foreignError(event) {
      const said = dialect.foreignError?.(event)
      return said && failure(inStreamError(said, target))
    },
    failure: () => failure(cutOffError(trace)),
  })
  // The stage itself, and no copy: it says when it is over.
  const watchedStage: WritableStage = Object.assign(stage, {
    earlyFailure: undefined,
    failure: undefined,
  })
  return watchedStage
}
