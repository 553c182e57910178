import { expect, test } from 'vitest'
import { takeWhole } from '../../../src/gateway/attempt/take-answer.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import type { EndpointRecord } from '../../../src/storage/replica/records.ts'

const MIB = 1024 * 1024
const provider: Target = {
  provider: findProvider('openai') ?? expect.fail(),
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: 'sk' }, settings: {}, location: '' },
}
const endpoint: Target = { ...provider, endpoint: { name: 'lab', timeouts: {} } as EndpointRecord }

/** So many MiB of white space, or for ever; and what became of it. */
function spaces(count = Infinity) {
  const piece = new Uint8Array(MIB).fill(32)
  const seen = { pulled: 0, isCancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled++ < count) controller.enqueue(piece)
        else controller.close()
      },
      cancel: () => void (seen.isCancelled = true),
    },
    { highWaterMark: 0 },
  )
  return { body, seen }
}

const take = (target: Target, response: Response): Promise<string> =>
  takeWhole({ kind: 'answer', target, response }, (whole) => whole.text(), newTrace('req_1'))

test('a private model’s answer that never ends is let go of', async () => {
  const { body, seen } = spaces()
  await expect(take(endpoint, new Response(body))).rejects.toMatchObject({
    code: 'upstream_error',
    message: expect.stringContaining('more than 16 MiB'),
    retryable: false,
  })
  expect(seen).toEqual({ pulled: 17, isCancelled: true })
})

test.each([
  ['a private model', endpoint],
  ['a provider', provider],
])('an answer of %s comes whole', async (_, target) => {
  expect(await take(target, new Response(spaces(3).body))).toHaveLength(3 * MIB)
  expect(await take(target, new Response(null))).toBe('')
})

test.each([
  ['a private model', endpoint],
  ['a provider', provider],
])('an answer of %s that breaks off is told as that', async (_, target) => {
  const body = new ReadableStream({ pull: (broken) => broken.error(new Error('reset')) })
  await expect(take(target, new Response(body))).rejects.toMatchObject({
    code: 'upstream_error',
    message: expect.stringContaining('stopped before'),
  })
})
