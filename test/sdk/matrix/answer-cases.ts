import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { lastRequest } from '../../support/keyway.ts'
import { sampleOf } from '../../upstreams/sample-of-schema.ts'
import { echo, usageOf } from '../../upstreams/stand-ins.ts'
import type { Said } from './caller.ts'
import { HEARD, SCHEMA } from './material.ts'
import { type Stage, WAYS } from './stage.ts'

/** What comes back: texts, finishes, tokens, JSON. */
export function answerCases(stage: Stage): void {
  const { caller, upstream, at, greeting } = stage

  describe.each(WAYS)('%s', (_, isStreamed) => {
    test('text arrives with its usage', async () => {
      const said = await caller.say(greeting(isStreamed))
      expect(said.text).toBe(echo(upstream.provider, HEARD))
      expect(said.finish).toBe('stop')
      expect(said.usage).toEqual(usageOfEcho(stage))
      if (isStreamed) expect(said.pieces).toBeGreaterThan(2)
    })

    test('JSON fits the schema', async () => {
      const answer = caller.parse({ ...at(isStreamed), prompt: HEARD, schema: SCHEMA })
      if (caller.parsesByForce && upstream.canBeForced === false) {
        await expect(answer).rejects.toThrow(/tool_choice/)
        return
      }
      expect(await answer).toEqual(sampleOf(z.toJSONSchema(SCHEMA)))
    })

    test('an answer that is cut off at the limit says so', async () => {
      const answer = { say: [{ text: ['Once ', 'upon'] }], finish: 'length' as const }
      stage.keyway.standIns.script({ answer: () => answer })
      const { text, finish } = await caller.say(greeting(isStreamed))
      expect([text, finish]).toEqual(['Once upon', 'length'])
    })

    test('tokens add up, those from the cache and those for thinking too', async () => {
      const usage = { input: 1000, cached: 600, written: 100, output: 50, reasoning: 20 }
      stage.keyway.standIns.script({ answer: () => ({ say: [{ text: 'Well' }], usage }) })
      const said = await caller.say(greeting(isStreamed))
      expect(said.usage).toEqual({ input: 1000, cached: 600, output: 70 })
    })
  })

  const mayBeWithheld = upstream.withholds === false ? [] : WAYS
  test.each(mayBeWithheld)('an answer that is withheld says so: %s', async (_, isStreamed) => {
    const answer = { say: [{ text: 'Well' }], finish: 'content-filter' as const }
    stage.keyway.standIns.script({ answer: () => answer })
    expect((await caller.say(greeting(isStreamed))).finish).toBe('refusal')
  })
}

/** The usage of an echo, with its reasoning where the model was made to think. */
function usageOfEcho({ keyway, upstream: { provider } }: Stage): Said['usage'] {
  const { thinks = false } = lastRequest(keyway.standIns, provider).prompt ?? {}
  const thought = thinks ? 'The caller wants an echo – nothing more. Écho.' : ''
  const { input, cached, output, reasoning } = usageOf(HEARD, echo(provider, HEARD), thought)
  return { input, cached, output: output + reasoning }
}
