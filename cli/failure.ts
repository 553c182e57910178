import { EXIT, type ExitCode } from './exit-codes.ts'

/** What else is known about a failure. */
export interface FailureDetails {
  /** What to do about it. */
  readonly advice?: string
  /** The gateway's own name for it. */
  readonly code?: string
  /** The field that is at fault. */
  readonly param?: string
  readonly requestId?: string
  readonly status?: number
}

/** The one error that the command line throws on purpose: a sentence for people and an exit code for scripts. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly exitCode: ExitCode
  readonly details: FailureDetails

  constructor(exitCode: ExitCode, message: string, details: FailureDetails = {}) {
    super(message)
    this.exitCode = exitCode
    this.details = details
  }
}

/** A failure of the one who typed: nothing was sent. */
export function usage(message: string, advice?: string): Failure {
  return new Failure(EXIT.usage, message, advice === undefined ? {} : { advice })
}
