import {
  afterFailure,
  afterSuccess,
  type CallTimes,
  type Circuit,
  type CircuitFailure,
  type CircuitLimits,
  type Opening,
  stateOf,
  withoutProbe,
  withProbe,
} from './circuit.ts'
import { SharedCache } from './shared-cache.ts'

/** One circuit of one organization. */
export interface CircuitPlace {
  readonly organizationId: string
  readonly name: string
}

export interface BoardLimits extends CircuitLimits {
  /** Of all organizations together. */
  readonly maxCircuits: number
}

/** The one probe of a half-open circuit, for whoever took it. */
export interface Probe {
  readonly place: CircuitPlace
  /** After this it counts as lost; no two of a circuit have the same. */
  readonly untilMs: number
}

/** Circuits stay until something better is heard of their targets: no clock ends them. */
const NO_CLOCK_MS = 0

/**
 * The circuits of many organizations, as far as there is anything against their targets. When it is full, the organization
 * that has most of them loses the one heard of longest ago.
 */
export class CircuitBoard {
  readonly #circuits: SharedCache<Circuit>
  readonly #limits: BoardLimits

  constructor(limits: BoardLimits) {
    this.#limits = limits
    this.#circuits = new SharedCache({ maxEntries: limits.maxCircuits, keptMs: Infinity })
  }

  /** Whether there is anything against any target of the organization's: mostly not. */
  knows(organizationId: string): boolean {
    return this.#circuits.has(organizationId)
  }

  get({ organizationId, name }: CircuitPlace): Circuit | undefined {
    return this.#circuits.get(organizationId, name, NO_CLOCK_MS)
  }

  /** Takes the one probe of a half-open circuit; undefined of any other. */
  probe(place: CircuitPlace, nowMs: number): Probe | undefined {
    const circuit = this.get(place)
    if (circuit === undefined || stateOf(circuit, nowMs) !== 'half_open') return undefined
    this.#set(place, withProbe(circuit, nowMs, this.#limits))
    return { place, untilMs: nowMs + this.#limits.probeMs }
  }

  /** Gives a probe back that came to nothing which says how its target is. */
  leave({ place, untilMs }: Probe): void {
    const circuit = this.get(place)
    if (circuit?.opening?.probeUntilMs === untilMs) this.#set(place, withoutProbe(circuit))
  }

  /** The call went well. Whether that closed an open circuit. */
  succeed(place: CircuitPlace, times: CallTimes): boolean {
    const circuit = this.get(place)
    if (circuit === undefined) return false
    const next = afterSuccess(circuit, times, this.#limits)
    if (next === undefined) this.#circuits.delete(place.organizationId, place.name)
    else this.#set(place, next)
    return circuit.opening !== undefined && next === undefined
  }

  /** The call failed. What there is to tell, where that opened the circuit or keeps it open for longer. */
  fail(
    place: CircuitPlace,
    failure: CircuitFailure,
    times: CallTimes,
    random: () => number,
  ): Opening | undefined {
    const circuit = this.get(place)
    const next = afterFailure(circuit, failure, times, { limits: this.#limits, random })
    if (next !== circuit) this.#set(place, next)
    return next.opening === circuit?.opening ? undefined : next.opening
  }

  #set({ organizationId, name }: CircuitPlace, circuit: Circuit): void {
    this.#circuits.set(organizationId, name, circuit, NO_CLOCK_MS)
  }
}
