import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Keyway, startKeyway } from '../../support/keyway.ts'
import { type Case, expectedOf, type View } from './expected.ts'
import { MODES } from './modes.ts'
import { call, type Outcome, recordsIn, viewOf } from './observe.ts'
import { keysOf, POSITIONS } from './positions.ts'
import { inGroups, prepare } from './prepare.ts'
import { SURFACES } from './surfaces.ts'

/** Every way to fail, wherever the failure is, streamed or not, on every surface: what the caller sees, whom we asked, what is recorded. */
const CASES: readonly Case[] = MODES.flatMap((mode) =>
  POSITIONS.flatMap((position) =>
    [false, true].flatMap((stream) =>
      SURFACES.flatMap((surface): Case[] => {
        if (stream && !surface.streams) return []
        if (mode.asked !== undefined && mode.asked !== (stream ? 'stream' : 'whole')) return []
        const keys = keysOf(position, surface, mode)
        return keys === undefined ? [] : [{ mode, position, stream, surface, keys }]
      }),
    ),
  ),
)

let keyway: Keyway
const views = new Map<Case, View>()

beforeAll(async () => {
  keyway = await startKeyway({ LOG_REQUESTS: 'true' })
  const outcomes: Outcome[] = []
  await inGroups(CASES, async (group) => {
    const prepared = await prepare(keyway, group)
    outcomes.push(...(await Promise.all(prepared.map((one) => call(keyway, one)))))
  })
  const received = Map.groupBy(keyway.standIns.requests, ({ credential = '' }) => credential)
  await vi.waitFor(() => expect(recordsIn(keyway.worker.output()).size).toBe(outcomes.length), {
    timeout: 4000,
    interval: 100,
  })
  const records = recordsIn(keyway.worker.output())
  await Promise.all(
    outcomes.map(async (outcome) => {
      views.set(outcome.chaos, await viewOf(outcome, received, records))
    }),
  )
}, 600_000)
afterAll(() => keyway[Symbol.asyncDispose]())

describe.each([...Map.groupBy(CASES, ({ mode }) => mode)])('$name', (_, ofMode) => {
  const groups = Map.groupBy(
    ofMode,
    ({ position, stream }) => `${position.name}, ${stream ? 'streamed' : 'whole'}`,
  )
  test.each([...groups])('%s', (_name, group) => {
    for (const one of group) {
      const view = views.get(one)
      expect.soft(view, one.surface.name).toMatchObject(expectedOf(one, view?.attempts ?? []))
    }
  })
})
