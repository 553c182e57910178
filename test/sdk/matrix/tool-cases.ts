import { describe, expect, test } from 'vitest'
import { lastRequest } from '../../support/keyway.ts'
import type { Said } from './caller.ts'
import { expectPaired, outline, textOf, told } from './heard.ts'
import {
  HEARD,
  toolsOfATrip,
  TRIP_ANSWER,
  TRIP_CALLS,
  TRIP_RESULTS,
  TRIP_THOUGHT,
  tripAnswers,
} from './material.ts'
import { type Stage, WAYS } from './stage.ts'

const TRIP = [
  ['user', HEARD],
  ['assistant', 'Let me look.'],
  ...TRIP_CALLS.map(([name, given]) => ['call', name, given]),
  ...TRIP_RESULTS.map((text) => ['result', text]),
]

/** Several steps: calls at once, their results, and the reasoning that led to them. */
export function toolCases(stage: Stage): void {
  const { caller, upstream, at } = stage

  describe.each(WAYS)('%s', (_, isStreamed) => {
    test('tools are called at once, and their results answered', async () => {
      const { oddIds: ids } = upstream
      stage.keyway.standIns.script({ answer: tripAnswers({ thinks: false, ids }) })
      const { tools, calls } = toolsOfATrip()
      const said = await caller.work({ ...at(isStreamed), prompt: HEARD, tools, thinks: false })
      expectTrip(said, calls)
      const lines = told(stage)
      expect(outline(lines)).toEqual(TRIP)
      expectPaired(lines, ids)
    })

    test('reasoning is shown, and goes back to the model that it came from', async () => {
      stage.keyway.standIns.script({ answer: tripAnswers({ thinks: true }) })
      const { tools, calls } = toolsOfATrip()
      const place = at(isStreamed, upstream.thinking)
      const said = await caller.work({ ...place, prompt: HEARD, tools, thinks: true })
      expectTrip(said, calls)
      const lines = told(stage)
      expect(outline(lines)).toEqual(TRIP)
      expectPaired(lines)
      expect(said.reasoning).toBe(showsReasoning(stage) ? TRIP_THOUGHT : '')
      const { whole, streamed } = caller.keepsReasoning
      expectReplay(stage, isStreamed ? streamed : whole)
    })
  })
}

function expectTrip(said: Said, calls: readonly unknown[]): void {
  expect(calls).toEqual(TRIP_CALLS)
  expect([said.text, said.finish]).toEqual([TRIP_ANSWER, 'stop'])
}

const showsReasoning = ({ caller, upstream }: Stage): boolean =>
  caller.readsReasoning && upstream.shows(caller.format)

/** The stand-ins take reasoning back only where it proves to be theirs: what is left to see is that it came back. */
function expectReplay(stage: Stage, isKept: boolean): void {
  const { keyway, upstream } = stage
  const { body } = lastRequest(keyway.standIns, upstream.provider)
  const replayed = textOf(told(stage), 'reasoning')
  switch (upstream.proof) {
    case 'signed':
      expect(replayed).toBe(isKept ? TRIP_THOUGHT : '')
      return
    case 'text':
      if (isKept) expect(replayed).toBe(TRIP_THOUGHT)
      return
    case 'encrypted':
      if (isKept) expect(body).toMatch(/"encrypted_content":"[A-Za-z0-9+/]{40,}/)
      return
    case 'signed-calls':
      // The ids of calls carry the signature: no SDK has to know of it.
      expect(body).toMatch(/"thoughtSignature":"[A-Za-z0-9+/]{40,}/)
      return
    case 'none':
      return
    default:
      upstream.proof satisfies never
  }
}
