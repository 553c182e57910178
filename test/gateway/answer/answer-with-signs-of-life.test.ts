import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { anthropicStream } from '../../../src/formats/anthropic-messages/stream.ts'
import { openAiChatStream } from '../../../src/formats/openai-chat/stream.ts'
import { answerWithSignsOfLife } from '../../../src/gateway/answer/answer-with-signs-of-life.ts'
import type { Ending } from '../../../src/gateway/record/meter.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import { KEEP_ALIVE_MS } from '../../../src/streams/keep-alive.ts'

// The runtime's own, which does the same.
beforeAll(() => void vi.stubGlobal('IdentityTransformStream', TransformStream))
afterAll(() => void vi.unstubAllGlobals())

const failed = new GatewayError('model_unreachable', 'It is away.')

/** Until everything that can go on without time passing has done so. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0))

async function call(dialect = openAiChatStream) {
  const endings: Ending[] = []
  const trace = newTrace('req_1', (_, ending) => void endings.push(ending))
  const answering = Promise.withResolvers<Response>()
  let nowMs = 0
  let sleepers: { untilMs: number; wake: () => void }[] = []
  const sleep = (ms: number): Promise<void> =>
    new Promise((wake) => void sleepers.push({ untilMs: nowMs + ms, wake }))
  const alive = answerWithSignsOfLife(
    answering.promise,
    dialect,
    { nowMs: () => nowMs, sleep },
    trace,
  )
  alive.catch(() => undefined)
  await settled()
  return {
    alive,
    answering,
    endings,
    trace,
    pass: async (ms: number): Promise<void> => {
      nowMs += ms
      const awake = sleepers.filter(({ untilMs }) => untilMs <= nowMs)
      sleepers = sleepers.filter(({ untilMs }) => untilMs > nowMs)
      for (const { wake } of awake) wake()
      await settled()
    },
  }
}

const ANSWER = 'data: {"a":1}\n\ndata: [DONE]\n\n'
const answer = (): Response => new Response(ANSWER, { headers: { 'x-upstream': 'its own' } })

describe('an answer within the interval', () => {
  test('is as it is, with its headers', async () => {
    const { alive, answering, trace } = await call()
    answering.resolve(answer())
    const made = await alive
    expect(made.headers.get('x-upstream')).toBe('its own')
    expect(await made.text()).toBe(ANSWER)
    expect(trace.meter.isHeld).toBe(false)
    expect(trace.remainingWork).toBeUndefined()
  })

  test('that is an error is one, with its status', async () => {
    const { alive, answering, endings } = await call()
    answering.reject(failed)
    await expect(alive).rejects.toBe(failed)
    expect(endings).toEqual([])
  })
})

describe('an answer after the interval', () => {
  test.each([
    ['a comment', openAiChatStream, ': keep-alive\n\n'],
    ['Anthropic’s ping', anthropicStream, 'event: ping\ndata: {"type":"ping"}\n\n'],
  ])('follows %s', async (_, dialect, sign) => {
    const { alive, answering, pass, trace } = await call(dialect)
    await pass(KEEP_ALIVE_MS)
    const made = await alive
    expect(made.status).toBe(200)
    expect(made.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(made.headers.get('x-request-id')).toBe('req_1')
    expect(trace.meter.isHeld).toBe(true)
    expect(trace.remainingWork).toBe(answering.promise)
    const text = made.text()
    await pass(0)
    answering.resolve(answer())
    expect(await text).toBe(sign + ANSWER)
  })

  test.each([
    [failed, 'model_unreachable', 'It is away.'],
    [new TypeError('secret'), 'internal_error', 'req_1'],
  ])('that is an error is the last word: %s', async (thrown, code, message) => {
    const { alive, answering, endings, pass } = await call()
    await pass(KEEP_ALIVE_MS)
    const text = (await alive).text()
    await pass(0)
    answering.reject(thrown)
    expect(await text).toMatch(/^: keep-alive\n\ndata: \{"error":/)
    expect(await text).toContain(message)
    expect(await text).not.toMatch(/secret|\[DONE\]/)
    expect(endings).toEqual([{ status: 200, outcome: code }])
  })
})
