import type { ErrorCode } from '../../core/errors.ts'

/**
 * What it looks like when a private model is not reached: what tunnels, their edges and what stands before a model answer
 * in its place. A row matches where everything that it names is so.
 */
export interface TunnelSign extends Signs {
  /** For logs, and for an endpoint's status; it does not change. */
  readonly name: string
  readonly meaning: Meaning
}

interface Signs {
  readonly statuses?: readonly number[]
  /** The host that was called. */
  readonly host?: RegExp
  readonly header?: readonly [name: string, value: RegExp]
  /** Whether Cloudflare's edge was on the way. */
  readonly cloudflare?: true
  /** Cloudflare's number for the error, in its JSON or on its page. */
  readonly cloudflareCodes?: readonly number[]
  /** In a body that is not JSON: a model's own errors quote what they were asked. */
  readonly text?: RegExp
  /** In the body, whatever that is. */
  readonly said?: RegExp
  /** What the body is. A model server answers in JSON. */
  readonly body?: 'empty' | 'page' | 'not-json'
}

/** What a failure is to whoever is told of it. */
export interface Meaning {
  readonly code: ErrorCode
  /** What is wrong, in words that follow "The endpoint NAME". */
  readonly wrong: string
  /** What its owner can do. */
  readonly remedy: string
  /** How soon trying again can help, where nobody said; left out where it does not help until somebody mends something. */
  readonly retryAfterSeconds?: number
}
