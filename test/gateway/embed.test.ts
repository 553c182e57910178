import { describe, expect, test } from 'vitest'
import type { OpenedCall } from '../../src/gateway/call/opened-call.ts'
import { embed } from '../../src/gateway/embed.ts'
import { newTrace } from '../../src/gateway/record/trace.ts'
import type { Target } from '../../src/gateway/target/target.ts'
import { mistral } from '../../src/providers/mistral.ts'
import { worldWith } from './dependencies.ts'

const BATCH = 512
const service = mistral.services.find((one) => one.format === 'embeddings') ?? expect.fail()
const target: Target = {
  provider: mistral,
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: 'sk' }, settings: {}, location: '' },
}

function opened(batches: number, signal = new AbortController().signal): OpenedCall {
  const input = Array.from({ length: batches * BATCH }, () => 'text')
  const body = { model: 'mistral-embed', input }
  return {
    call: { text: '', body, model: 'm', modelInBody: 'm', wantsStream: false },
    named: { provider: mistral, model: 'mistral-embed' },
    options: { providerKeyId: undefined, location: undefined, compat: 'default', metadata: {} },
    headers: new Headers(),
    organizationId: 'org_1',
    // oxlint-disable-next-line require-await -- keys are opened one after the other, but there is one here
    async *targets() {
      yield target
    },
    signal,
  }
}

/** Never answers; says which request was broken off. */
function silence(index: number, broken: number[], init?: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) => {
    init?.signal?.addEventListener('abort', () => {
      broken.push(index)
      reject(new DOMException('stopped', 'AbortError'))
    })
  })
}

test('one batch that fails stops the others, and what had come is counted', async () => {
  const broken: number[] = []
  const first = Promise.withResolvers<void>()
  let asked = 0
  const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
    const index = asked++
    if (index > 1) return await silence(index, broken, init)
    if (index === 1) {
      await first.promise
      return Response.json({ message: 'No' }, { status: 400 })
    }
    const data = Array.from({ length: BATCH }, (_item, at) => ({ index: at, embedding: [1] }))
    setImmediate(first.resolve)
    return Response.json({ data, usage: { prompt_tokens: 700 } })
  }
  const trace = newTrace('req_1')
  const sent = embed(opened(4), service, worldWith({ fetch }), trace)
  await expect(sent).rejects.toMatchObject({ status: 400, message: 'No' })
  expect([asked, broken]).toEqual([4, [2, 3]])
  expect(trace.meter.usage).toEqual({ inputTokens: 700 })
})

test.each([1, 4])('a caller who leaves stops all %d of them', async (batches) => {
  const departure = new AbortController()
  const broken: number[] = []
  let asked = 0
  const fetch = (_: unknown, init?: RequestInit): Promise<Response> => {
    const answering = silence(asked++, broken, init)
    if (asked === batches) setImmediate(() => departure.abort())
    return answering
  }
  const trace = newTrace('req_1')
  const sent = embed(opened(batches, departure.signal), service, worldWith({ fetch }), trace)
  await expect(sent).rejects.toThrow('could not be reached')
  expect(broken).toHaveLength(batches)
})

describe('many batches', () => {
  const PAIR = 2
  const inPairs = { ...service, embeddings: { ...service.embeddings, batchSize: () => PAIR } }
  const input = Array.from({ length: 20 * PAIR }, () => 'text')
  const call = opened(1)
  const twenty = { ...call, call: { ...call.call, body: { model: 'mistral-embed', input } } }
  const vectors = (): Response =>
    Response.json({
      data: Array.from({ length: PAIR }, (_item, at) => ({ index: at, embedding: [1] })),
      usage: { prompt_tokens: 1 },
    })
  const everyoneAsked = () => new Promise((resolve) => setImmediate(resolve))

  test('are under way six at a time', async () => {
    const underWay: number[] = []
    let now = 0
    const fetch = async (): Promise<Response> => {
      now += 1
      underWay.push(now)
      await everyoneAsked()
      now -= 1
      return vectors()
    }
    const answer = await embed(twenty, inPairs, worldWith({ fetch }), newTrace('req_1'))
    expect(await answer.json()).toMatchObject({ data: { length: input.length } })
    expect([underWay.length, Math.max(...underWay)]).toEqual([20, 6])
  })

  test('are not asked behind one that failed', async () => {
    const broken: number[] = []
    let asked = 0
    const fetch = async (_: unknown, init?: RequestInit): Promise<Response> => {
      const index = asked++
      if (index === 0) return vectors()
      if (index > 1) return await silence(index, broken, init)
      await everyoneAsked()
      return Response.json({ message: 'No' }, { status: 400 })
    }
    const sent = embed(twenty, inPairs, worldWith({ fetch }), newTrace('req_1'))
    await expect(sent).rejects.toMatchObject({ status: 400 })
    expect([asked, broken]).toEqual([7, [2, 3, 4, 5, 6]])
  })
})
