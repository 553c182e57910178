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

/** One circuit of one organization. */
export interface CircuitPlace {
  readonly organizationId: string
  readonly name: string
}

export interface BoardLimits extends CircuitLimits {
  readonly maxOrganizations: number
  /** In one organization: no other's circuits go for them. */
  readonly maxCircuits: number
}

/** The circuits of many organizations, as far as there is anything against their targets. When it is full, those heard of longest ago go. */
export class CircuitBoard {
  readonly #organizations = new Map<string, Map<string, Circuit>>()
  readonly #limits: BoardLimits

  constructor(limits: BoardLimits) {
    this.#limits = limits
  }

  /** Whether there is anything against any target of the organization's: mostly not. */
  knows(organizationId: string): boolean {
    return this.#organizations.has(organizationId)
  }

  get({ organizationId, name }: CircuitPlace): Circuit | undefined {
    return this.#organizations.get(organizationId)?.get(name)
  }

  /** Takes the one probe of a half-open circuit; does nothing to others. */
  probe(place: CircuitPlace, nowMs: number): void {
    const circuit = this.get(place)
    if (circuit === undefined || stateOf(circuit, nowMs) !== 'half_open') return
    this.#set(place, withProbe(circuit, nowMs, this.#limits))
  }

  /** The call came to nothing that says how its target is. */
  leave(place: CircuitPlace): void {
    const circuit = this.get(place)
    if (circuit !== undefined) this.#set(place, withoutProbe(circuit))
  }

  /** The call went well. Whether that closed an open circuit. */
  succeed(place: CircuitPlace, times: CallTimes): boolean {
    const circuit = this.get(place)
    if (circuit === undefined) return false
    const next = afterSuccess(circuit, times, this.#limits)
    if (next === undefined) this.#delete(place)
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
    const circuits = this.#organizations.get(organizationId) ?? new Map<string, Circuit>()
    this.#organizations.delete(organizationId)
    makeRoom(this.#organizations, this.#limits.maxOrganizations)
    this.#organizations.set(organizationId, circuits)
    circuits.delete(name)
    makeRoom(circuits, this.#limits.maxCircuits)
    circuits.set(name, circuit)
  }

  #delete({ organizationId, name }: CircuitPlace): void {
    const circuits = this.#organizations.get(organizationId)
    circuits?.delete(name)
    if (circuits?.size === 0) this.#organizations.delete(organizationId)
  }
}

/** The one written longest ago goes. */
function makeRoom(map: Map<string, unknown>, maxEntries: number): void {
  if (map.size < maxEntries) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}
