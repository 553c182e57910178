import type { GatewayError } from '../../core/errors.ts'
import type { WatchedStage } from '../../streams/reading-stage.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Ending } from '../record/meter.ts'
import type { Trace } from '../record/trace.ts'

const ANSWERED = 200

/**
 * A stage whose end is the request's, from the moment on when it is known that the caller gets its stream: notes when the
 * first byte came and how it ended.
 */
export class RecordedStage implements WatchedStage {
  readonly #stage: WatchedStage
  readonly #nowMs: Dependencies['nowMs']
  readonly #meter: Trace['meter']
  #early: Ending | undefined

  constructor(
    stage: WatchedStage,
    { nowMs }: Pick<Dependencies, 'nowMs'>,
    { meter }: Pick<Trace, 'meter'>,
  ) {
    this.#stage = stage
    this.#nowMs = nowMs
    this.#meter = meter
  }

  next(bytes: Uint8Array): Uint8Array {
    return this.#noted(this.#stage.next(bytes))
  }

  end(cut: boolean): Uint8Array {
    const out = this.#noted(this.#stage.end(cut))
    this.#end({ status: ANSWERED, outcome: this.#stage.failure?.code ?? 'ok' })
    return out
  }

  left(): void {
    this.#end({ status: ANSWERED, outcome: 'client_left' })
  }

  get isOver(): boolean {
    return this.#stage.isOver === true
  }

  get earlyFailure(): GatewayError | undefined {
    return this.#stage.earlyFailure
  }

  get failure(): GatewayError | undefined {
    return this.#stage.failure
  }

  /** The caller gets the stream: no other answer can be given any more. */
  goOn(): void {
    this.#meter.hold()
    if (this.#early !== undefined) this.#meter.end(this.#early)
  }

  #noted(out: Uint8Array): Uint8Array {
    if (out.length > 0) this.#meter.firstByteAtMs ??= this.#nowMs()
    return out
  }

  #end(ending: Ending): void {
    if (this.#meter.isHeld) this.#meter.end(ending)
    else this.#early ??= ending
  }
}
