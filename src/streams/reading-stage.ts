import { GatewayError } from '../core/errors.ts'
import type { ByteStage } from './pump.ts'

/** What is made of a stream, as its reader finds it. */
export interface StageOutput {
  /** The answer is whole, or has failed: nothing that is written any more is sent. */
  readonly isOver: boolean
  /** `isContent`: whether the text carries a piece of the answer, and not only its beginning or a sign of life. */
  write(text: string, isContent: boolean): void
  /** The answer is whole. */
  finish(): void
  fail(error: GatewayError): void
}

/** Reads a provider's stream and puts what it makes of it into the output. Throws on bytes that make no sense. */
export interface StageReader {
  read(bytes: Uint8Array): void
  /** The provider closed the stream in order. */
  close(): void
}

/** A stage that can tell of a failure which came before anything of an answer. */
export interface WatchedStage extends ByteStage {
  readonly earlyFailure: GatewayError | undefined
  /** What the stream ended in, where it did not end well. */
  readonly failure: GatewayError | undefined
}

export interface StageFailures {
  /** The text that tells a caller of it. */
  failure(error: GatewayError): string
  /** For a stream that broke off, or made no sense. */
  cutOff(): GatewayError
}

/** A stage made of a reader: what was understood before a fault still counts, and whatever is not whole fails. */
export function readingStage(
  makeReader: (output: StageOutput) => StageReader,
  failures: StageFailures,
): WatchedStage {
  return new ReadingStage(makeReader, failures)
}

class ReadingStage implements WatchedStage, StageOutput {
  isOver = false
  earlyFailure: GatewayError | undefined
  failure: GatewayError | undefined
  readonly #reader: StageReader
  readonly #failures: StageFailures
  #out = ''
  #hasContent = false

  constructor(makeReader: (output: StageOutput) => StageReader, failures: StageFailures) {
    this.#failures = failures
    this.#reader = makeReader(this)
  }

  write(text: string, isContent: boolean): void {
    if (this.isOver) return
    this.#out += text
    this.#hasContent ||= isContent && text !== ''
  }

  finish(): void {
    this.isOver = true
  }

  fail(error: GatewayError): void {
    if (this.isOver) return
    this.isOver = true
    this.failure = error
    if (!this.#hasContent) this.earlyFailure = error
    this.#out += this.#failures.failure(error)
  }

  next(bytes: Uint8Array): Uint8Array {
    try {
      this.#reader.read(bytes)
    } catch (error) {
      this.#failWith(error)
    }
    return this.#taken()
  }

  end(cut: boolean): Uint8Array {
    try {
      if (!cut && !this.isOver) this.#reader.close()
      if (!this.isOver) this.fail(this.#failures.cutOff())
    } catch (error) {
      this.#failWith(error)
    }
    return this.#taken()
  }

  #failWith(error: unknown): void {
    this.fail(error instanceof GatewayError ? error : this.#failures.cutOff())
  }

  #taken(): Uint8Array {
    if (this.#out === '') return NOTHING
    const bytes = encoder.encode(this.#out)
    this.#out = ''
    return bytes
  }
}

/** Encodes whole texts only, so one serves all streams. */
const encoder = new TextEncoder()
const NOTHING = new Uint8Array(0)
