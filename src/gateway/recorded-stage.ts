import type { GatewayError } from '../core/errors.ts'
import type { WatchedStage } from '../streams/reading-stage.ts'
import type { Dependencies } from './dependencies.ts'
import type { Ending } from './meter.ts'
import type { Trace } from './trace.ts'

/** A stage whose end is the request's, from the moment on when it is known that the caller gets its stream. */
export interface RecordedStage extends WatchedStage {
  /** The caller gets the stream: no other answer can be given any more. */
  goOn(): void
}

const ANSWERED = 200

/** Notes when the stream's first byte came and how it ended. */
export function recordedStage(
  stage: WatchedStage,
  { nowMs }: Pick<Dependencies, 'nowMs'>,
  { meter }: Trace,
): RecordedStage {
  let early: Ending | undefined
  const end = (ending: Ending): void => {
    if (meter.isHeld) meter.end(ending)
    else early ??= ending
  }
  return {
    next(bytes) {
      const out = stage.next(bytes)
      if (out.length > 0) meter.firstByteAtMs ??= nowMs()
      return out
    },
    end(cut) {
      const out = stage.end(cut)
      if (out.length > 0) meter.firstByteAtMs ??= nowMs()
      end({ status: ANSWERED, outcome: outcomeOf(stage.failure) })
      return out
    },
    left: () => end({ status: ANSWERED, outcome: 'client_left' }),
    get earlyFailure() {
      return stage.earlyFailure
    },
    get failure() {
      return stage.failure
    },
    goOn() {
      meter.hold()
      if (early !== undefined) meter.end(early)
    },
  }
}

function outcomeOf(failure: GatewayError | undefined): string {
  return failure?.code ?? 'ok'
}
