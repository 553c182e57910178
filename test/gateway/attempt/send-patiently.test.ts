import { expect, test } from 'vitest'
import type { GatewayError } from '../../../src/core/errors.ts'
import {
  type Sending,
  sendPatiently,
  SilentUpstream,
} from '../../../src/gateway/attempt/send-patiently.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import type { EndpointRecord } from '../../../src/storage/replica/records.ts'
import { newClock, outcomeOf, settle } from '../../streams/clock.ts'

const target: Target = {
  provider: findProvider('openai') ?? expect.fail(),
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: 'sk' }, settings: {}, location: '' },
}
const connected: Target = {
  ...target,
  endpoint: { name: 'lab', reach: 'connector', timeouts: {} } as EndpointRecord,
}

const timeouts = { first_byte_ms: 1000, idle_ms: 2000, total_ms: 10_000 }

const sending = (more: Partial<Sending> = {}, signal = new AbortController().signal): Sending => ({
  request: { method: 'POST', url: 'https://api.example/', headers: {}, body: null },
  target,
  call: { signal, expected: { answer: 'stream', timeouts } },
  ...more,
})

/** A fetch that never answers, as the platform's: it fails when it is told to stop. */
function silentFetch() {
  const signals: AbortSignal[] = []
  const fetch = (_: unknown, init?: RequestInit): Promise<Response> =>
    new Promise((_resolve, reject) => {
      const signal = init?.signal ?? expect.fail()
      signals.push(signal)
      const leave = (): void => reject(new DOMException('stopped', 'AbortError'))
      if (signal.aborted) leave()
      signal.addEventListener('abort', leave)
    })
  return { fetch, signals }
}

const answering = (response: Response) => () => Promise.resolve(response)

test('what does not begin in time is given up, told to stop and told of', async () => {
  const clock = newClock()
  const { fetch, signals } = silentFetch()
  const trace = newTrace('req_1')
  const sent = outcomeOf(sendPatiently(sending(), { ...clock, fetch }, trace))
  await clock.pass(999)
  expect(sent.value).toBe('waiting')
  await clock.pass(1)
  expect(sent.value).toBeInstanceOf(SilentUpstream)
  expect((sent.value as SilentUpstream).told).toMatchObject({
    code: 'upstream_timeout',
    message: 'openai sent nothing for 1 s. `timeouts` of a route or its target can allow it more.',
  })
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  // Another target may still answer: its stream is not to be blamed for this one.
  expect(trace.brokenOff).toBeUndefined()
  expect(clock.timers).toBe(0)
})

test('what fails in time fails as it did, and nothing is waited for any more', async () => {
  const clock = newClock()
  const failure = new Error('refused')
  const fetch = (): Promise<never> => Promise.reject(failure)
  const sent = sendPatiently(sending(), { ...clock, fetch }, newTrace('req_1'))
  await expect(sent).rejects.toBe(failure)
  expect(clock.timers).toBe(0)
})

test.each([true, false])(
  'a caller who leaves is heard; having left before: %s',
  async (isBefore) => {
    const caller = new AbortController()
    if (isBefore) caller.abort()
    const clock = newClock()
    const { fetch, signals } = silentFetch()
    const sent = outcomeOf(
      sendPatiently(sending({}, caller.signal), { ...clock, fetch }, newTrace('req_1')),
    )
    caller.abort()
    await settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(sent.value).toMatchObject({ name: 'AbortError' })
    expect(clock.timers).toBe(0)
  },
)

test('an answer that comes in time costs one timer', async () => {
  const clock = newClock()
  const response = new Response('été', { status: 418 })
  const trace = newTrace('req_1')
  const sent = await sendPatiently(sending(), { ...clock, fetch: answering(response) }, trace)
  expect(sent.response).toBe(response)
  sent.deadlines.end()
  expect([clock.timersSet, clock.timers]).toEqual([1, 0])
  await clock.pass(100_000)
  expect(trace.brokenOff).toBeUndefined()
})

test('one that has begun and is too late then is told of in the trace, and let go', async () => {
  const clock = newClock()
  const signals: AbortSignal[] = []
  const fetch = (_: unknown, init?: RequestInit): Promise<Response> => {
    signals.push(init?.signal ?? expect.fail())
    return Promise.resolve(new Response('a'))
  }
  const trace = newTrace('req_1')
  const { deadlines } = await sendPatiently(sending(), { ...clock, fetch }, trace)
  deadlines.begin()
  await clock.pass(10_000)
  expect(deadlines.isLate).toBe(true)
  expect(trace.brokenOff).toMatchObject({
    code: 'upstream_timeout',
    message:
      'openai did not finish its answer within 10 s. `timeouts` of a route or its target can allow it more.',
  } satisfies Partial<GatewayError>)
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('a model that may think is asked about only when the time of the others is up', async () => {
  const clock = newClock()
  const { fetch } = silentFetch()
  let asked = 0
  const expected = {
    answer: 'stream',
    mayThink: () => {
      asked += 1
      return true
    },
  } as const
  const call = { signal: new AbortController().signal, expected }
  const sent = outcomeOf(sendPatiently(sending({ call }), { ...clock, fetch }, newTrace('req_1')))
  await clock.pass(119_999)
  expect(asked).toBe(0)
  await clock.pass(1)
  expect([asked, sent.value]).toEqual([1, 'waiting'])
  await clock.pass(479_999)
  expect(sent.value).toBe('waiting')
  await clock.pass(1)
  expect([asked, (sent.value as SilentUpstream).told.message]).toEqual([
    1,
    'openai sent nothing for 600 s. `timeouts` of a route or its target can allow it more.',
  ])
})

test.each([
  [target, undefined],
  [connected, 'tunnel_disconnected'],
])('an answer that breaks off is told by what reaches it: %#', async (at, code) => {
  const clock = newClock()
  const trace = newTrace('req_1')
  const { deadlines } = await sendPatiently(
    sending({ target: at }),
    { ...clock, fetch: answering(new Response('a')) },
    trace,
  )
  deadlines.breakOff()
  expect(trace.brokenOff?.code).toBe(code)
  expect(clock.timers).toBe(0)
})
