import { defined } from '../../core/read.ts'
import { PRIVATE_ENDPOINTS } from '../../providers/registry.ts'
import { type Ending, Meter } from '../record/meter.ts'
import type { Trace } from '../record/trace.ts'
import { warnInto } from '../record/warn-into.ts'

/** A trace of its own for one of several ways that a request takes at once, until one of them is the request's. */
export interface Fork {
  readonly trace: Trace
  /** Says where the request is under way, where nobody has said so yet. */
  announce(): void
  /** Adds the attempts that were made to the request's, and the time that they took; those that are there already once. */
  record(): void
  /** This way is the request's: all that it has said, and is still to say, is said of the request. */
  adopt(): void
  /** Adds the attempts, and the one that is under way as cancelled. Nothing that comes after that is said of the request. */
  cancel(): void
}

/** A way on which nothing has happened yet. */
export function forkTrace(trace: Trace): Fork {
  const { requestId, caller } = trace
  const forked = forkMeter(trace.meter)
  const way: Trace = {
    requestId,
    ...(caller === undefined ? {} : { caller }),
    attempts: [],
    warnings: [],
    timings: new Map(),
    meter: forked.meter,
  }
  let isOver = false
  const record = (): void => {
    if (isOver) return
    trace.attempts.push(...way.attempts.splice(0))
    for (const [step, ms] of way.timings)
      trace.timings.set(step, (trace.timings.get(step) ?? 0) + ms)
    way.timings.clear()
  }
  return {
    trace: way,
    announce() {
      if (trace.provider === undefined) Object.assign(trace, placeOf(way))
    },
    record,
    adopt() {
      record()
      Object.assign(trace, placeOf(way))
      way.warnings.forEach(warnInto(trace))
      forked.adopt()
    },
    cancel() {
      cancelUnderWay(way)
      record()
      isOver = true
    },
  }
}

function placeOf({ provider, model, providerKeyId }: Trace): Partial<Trace> {
  return defined({ provider, model, providerKeyId })
}

/** What was asked may have said that it will answer, but nothing of an answer came. */
function cancelUnderWay({ attempts, provider, model, providerKeyId: keyId }: Trace): void {
  if (keyId === undefined) return
  const at = attempts.findIndex((attempt) => attempt.keyId === keyId)
  if (attempts[at]?.reason !== undefined) return
  const [asked] = at < 0 ? [] : attempts.splice(at, 1)
  attempts.push({
    ...asked,
    keyId,
    outcome: 'cancelled',
    reason: 'cancelled',
    ...(model === undefined ? {} : { model: `${provider}/${model}` }),
    ...(provider === PRIVATE_ENDPOINTS ? { isEndpoint: true } : {}),
  })
}

/** A meter of its own, whose readings are the request's from `adopt` on. */
function forkMeter(whole: Meter): { readonly meter: Meter; readonly adopt: () => void } {
  let isAdopted = false
  let ending: Ending | undefined
  const meter = new Meter((ended) => {
    ending = ended
    if (isAdopted) whole.end(ended)
  })
  const { surface, isStream, metadata } = whole
  Object.assign(meter, defined({ surface, isStream, metadata }))
  const tell = meter.tell.bind(meter)
  meter.tell = (told) => {
    tell(told)
    if (isAdopted) whole.tell(told)
  }
  return {
    meter,
    adopt() {
      isAdopted = true
      whole.tell(defined({ usage: meter.usage, model: meter.answeredModel }))
      Object.assign(whole, defined({ firstByteAtMs: meter.firstByteAtMs }))
      if (meter.isHeld) whole.hold()
      if (ending !== undefined) whole.end(ending)
    },
  }
}
