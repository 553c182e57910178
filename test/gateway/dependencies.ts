import { expect } from 'vitest'
import { CircuitBoard } from '../../src/core/circuit-board.ts'
import type { Dependencies } from '../../src/gateway/dependencies.ts'
import { CIRCUIT_LIMITS } from '../../src/gateway/target/circuit-limits.ts'

/** What a test of the gateway does not expect to be touched. */
export const never = (): never => expect.fail('this was not to be touched')

/** A world in which time stands still, no timer rings, nothing is remembered, and what a test does not give fails. */
export function worldWith(given: Partial<Dependencies>): Dependencies {
  return {
    fetch: never,
    nowMs: () => 0,
    random: () => 0,
    sleep: () => Promise.resolve(),
    startTimer: () => () => undefined,
    waitUntil: () => undefined,
    replica: { apiKey: never, organization: never, providerKeys: never, forget: never },
    openCredential: never,
    openEndpoint: never,
    connectorFetch: never,
    borrow: never,
    circuits: new CircuitBoard(CIRCUIT_LIMITS),
    secretNamed: never,
    allowLoopbackUpstreams: false,
    tokenStore: () => ({ get: never, put: never, delete: never }),
    baseUrls: {},
    googleTokenUrl: '',
    ...given,
  }
}
