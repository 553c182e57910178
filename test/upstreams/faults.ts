import type { StandInName } from './provider-name.ts'
import type { Incoming, Problem, ProblemKind, Provider, WholeAnswer } from './provider.ts'

/** How a provider can misbehave. */
export type Fault =
  | { kind: 'refuse'; status?: 401 | 403 }
  | { kind: 'rate-limit'; retryAfterSeconds?: number }
  | { kind: 'server-error'; status?: number }
  | { kind: 'overloaded' }
  | { kind: 'bad-request' }
  /** Says no, in the provider's words for what is wrong; `status` where it has another one for it. */
  | { kind: 'decline'; as: ProblemKind; status?: number }
  | { kind: 'stall-before-headers' }
  | { kind: 'stall-midway'; afterEvents: number }
  | { kind: 'die-before-headers' }
  | { kind: 'reset-before-headers' }
  /** Bytes that are no HTTP. */
  | { kind: 'garbage' }
  | { kind: 'die-midway'; afterEvents: number; extraBytes?: number }
  | { kind: 'end-midway'; afterEvents: number }
  /** `as`: what goes wrong; by default what the provider's streams end with most. */
  | { kind: 'error-event'; afterEvents: number; as?: ProblemKind }
  | { kind: 'redirect'; to: string; status?: number }
  | { kind: 'html'; status?: number }
  | { kind: 'slow'; gapMs: number }
  | OtherAnswer

/** An answer that is none of the provider's; by default an empty one under 200. */
export interface OtherAnswer {
  kind: 'other-answer'
  status?: number
  headers?: Record<string, string>
  body?: string
  /** How its end is told: by its length, by the last chunk, or never. */
  ends?: 'by-length' | 'by-chunks' | 'never'
}

/** A fault that lets the answer begin. */
export type MidwayFault = Extract<Fault, { afterEvents: number }>

/** Where a fault applies: how often, and to whom. */
export interface FaultScope {
  times?: number
  credential?: string
}

/** What the stand-ins were told to get wrong. */
export interface FaultBook {
  add(site: StandInName, fault: Fault, scope: FaultScope): void
  /** The fault for this request, used up once: the one that was added first. */
  take(site: StandInName, credential: string): Fault | undefined
  clear(): void
}

/** The message of a fault's 400, which tests recognise. */
export const BAD_REQUEST_MESSAGE = 'stand-in: this request is bad on purpose'
/** The message of every other fault that a provider words itself. */
export const FAULT_MESSAGE = 'stand-in: failing on purpose'

/** Starts with no faults. */
export function createFaultBook(): FaultBook {
  const planned: { site: string; fault: Fault; left: number; credential?: string | undefined }[] =
    []
  return {
    add(site, fault, { times = Infinity, credential }) {
      planned.push({ site, fault, left: times, credential })
    },
    take(site, credential) {
      const match = planned.find(
        (one) =>
          one.site === site &&
          one.left > 0 &&
          (one.credential === undefined || one.credential === credential),
      )
      if (match) match.left -= 1
      return match?.fault
    },
    clear: () => void planned.splice(0),
  }
}

/** The answer of a fault that replaces the provider's own; undefined when the fault is of another kind. */
export function answerOf(
  fault: Fault,
  provider: Provider,
  request: Incoming,
): WholeAnswer | undefined {
  if (fault.kind === 'redirect') {
    return whole(fault.status ?? 307, { location: fault.to }, '')
  }
  if (fault.kind === 'html') {
    const page =
      '<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Request blocked</h1></body></html>\n'
    return whole(fault.status ?? 502, { 'content-type': 'text/html; charset=utf-8' }, page)
  }
  if (fault.kind === 'other-answer') {
    return whole(fault.status ?? 200, fault.headers ?? {}, fault.body ?? '')
  }
  const problem = problemOf(fault)
  return problem && provider.refuse(problem, request)
}

function problemOf(fault: Fault): Problem | undefined {
  switch (fault.kind) {
    case 'refuse':
      return {
        kind: fault.status === 403 ? 'forbidden' : 'bad-credential',
        message: FAULT_MESSAGE,
        ...(fault.status !== undefined && { status: fault.status }),
      }
    case 'rate-limit':
      return {
        kind: 'rate-limit',
        message: FAULT_MESSAGE,
        ...(fault.retryAfterSeconds !== undefined && {
          retryAfterSeconds: fault.retryAfterSeconds,
        }),
      }
    case 'server-error':
      return {
        kind: 'server-error',
        message: FAULT_MESSAGE,
        ...(fault.status !== undefined && { status: fault.status }),
      }
    case 'overloaded':
      return { kind: 'overloaded', message: FAULT_MESSAGE }
    case 'bad-request':
      return { kind: 'bad-request', message: BAD_REQUEST_MESSAGE }
    case 'decline':
      return {
        kind: fault.as,
        message: FAULT_MESSAGE,
        ...(fault.status !== undefined && { status: fault.status }),
      }
    case 'stall-before-headers':
    case 'stall-midway':
    case 'die-before-headers':
    case 'reset-before-headers':
    case 'garbage':
    case 'other-answer':
    case 'die-midway':
    case 'end-midway':
    case 'error-event':
    case 'redirect':
    case 'html':
    case 'slow':
      return undefined
    default:
      return fault satisfies never
  }
}

function whole(status: number, headers: Record<string, string>, body: string): WholeAnswer {
  return { kind: 'whole', status, headers, body }
}
