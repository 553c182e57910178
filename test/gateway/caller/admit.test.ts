import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { admit } from '../../../src/gateway/caller/admit.ts'
import { newTrace, type Trace } from '../../../src/gateway/record/trace.ts'
import type { KeyLimits } from '../../../src/limits/key-limits.ts'
import { type KeyLedger, lend, newKeyLedger } from '../../../src/limits/lender.ts'
import type { Ask, Terms } from '../../../src/limits/terms.ts'
import type { ApiKeyRecord } from '../../../src/storage/replica/records.ts'

type Borrow = (ask: Ask) => Promise<Terms>

let keys = 0

/** One isolate with a key of its own, and a record that it asks; time passes when told to. */
function world(
  limits: KeyLimits | undefined,
  answer?: (ledger: KeyLedger) => Borrow,
  organizationId = 'org_1',
) {
  const ledger = newKeyLedger()
  const asked: Ask[] = []
  const sleeping: { readonly untilMs: number; readonly wake: () => void }[] = []
  let nowMs = 1_000_000
  const own: Borrow = (ask) => Promise.resolve(lend(ledger, limits ?? {}, ask, nowMs))
  const borrow = answer?.(ledger) ?? own
  const apiKey: ApiKeyRecord = {
    id: `key_${keys++}`,
    organization_id: organizationId,
    disabled: false,
    expires_at: null,
    providers: [],
    models: [],
    ...(limits === undefined ? {} : { limits }),
  }
  const deps = {
    nowMs: () => nowMs,
    random: Math.random,
    sleep: (ms: number) =>
      new Promise<void>((wake) => void sleeping.push({ untilMs: nowMs + ms, wake })),
    waitUntil: (work: Promise<unknown>) => void work,
    borrow: (_: object, ask: Ask) => {
      asked.push(ask)
      return borrow(ask)
    },
  }
  const settle = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve))
  }
  /** A request that is let in, as its trace. */
  const request = async (tokens = 0, trace = newTrace('req_1')): Promise<Trace> => {
    trace.caller = { organizationId, apiKeyId: apiKey.id, metering: 'off' }
    await admit({ apiKey, tokensOf: () => tokens }, deps, trace)
    return trace
  }
  const refusal = async (tokens = 0): Promise<GatewayError> => {
    const error: unknown = await request(tokens).catch((thrown: unknown) => thrown)
    expect.assert(error instanceof GatewayError)
    return error
  }
  const pass = async (ms: number): Promise<void> => {
    const endMs = nowMs + ms
    for (;;) {
      await settle()
      sleeping.sort((one, other) => one.untilMs - other.untilMs)
      const [next] = sleeping
      if (next === undefined || next.untilMs > endMs) break
      sleeping.shift()
      nowMs = Math.max(nowMs, next.untilMs)
      next.wake()
    }
    nowMs = endMs
  }
  return { asked, ledger, now: () => nowMs, request, refusal, pass }
}

const end = (trace: Trace): void => trace.meter.end({ status: 200, outcome: 'ok' })

describe('what a limit costs', () => {
  test('nothing where there is none', async () => {
    const { request, asked } = world(undefined)
    const trace = await request()
    expect(asked).toEqual([])
    expect(trace.caller).not.toHaveProperty('limited')
    expect(trace.timings.size).toBe(0)
  })

  test('a wait now and then: most requests find what they need', async () => {
    const { request, pass } = world({
      requests_per_minute: 100_000,
      tokens_per_minute: 10_000_000,
      concurrent_requests: 1000,
    })
    let waited = 0
    for (let count = 0; count < 500; count++) {
      const trace = await request(100)
      if (trace.timings.has('limits')) waited += 1
      end(trace)
      await pass(50)
    }
    expect(waited).toBeLessThan(50)
  })

  test('no more where another organization has thousands of keys', async () => {
    const limits = { requests_per_minute: 100_000 }
    const { request, pass } = world(limits)
    const waits = async (): Promise<boolean> => {
      const trace = await request()
      end(trace)
      return trace.timings.has('limits')
    }
    for (let count = 0; count < 50; count++) {
      await waits()
      await pass(50)
    }
    expect([await waits(), await waits()]).toEqual([false, false])
    for (let count = 0; count < 3000; count++) {
      end(await world(limits, undefined, 'org_2').request())
    }
    expect(await waits()).toBe(false)
  })

  test('a flood that is refused asks once a second', async () => {
    const { request, refusal, asked, pass } = world({ requests_per_minute: 1 })
    await request()
    const before = asked.length
    for (let count = 0; count < 100; count++) {
      expect((await refusal()).code).toBe('rate_limited')
      await pass(20)
    }
    expect(asked.length - before).toBeLessThanOrEqual(3)
  })
})

describe('a refusal', () => {
  test('names the limit and the key, and when to come again', async () => {
    const { request, refusal, pass } = world({ requests_per_minute: 2 })
    await request()
    await pass(10_000)
    await request()
    await pass(20_000)
    const error = await refusal()
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryable: true })
    expect(error.details.retryAfterSeconds).toBe(30)
    expect(error.message).toMatch(
      /^The API key key_\d+ has used up its limit of 2 requests per minute \(limits.requests_per_minute\). Try again in 30 s.$/,
    )
    await pass(30_000)
    await request()
    expect((await refusal()).details.retryAfterSeconds).toBe(10)
  })

  test('of tokens is only for those that need as many', async () => {
    const { request, refusal } = world({ tokens_per_minute: 1000 })
    await request(900)
    expect((await refusal(200)).message).toContain('tokens per minute (limits.tokens_per_minute)')
    await request(100)
  })
})

