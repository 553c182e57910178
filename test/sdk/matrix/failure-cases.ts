import { describe, expect, test } from 'vitest'
import { BAD_REQUEST_MESSAGE, type Fault } from '../../upstreams/stand-ins.ts'
import { type Stage, WAYS } from './stage.ts'

const CUT_OFF = /before its answer was complete/

/** What goes wrong at the provider, as the SDK tells of it. */
export function failureCases(stage: Stage): void {
  const { caller, upstream } = stage
  const overloaded = caller.format === 'anthropic-messages' ? 529 : 503

  const failureOf = async (fault: Fault, isStreamed: boolean): Promise<unknown> => {
    stage.keyway.standIns.misbehave(upstream.provider, fault, { times: 1 })
    return caller.say(stage.greeting(isStreamed)).then(
      () => expect.unreachable('it was answered'),
      (error: unknown) => error,
    )
  }

  describe.each(WAYS)('%s', (_, isStreamed) => {
    test("the provider's 400 keeps its words", async () => {
      const failure = await failureOf({ kind: 'bad-request' }, isStreamed)
      expect(String(failure)).toContain(BAD_REQUEST_MESSAGE)
      expect(caller.statusOf(failure)).toBe(400)
    })

    test('a provider that is overloaded before its first word is a status', async () => {
      const failure = await failureOf({ kind: 'overloaded' }, isStreamed)
      expect(caller.statusOf(failure)).toBe(overloaded)
    })
  })

  test('a stream whose first word is an error is a status', async () => {
    const failure = await failureOf({ kind: 'error-event', afterEvents: 0, as: 'overloaded' }, true)
    const isTold = upstream.saysOverload ?? true
    expect(caller.statusOf(failure)).toBe(isTold ? overloaded : 502)
  })

  test('an error in the middle of a stream is that error', async () => {
    const failure = await failureOf({ kind: 'error-event', afterEvents: 4 }, true)
    expect(String(failure)).not.toMatch(CUT_OFF)
  })

  test.each([
    { kind: 'die-midway', afterEvents: 4 },
    { kind: 'end-midway', afterEvents: 4 },
  ] as const)('a stream that is cut is an error: $kind', async (fault) => {
    expect(String(await failureOf(fault, true))).toMatch(CUT_OFF)
  })
}
