import type { CircuitPlace } from '../../core/circuit-board.ts'
import { type Circuit, stateOf } from '../../core/circuit.ts'
import type { EndpointRecord, SealedProviderKey } from '../../storage/replica/records.ts'
import { credentialName } from '../../storage/use/credential-name.ts'
import type { Dependencies } from '../dependencies.ts'

/** What the health of a target is remembered by. */
export interface HealthPlace {
  readonly organizationId: string
  /** The provider key, or the private endpoint, that it is reached with. */
  readonly record: SealedProviderKey | EndpointRecord
  readonly location: string
  /** Undefined where the request names none where anyone looks. */
  readonly model: string | undefined
  /** Tokens are only counted there, which has limits of its own. */
  readonly isCounting: boolean
}

/** The circuits that a target has a part in: one of its credential, wherever it is used, and one of its own. */
export interface TargetCircuits {
  readonly credential: CircuitPlace
  readonly target: CircuitPlace
}

/** A caller may ask for a model by any name, however long. */
const MAX_MODEL_LENGTH = 200

export function circuitsOf(place: HealthPlace): TargetCircuits {
  const { organizationId, record, location, model = '', isCounting } = place
  const credential = credentialName(record)
  const operation = isCounting ? 'count' : 'call'
  const name = `${credential} ${operation} ${location} ${model.slice(0, MAX_MODEL_LENGTH)}`
  return {
    credential: { organizationId, name: credential },
    target: { organizationId, name },
  }
}

/** How a target stands: to be tried in its turn, to be probed by one request, or to be left alone until a time. */
export type Standing = 'healthy' | 'half_open' | { readonly untilMs: number }

export function standingOf(
  place: HealthPlace,
  { circuits, nowMs }: Pick<Dependencies, 'circuits' | 'nowMs'>,
): Standing {
  const { credential, target } = circuitsOf(place)
  const both = [circuits.get(credential), circuits.get(target)]
  const now = nowMs()
  const states = new Set(both.map((circuit) => stateOf(circuit, now)))
  if (states.has('open')) return { untilMs: Math.max(...both.map(untilMsOf)) }
  return states.has('half_open') ? 'half_open' : 'healthy'
}

function untilMsOf(circuit: Circuit | undefined): number {
  return circuit?.opening?.untilMs ?? -Infinity
}
