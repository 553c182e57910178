import type { Prompt } from './conversation.ts'
import type { CredentialBook } from './credentials.ts'
import type { StandInName } from './provider-name.ts'
import type { Reply } from './reply.ts'

/** One request as it came off the wire, before anybody believed anything about it. */
export interface Incoming {
  readonly method: string
  /** Path on the wire, still encoded, without the query. */
  readonly path: string
  /** Query on the wire, without the question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  /** Names and values by turns, with repetitions that `headers` merges. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** The `host:port` that this server listens on. */
  readonly host: string
}

/** Who asks, and how that was proved: a sentence for people, without secrets. */
export interface Proof {
  credential: string
  proof: string
  /** Google: the only project that the credential may use. */
  project?: string
}

/** One event of a stream, encoded. */
export interface Frame {
  bytes: Uint8Array
  /** Whether it carries a piece of the answer: scripted gaps come before these. */
  isDelta: boolean
}

/** An answer sent in one piece. */
export interface WholeAnswer {
  kind: 'whole'
  status: number
  headers: Record<string, string | string[]>
  body: string | Uint8Array
}

/** An answer sent event by event. */
export interface StreamAnswer {
  kind: 'stream'
  status: number
  headers: Record<string, string | string[]>
  frames: Frame[]
  /** How this dialect reports an error after the headers and so many events are gone; by default the one that it has most. */
  errorFrame: (sent: number, kind?: ProblemKind) => Uint8Array
}

/** What a provider answers. */
export type Answer = WholeAnswer | StreamAnswer

/** Everything a provider refuses for, before it is put in the provider's own words. */
export type ProblemKind =
  | 'bad-credential'
  | 'forbidden'
  | 'bad-request'
  | 'unprocessable'
  | 'not-found'
  | 'wrong-method'
  | 'media-type'
  | 'rate-limit'
  | 'overloaded'
  | 'server-error'

/** What is wrong with a request. */
export interface Problem {
  kind: ProblemKind
  message: string
  status?: number
  /** The field at fault, as a path such as `messages.0.role`. */
  param?: string
  /** The provider's own code for it, where it has a more exact one than the kind's. */
  code?: string
  retryAfterSeconds?: number
  /** Anthropic's, for programs. */
  details?: Record<string, unknown>
}

/** Thrown by whoever finds something wrong; the provider words it. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Refuses: `throw`s a problem in one line. */
export function refuse(kind: ProblemKind, message: string, more: Partial<Problem> = {}): never {
  throw new Refusal({ kind, message, ...more })
}

/** What providers know of the world around them. */
export interface World {
  readonly credentials: CredentialBook
  /** Milliseconds since 1970. */
  now(): number
  compose(speaker: string, prompt: Prompt): Reply
}

/** A stand-in provider: who may ask, what it answers, how it says no. */
export interface Provider {
  readonly name: StandInName
  /** Headers of `secondCredentialHeaders` that this provider takes its credential from. */
  readonly credentialHeaders: readonly string[]
  /** Headers of a gateway's edge that are meant for this one. */
  readonly ownHeaders?: readonly string[]
  authenticate(request: Incoming, world: World): Proof | Promise<Proof>
  answer(request: Incoming, world: World, proof: Proof): Answer
  refuse(problem: Problem, request: Incoming): WholeAnswer
}
