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
  let out = ''
  let isOver = false
  let hasContent = false
  let earlyFailure: GatewayError | undefined
  let failure: GatewayError | undefined
  const output: StageOutput = {
    get isOver() {
      return isOver
    },
    write(text, isContent) {
      if (isOver) return
      out += text
      hasContent ||= isContent
    },
    finish() {
      isOver = true
    },
    fail(error) {
      if (isOver) return
      isOver = true
      failure = error
      if (!hasContent) earlyFailure = error
      out += failures.failure(error)
    },
  }
  const reader = makeReader(output)
  const failWith = (error: unknown): void => {
    output.fail(error instanceof GatewayError ? error : failures.cutOff())
  }
  const taken = (): Uint8Array => {
    if (out === '') return NOTHING
    const bytes = encoder.encode(out)
    out = ''
    return bytes
  }
  return {
    get earlyFailure() {
      return earlyFailure
    },
    get failure() {
      return failure
    },
    next(bytes) {
      try {
        reader.read(bytes)
      } catch (error) {
        failWith(error)
      }
      return taken()
    },
    end(cut) {
      try {
        if (!cut && !isOver) reader.close()
        if (!isOver) output.fail(failures.cutOff())
      } catch (error) {
        failWith(error)
      }
      return taken()
    },
  }
}

/** Encodes whole texts only, so one serves all streams. */
const encoder = new TextEncoder()
const NOTHING = new Uint8Array(0)
