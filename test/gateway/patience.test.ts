import { expect, test } from 'vitest'
import { sendPatiently, SilentUpstream } from '../../src/gateway/patience.ts'
import { newTrace } from '../../src/gateway/trace.ts'
import type { EndpointRecord } from '../../src/storage/records.ts'

const endpoint = {
  name: 'lab',
  reach: 'url',
  timeouts: { first_byte_ms: 1000, idle_ms: 100 },
} as EndpointRecord

const never = (): Promise<never> => new Promise(() => undefined)
const at = (signal = new AbortController().signal) => ({ endpoint, signal })
/** A clock whose sleepers wake at once, or never. */
const world = (sleep: () => Promise<void>) => ({ nowMs: () => 0, sleep })

test('what does not answer in time is given up, and told to stop', async () => {
  let told: AbortSignal | undefined
  const silent = (signal: AbortSignal): Promise<Response> => {
    told = signal
    return never()
  }
  const sent = sendPatiently(
    silent,
    at(),
    world(() => Promise.resolve()),
    newTrace('req_1'),
  )
  await expect(sent).rejects.toBeInstanceOf(SilentUpstream)
  expect(told?.aborted).toBe(true)
})

test('what fails in time fails as it did', async () => {
  const failure = new Error('refused')
  const sent = sendPatiently(() => Promise.reject(failure), at(), world(never), newTrace('req_1'))
  await expect(sent).rejects.toBe(failure)
})

test.each([true, false])('a caller who leaves is heard; having left before: %s', (isBefore) => {
  const caller = new AbortController()
  if (isBefore) caller.abort()
  const signals: AbortSignal[] = []
  const silent = (signal: AbortSignal): Promise<Response> => {
    signals.push(signal)
    return never()
  }
  void sendPatiently(silent, at(caller.signal), world(never), newTrace('req_1'))
  caller.abort()
  expect(signals.map(({ aborted }) => aborted)).toEqual([true])
})

test('an answer keeps its status, its headers and its bytes', async () => {
  const answer = new Response('été', { status: 418, headers: { 'x-a': 'b' } })
  const trace = newTrace('req_1')
  const sent = await sendPatiently(() => Promise.resolve(answer), at(), world(never), trace)
  expect([sent.status, sent.headers.get('x-a'), await sent.text()]).toEqual([418, 'b', 'été'])
  expect(trace.brokenOff).toBeUndefined()
})

test.each([
  ['url', undefined],
  ['connector', 'tunnel_disconnected'],
] as const)('an answer that breaks off, reached by %s, is told as %s', async (reach, code) => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error('broken')),
  })
  const trace = newTrace('req_1')
  const target = { ...at(), endpoint: { ...endpoint, reach } }
  const sent = await sendPatiently(
    () => Promise.resolve(new Response(body)),
    target,
    world(never),
    trace,
  )
  await expect(sent.text()).rejects.toThrow()
  expect(trace.brokenOff?.code).toBe(code)
})