describe('limits that were changed', () => {
  test('refuse nothing that the record has lent', async () => {
    let now = { tokens_per_minute: 100 }
    const one = world({ tokens_per_minute: 1000 }, (ledger) => (ask) => {
      return Promise.resolve(lend(ledger, now, ask, one.now()))
    })
    await one.request(50)
    now = { tokens_per_minute: 1000 }
    await one.request(500)
  })

  test('are refused by their own name where another request took what was lent', async () => {
    const answers: ((terms: Terms) => void)[] = []
    const limits = { concurrent_requests: 1 }
    const terms = { limits, left: {} }
    const one = world(limits, () => () => new Promise((resolve) => void answers.push(resolve)))
    const asking = [one.request(), one.refusal()]
    answers[0]?.({
      ...terms,
      refusal: { limit: 'concurrent_requests', retryAfterMs: 1 },
      granted: {},
    })
    answers[1]?.({ ...terms, refusal: null, granted: { concurrent_requests: 1 } })
    const [, refusal] = await Promise.all(asking)
    expect(String(refusal)).toContain('is at its limit of 1 request in flight')
  })
})

describe('tokens', () => {
  test('that an answer costs beyond its estimate are told within a second', async () => {
    const { request, refusal, pass, ledger } = world({ tokens_per_minute: 1000 })
    const trace = await request(10)
    trace.meter.tell({ usage: { inputTokens: 500, outputTokens: 700 } })
    end(trace)
    await pass(1_000)
    const used = ledger.tokens_per_minute.entries.reduce((sum, { units }) => sum + units, 0)
    expect(used).toBe(1200)
    expect((await refusal(10)).details.retryAfterSeconds).toBeLessThanOrEqual(60)
    await pass(61_000)
    await request(10)
  })

  test('count where none were expected, too', async () => {
    const { request, refusal } = world({ tokens_per_minute: 1000, concurrent_requests: 2 })
    const trace = await request(0)
    trace.meter.tell({ usage: { inputTokens: 500, outputTokens: 700 } })
    end(trace)
    expect((await refusal(10)).message).toContain('limits.tokens_per_minute')
  })

  test('that nobody told of cost their estimate', async () => {
    const { request, refusal } = world({ tokens_per_minute: 1000 })
    end(await request(1000))
    await refusal(1)
  })
})

describe('a request in flight', () => {
  test('keeps its place for as long as it takes, and leaves it once', async () => {
    const { request, refusal, pass, ledger } = world({ concurrent_requests: 2 })
    const [long, short] = [await request(), await request()]
    await pass(3_600_000)
    await refusal()
    end(short)
    end(short)
    await pass(1_000)
    await request()
    await refusal()
    end(long)
    await pass(1_000)
    expect(ledger.concurrent_requests.leases.reduce((sum, { places }) => sum + places, 0)).toBe(1)
  })

  test('that had ended before it was let in takes no place', async () => {
    const one = world({ concurrent_requests: 1 })
    const left = newTrace('req_1')
    left.meter.end({ status: null, outcome: 'client_left' })
    await one.request(0, left)
    await one.request()
    expect((await one.refusal()).message).toContain('is at its limit of 1 request in flight')
  })
})

describe('a record that cannot be reached', () => {
  const limits = { requests_per_minute: 3, concurrent_requests: 2, tokens_per_minute: 1000 }

  test.each([
    ['fails', (): Borrow => () => Promise.reject(new Error('out of reach'))],
    ['says nothing', (): Borrow => () => new Promise(() => undefined)],
  ])('and %s: the isolate holds to the limit by itself', async (_, answer) => {
    const { request, refusal, pass } = world(limits, answer)
    const waitFor = async <Result>(asking: Promise<Result>): Promise<Result> => {
      await pass(2_000)
      return await asking
    }
    const [first, second] = [await waitFor(request(10)), await waitFor(request(10))]
    expect((await waitFor(refusal(10))).message).toContain('concurrent_requests')
    end(first)
    end(second)
    await pass(1_000)
    end(await waitFor(request(10)))
    expect((await waitFor(refusal(10))).message).toContain('requests_per_minute')
  })

  test('is asked again after a while, and hears what is in flight', async () => {
    let isReachable = false
    const one = world(limits, (ledger) => (ask) => {
      if (!isReachable) return Promise.reject(new Error('out of reach'))
      return Promise.resolve(lend(ledger, limits, ask, one.now()))
    })
    await one.request(10)
    const before = one.asked.length
    await one.request(10)
    expect(one.asked.length).toBe(before)
    isReachable = true
    await one.pass(15_000)
    expect(one.ledger.concurrent_requests.leases.reduce((sum, { places }) => sum + places, 0)).toBe(
      2,
    )
    expect((await one.refusal(10)).message).toContain('concurrent_requests')
  })
})
