import { expect, test } from 'vitest'
import type { CallOutcome, OutgoingCall } from '../../src/tunnel/call.ts'
import { carryCall, type Fleet } from '../../src/tunnel/carry-call.ts'
import type { Connection } from '../../src/tunnel/connection.ts'

const CALL: OutgoingCall = {
  head: { method: 'GET', path: '/v1/models', headers: [] },
  body: undefined,
}
const ANSWER: CallOutcome = { kind: 'answer', head: { status: 200, headers: [] }, body: null }
const LOST: CallOutcome = { kind: 'failure', code: 'lost', isAccepted: false }

interface Scene {
  nowMs: number
  /** Who is online, in the order in which the object happens to list them. */
  online: Connection[]
  /** How long the call was ready to wait for a connector, each time. */
  readonly waitedMs: number[]
  /** Who was given the call. */
  readonly given: string[]
}

function newScene(): Scene {
  return { nowMs: 0, online: [], waitedMs: [], given: [] }
}

/** A connector whose every call ends like this, after so long; one that is lost is online no more. */
function connector(
  scene: Scene,
  id: string,
  { outcome = ANSWER, afterMs = 0, openedAtMs = 0, inFlight = 0 },
): Connection {
  const self = {
    record: { id, openedAtMs },
    hasRoom: true,
    inFlight,
    call() {
      scene.given.push(id)
      scene.nowMs += afterMs
      if (outcome === LOST) scene.online = scene.online.filter((one) => one !== self)
      return { outcome: Promise.resolve(outcome), cancel: () => undefined }
    },
  } as unknown as Connection
  return self
}

/** `coming` are the connectors that dial in while a call waits, one each time. */
function fleetOf(scene: Scene, coming: readonly Connection[] = []): Fleet {
  const next = coming.values()
  return {
    ready: () => scene.online,
    hasMemory: () => true,
    nextConnector(withinMs) {
      scene.waitedMs.push(withinMs)
      const come = next.next().value
      if (come === undefined) scene.nowMs += withinMs
      else scene.online.push(come)
      return Promise.resolve()
    },
    mayReturn: () => true,
    nowMs: () => scene.nowMs,
  }
}

const carry = (fleet: Fleet): Promise<CallOutcome> =>
  carryCall(CALL, fleet, new AbortController().signal)

test('the time to wait for a connector begins when there is none, however long the lost one had the call', async () => {
  const scene = newScene()
  const dead = connector(scene, 'dead', { outcome: LOST, afterMs: 20_000 })
  const deadToo = connector(scene, 'dead, too', { outcome: LOST, afterMs: 20_000 })
  scene.online = [dead]
  expect(await carry(fleetOf(scene, [deadToo, connector(scene, 'good', {})]))).toBe(ANSWER)
  expect(scene.given).toEqual(['dead', 'dead, too', 'good'])
  expect(scene.waitedMs).toEqual([5_000, 5_000])
})

test('it is waited for five seconds and no longer, whoever comes and takes no calls meanwhile', async () => {
  const scene = newScene()
  const fleet: Fleet = {
    ...fleetOf(scene),
    nextConnector(withinMs) {
      scene.waitedMs.push(withinMs)
      scene.nowMs += 2_000
      return Promise.resolve()
    },
  }
  expect(await carry(fleet)).toMatchObject({ code: 'offline' })
  expect(scene.waitedMs).toEqual([5_000, 3_000, 1_000])
})

test('of connectors with as few calls in flight, the one that dialled in last gets the call', async () => {
  const scene = newScene()
  scene.online = [
    connector(scene, 'old', { openedAtMs: 1_000 }),
    connector(scene, 'new', { openedAtMs: 3_000 }),
    connector(scene, 'between', { openedAtMs: 2_000 }),
    connector(scene, 'newer, but busy', { openedAtMs: 4_000, inFlight: 1 }),
  ]
  expect(await carry(fleetOf(scene))).toBe(ANSWER)
  expect(scene.given).toEqual(['new'])
})
