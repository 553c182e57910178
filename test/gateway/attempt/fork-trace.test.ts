import { describe, expect, test, vi } from 'vitest'
import { forkTrace } from '../../../src/gateway/attempt/fork-trace.ts'
import type { Ending } from '../../../src/gateway/record/meter.ts'
import { type AttemptRecord, newTrace, type Trace } from '../../../src/gateway/record/trace.ts'

const OK: Ending = { status: 200, outcome: 'ok' }

const failed = (keyId: string): AttemptRecord => ({ keyId, outcome: '500', reason: 'failed' })

const outcomes = ({ attempts }: Trace): string[] =>
  attempts.map(({ keyId, outcome }) => `${keyId}:${outcome}`)

describe('a fork', () => {
  test('begins with what is known of the request, and says nothing of it by itself', () => {
    const trace = newTrace('req_1')
    trace.caller = { organizationId: 'org_1', apiKeyId: 'key_1', metering: 'all' }
    Object.assign(trace.meter, { surface: 'openai-chat', isStream: true, metadata: { a: 'b' } })
    trace.attempts.push(failed('a'))
    const fork = forkTrace(trace)
    expect(fork.trace).toMatchObject({ requestId: 'req_1', caller: trace.caller, attempts: [] })
    expect(fork.trace.meter).toMatchObject({
      surface: 'openai-chat',
      isStream: true,
      metadata: { a: 'b' },
    })
    Object.assign(fork.trace, { provider: 'openai', model: 'm', providerKeyId: 'b' })
    fork.trace.attempts.push(failed('b'))
    fork.trace.warnings.push('warned')
    fork.trace.meter.tell({ usage: { inputTokens: 1 } })
    fork.trace.meter.hold()
    fork.trace.meter.end(OK)
    expect(trace.provider).toBeUndefined()
    expect(outcomes(trace)).toEqual(['a:500'])
    expect(trace.warnings).toEqual([])
    expect(trace.meter).toMatchObject({ usage: undefined, isHeld: false })
  })

  test('that is announced says where the request is, unless that is known', () => {
    const trace = newTrace('req_1')
    for (const model of ['first', 'second']) {
      const fork = forkTrace(trace)
      Object.assign(fork.trace, { provider: 'openai', model })
      fork.announce()
    }
    expect(trace).toMatchObject({ provider: 'openai', model: 'first' })
  })

  test('that is adopted is the request’s, with what it had to say before and what it says later', () => {
    const onEnd = vi.fn<(trace: Trace, ending: Ending) => void>()
    const trace = newTrace('req_1', onEnd)
    trace.timings.set('upstream', 2)
    trace.warnings.push('known')
    const fork = forkTrace(trace)
    Object.assign(fork.trace, { provider: 'openai', model: 'm', providerKeyId: 'b' })
    fork.trace.attempts.push(failed('a'), { keyId: 'b', outcome: '200' })
    fork.trace.warnings.push('known', 'new')
    fork.trace.timings.set('upstream', 3)
    const { meter } = fork.trace
    meter.tell({ usage: { inputTokens: 1 } })
    meter.firstByteAtMs = 7
    meter.hold()
    fork.adopt()
    expect(trace).toMatchObject({ provider: 'openai', model: 'm', providerKeyId: 'b' })
    expect(outcomes(trace)).toEqual(['a:500', 'b:200'])
    expect(trace.warnings).toEqual(['known', 'new'])
    expect(trace.timings.get('upstream')).toBe(5)
    expect(trace.meter).toMatchObject({ usage: { inputTokens: 1 }, firstByteAtMs: 7, isHeld: true })
    expect(onEnd).not.toHaveBeenCalled()
    meter.tell({ usage: { inputTokens: 1, outputTokens: 2 }, model: 'm-2' })
    meter.end(OK)
    expect(trace.meter).toMatchObject({
      usage: { inputTokens: 1, outputTokens: 2 },
      answeredModel: 'm-2',
    })
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(trace, OK)
  })

  test('that had ended before it was adopted ends the request', () => {
    const onEnd = vi.fn<(trace: Trace, ending: Ending) => void>()
    const trace = newTrace('req_1', onEnd)
    const fork = forkTrace(trace)
    fork.trace.meter.end(OK)
    expect(onEnd).not.toHaveBeenCalled()
    fork.adopt()
    expect(onEnd).toHaveBeenCalledExactlyOnceWith(trace, OK)
  })

  test('is recorded once, however often', () => {
    const trace = newTrace('req_1')
    const fork = forkTrace(trace)
    fork.trace.attempts.push(failed('a'))
    fork.trace.timings.set('upstream', 3)
    fork.record()
    fork.record()
    fork.adopt()
    expect([outcomes(trace), trace.timings.get('upstream')]).toEqual([['a:500'], 3])
  })
})

describe('a fork that is cancelled', () => {
  const cancelled = (asked: string | undefined, ...attempts: readonly AttemptRecord[]): Trace => {
    const trace = newTrace('req_1')
    const fork = forkTrace(trace)
    Object.assign(fork.trace, { provider: 'openai', model: 'm' })
    if (asked !== undefined) fork.trace.providerKeyId = asked
    fork.trace.attempts.push(...attempts)
    fork.cancel()
    fork.trace.attempts.push(failed('late'))
    fork.record()
    return trace
  }
  const misconfigured: AttemptRecord = {
    keyId: 'm',
    outcome: 'misconfigured',
    reason: 'misconfigured',
  }

  test.each<[string, Trace, readonly string[]]>([
    ['before it has asked anybody', cancelled(undefined), []],
    ['while it asks', cancelled('a'), ['a:cancelled']],
    ['while it asks the second', cancelled('b', failed('a')), ['a:500', 'b:cancelled']],
    ['between two', cancelled('a', failed('a')), ['a:500']],
    [
      'while it looks for another',
      cancelled('a', failed('a'), misconfigured),
      ['a:500', 'm:misconfigured'],
    ],
    [
      'while the answer is waited for',
      cancelled('a', { keyId: 'a', outcome: '200' }),
      ['a:cancelled'],
    ],
  ])('%s', (_, trace, expected) => {
    expect(outcomes(trace)).toEqual(expected)
  })

  test('is no endpoint’s success', () => {
    const trace = newTrace('req_1')
    const fork = forkTrace(trace)
    Object.assign(fork.trace, { provider: 'byom', model: 'lab/llama', providerKeyId: 'ep_1' })
    fork.cancel()
    expect(trace.attempts).toEqual([
      {
        keyId: 'ep_1',
        outcome: 'cancelled',
        reason: 'cancelled',
        model: 'byom/lab/llama',
        isEndpoint: true,
      },
    ])
  })
})
