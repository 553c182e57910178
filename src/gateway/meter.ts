import type { Usage } from '../core/chat.ts'
import type { ToldUsage } from '../core/told-usage.ts'
import type { Outcome } from '../core/usage-record.ts'

/** How a request ended. The status is null where the caller left before there was one. */
export interface Ending {
  readonly status: number | null
  readonly outcome: Outcome
}

/**
 * What is gathered of a request for the record that is made of it, once: at the first ending that is told, be it the
 * answer's, an error or the caller's departure. Whatever comes after that changes nothing.
 */
export interface Meter {
  /** The format that the caller speaks; undefined for requests that call no model. */
  surface?: string
  isStream: boolean
  metadata: Readonly<Record<string, string>>
  /** When the first byte of a stream came, in milliseconds since 1970. */
  firstByteAtMs?: number
  /** All that was told of the tokens so far. */
  readonly usage: Usage | undefined
  readonly answeredModel: string | undefined
  /** Takes over what is told; what is told later replaces it. */
  tell(told: ToldUsage | undefined): void
  /** Forgets what was told of an answer that comes to nothing. */
  startOver(): void
  /** Whether the answer goes on behind its status and headers: then whoever sends it tells its end. */
  readonly isHeld: boolean
  hold(): void
  end(ending: Ending): void
  /** Work for the request's end, behind its record; at once where it has ended. */
  whenEnded(work: () => void): void
}

export function newMeter(onEnd: (ending: Ending) => void = () => undefined): Meter {
  let usage: Usage | undefined
  let answeredModel: string | undefined
  let isHeld = false
  let hasEnded = false
  let last: (() => void) | undefined
  return {
    isStream: false,
    metadata: {},
    get usage() {
      return usage
    },
    get answeredModel() {
      return answeredModel
    },
    get isHeld() {
      return isHeld
    },
    tell(told) {
      usage = told?.usage ?? usage
      answeredModel = told?.model ?? answeredModel
    },
    startOver() {
      usage = undefined
      answeredModel = undefined
      delete this.firstByteAtMs
    },
    hold() {
      isHeld = true
    },
    end(ending) {
      if (hasEnded) return
      hasEnded = true
      onEnd(ending)
      last?.()
    },
    whenEnded(work) {
      if (hasEnded) return work()
      const others = last
      last = others === undefined ? work : () => (others(), work())
    },
  }
}

/** How a request ended that was answered with a status. What a provider answered itself is named as on other surfaces. */
export function endingOfStatus(status: number): Ending {
  return { status, outcome: status < 400 ? 'ok' : (OUTCOMES[status] ?? outcomeOfClass(status)) }
}

const OUTCOMES: Readonly<Record<number, string>> = {
  401: 'upstream_rejected_key',
  403: 'upstream_rejected_key',
  404: 'not_found',
  408: 'upstream_timeout',
  413: 'request_too_large',
  429: 'rate_limited',
  503: 'upstream_overloaded',
  504: 'upstream_timeout',
  529: 'upstream_overloaded',
}

function outcomeOfClass(status: number): string {
  return status < 500 ? 'invalid_request' : 'upstream_error'
}
