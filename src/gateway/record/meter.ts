import type { Usage } from '../../core/chat.ts'
import type { ToldUsage } from '../../core/told-usage.ts'
import type { Outcome } from '../../core/usage-record.ts'

/** How a request ended. The status is null where the caller left before there was one. */
export interface Ending {
  readonly status: number | null
  readonly outcome: Outcome
}

/**
 * What is gathered of a request for the record that is made of it, once: at the first ending that is told, be it the
 * answer's, an error or the caller's departure. Whatever comes after that changes nothing. A class, since accessors of an
 * object that is made for each request would cost it more than all that they are asked.
 */
export class Meter {
  /** The format that the caller speaks; undefined for requests that call no model. */
  surface: string | undefined
  isStream = false
  metadata: Readonly<Record<string, string>> = {}
  /** When the first byte of a stream came, in milliseconds since 1970. */
  firstByteAtMs: number | undefined
  readonly #onEnd: (ending: Ending) => void
  #usage: Usage | undefined
  #answeredModel: string | undefined
  #isHeld = false
  #hasEnded = false
  #last: (() => void) | undefined

  constructor(onEnd: (ending: Ending) => void = () => undefined) {
    this.#onEnd = onEnd
  }

  /** All that was told of the tokens so far. */
  get usage(): Usage | undefined {
    return this.#usage
  }

  get answeredModel(): string | undefined {
    return this.#answeredModel
  }

  /** Whether the answer goes on behind its status and headers: then whoever sends it tells its end. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Takes over what is told; what is told later replaces it. */
  tell(told: ToldUsage | undefined): void {
    this.#usage = told?.usage ?? this.#usage
    this.#answeredModel = told?.model ?? this.#answeredModel
  }

  /** Forgets what was told of an answer that comes to nothing. */
  startOver(): void {
    this.#usage = undefined
    this.#answeredModel = undefined
    this.firstByteAtMs = undefined
  }

  hold(): void {
    this.#isHeld = true
  }

  end(ending: Ending): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#onEnd(ending)
    this.#last?.()
  }

  /** Work for the request's end, behind its record; at once where it has ended. */
  whenEnded(work: () => void): void {
    if (this.#hasEnded) return work()
    const others = this.#last
    this.#last = others === undefined ? work : () => (others(), work())
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
