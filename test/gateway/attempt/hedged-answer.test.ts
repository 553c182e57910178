import { setImmediate } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { GatewayError } from '../../../src/core/errors.ts'
import { hedgedAnswer } from '../../../src/gateway/attempt/hedged-answer.ts'
import {
  endOf,
  error,
  type Fate,
  type Given,
  type Later,
  outcomes,
  type World,
  worldOf,
} from './candidate-world.ts'

const AFTER_MS = 1234

interface Slow extends Later {
  /** What it comes to in the end. */
  readonly come: (fate: Fate) => void
}

/** A key that keeps one waiting, for its status or for its first byte. */
function slow(hasHeaders = false): Slow {
  const { promise, resolve } = Promise.withResolvers<Fate>()
  return { until: promise, hasHeaders, come: resolve }
}

const ONE: Given = { name: 'one', keys: ['a'] }
const TWO: Given = { name: 'two', keys: ['b'] }
const THREE: Given = { name: 'three', keys: ['c'] }

const begin = (given: readonly Given[], world: World) => {
  const { candidatesOf, serve, deps, trace } = world
  return hedgedAnswer({ ...candidatesOf(given), hedgeAfterMs: AFTER_MS }, serve, deps, trace)
}

const answerOf = (given: readonly Given[], world: World) => endOf(begin(given, world))

const isSent = (world: World, ...keyIds: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(world.sent).toEqual(keyIds), { interval: 1 })

/** Lets the time pass after which the next is tried. */
function ring({ timers }: World): void {
  const due = timers.filter(({ milliseconds }) => milliseconds === AFTER_MS)
  expect(due).toHaveLength(1)
  due[0]?.ring()
}

/** Begins, and lets the first target keep one waiting until the next is tried beside it. */
async function hedged(given: readonly Given[], world: World) {
  const answering = begin(given, world)
  await isSent(world, 'a')
  ring(world)
  await isSent(world, 'a', 'b')
  return { answering }
}

/** All that still went on is over, and nothing of it fails. */
async function isQuiet(world: World): Promise<void> {
  await Promise.all(world.waitingFor)
  expect(world.timers.filter(({ milliseconds }) => milliseconds === AFTER_MS)).toEqual([])
}

describe('a target that answers in time', () => {
  test('is the only one that is tried', async () => {
    const world = worldOf({})
    expect(await answerOf([ONE, TWO], world)).toEqual({ text: 'answer with a' })
    expect(world.sent).toEqual(['a'])
    expect(outcomes(world.trace)).toEqual(['a:200'])
    expect(world.trace).toMatchObject({ provider: 'openai', model: 'one', providerKeyId: 'a' })
    expect(world.trace.warnings).toEqual(['one:something'])
    expect(world.aborted).toEqual([])
    await isQuiet(world)
  })

  test.each<[string, Fate | GatewayError]>([
    ['fails', 500],
    ['cannot be reached', 'unreachable'],
    ['breaks off before its first word', error('upstream_error')],
  ])('that %s gives way at once', async (_, fate) => {
    const world = worldOf({ a: fate })
    expect(await answerOf([ONE, TWO], world)).toEqual({ text: 'answer with b' })
    expect(outcomes(world.trace).at(-1)).toBe('b:200')
    expect(world.trace.attempts).toHaveLength(2)
    expect(world.trace.warnings).toEqual(['two:something'])
    await isQuiet(world)
  })

  test('and cannot be asked gives way at once, and is told of', async () => {
    const world = worldOf({})
    const refused = { name: 'no-key', keys: error('no_provider_key') }
    expect(await answerOf([refused, TWO], world)).toEqual({ text: 'answer with b' })
    expect(world.trace.warnings).toEqual(['no-key:no_provider_key', 'two:something'])
  })
})

describe.each([
  ['that says nothing', false],
  ['that has said it will answer', true],
])('a target %s', (_, hasHeaders) => {
  test('is left for the next when that one answers first', async () => {
    const world = worldOf({ a: slow(hasHeaders) })
    const { answering } = await hedged([ONE, TWO, THREE], world)
    const answer = await answering
    expect(answer.headers.get('x-keyway-attempts')).toBe('a:cancelled, b:200')
    expect(answer.headers.get('x-keyway-model')).toBe('two')
    expect(await answer.text()).toBe('answer with b')
    expect(world.sent).toEqual(['a', 'b'])
    expect(world.aborted).toEqual(['a'])
    expect(world.trace).toMatchObject({ model: 'two', providerKeyId: 'b' })
    expect(world.trace.warnings).toEqual(['two:something'])
    expect(world.trace.meter.answeredModel).toBe('b')
    await isQuiet(world)
  })

  test('that was left is nobody’s fault, and whatever comes of it is forgotten', async () => {
    for (const fate of [200, 500, 401, 'unreachable', error('upstream_error')] as const) {
      const first = slow(hasHeaders)
      const world = worldOf({ a: first })
      const { answering } = await hedged([ONE, TWO], world)
      await answering
      first.come(fate)
      await isQuiet(world)
      expect(outcomes(world.trace)).toEqual(['a:cancelled', 'b:200'])
      expect(world.trace.attempts[0]).toMatchObject({ reason: 'cancelled', model: 'openai/one' })
      expect(world.trace.attempts[0]).not.toHaveProperty('fault')
      expect(world.trace.meter.answeredModel).toBe('b')
      expect(world.sent).toEqual(['a', 'b'])
    }
  })

  test('still answers where the next does not', async () => {
    const first = slow(hasHeaders)
    const second = slow()
    const world = worldOf({ a: first, b: second })
    const { answering } = await hedged([ONE, TWO], world)
    second.come(503)
    await vi.waitFor(() => expect(outcomes(world.trace)).toEqual(['b:503']))
    first.come(200)
    expect(await endOf(answering)).toEqual({ text: 'answer with a' })
    expect(outcomes(world.trace)).toEqual(['b:503', 'a:200'])
    expect(world.trace).toMatchObject({ model: 'one', providerKeyId: 'a' })
    expect(world.trace.meter.answeredModel).toBe('a')
  })

  test('that answers first leaves the next, of which nothing is kept', async () => {
    const first = slow(hasHeaders)
    const second = slow(true)
    const world = worldOf({ a: first, b: second })
    const { answering } = await hedged([ONE, TWO], world)
    first.come(200)
    expect(await endOf(answering)).toEqual({ text: 'answer with a' })
    second.come(200)
    await isQuiet(world)
    expect(outcomes(world.trace)).toEqual(['b:cancelled', 'a:200'])
    expect(world.aborted).toEqual(['b'])
  })
})

test('of two answers that come at once, one is the caller’s and the other is let go of', async () => {
  const both = slow(true)
  const world = worldOf({ a: both, b: both })
  const { answering } = await hedged([ONE, TWO], world)
  both.come(200)
  const { text } = await endOf(answering)
  await isQuiet(world)
  const [won, lost] = text === 'answer with a' ? ['a', 'b'] : ['b', 'a']
  expect(outcomes(world.trace)).toEqual([`${lost}:cancelled`, `${won}:200`])
  expect([world.released, world.aborted]).toEqual([[lost], [lost]])
})

test('no more than two are under way at once; the third comes when one has failed, in its time', async () => {
  const [first, second, third] = [slow(), slow(), slow()]
  const world = worldOf({ a: first, b: second, c: third })
  const { answering } = await hedged([ONE, TWO, THREE], world)
  ring(world)
  // All that follows from it has happened.
  await setImmediate()
  expect(world.sent).toEqual(['a', 'b'])
  first.come(500)
  await isSent(world, 'a', 'b', 'c')
  third.come(200)
  expect(await endOf(answering)).toEqual({ text: 'answer with c' })
  expect(outcomes(world.trace)).toEqual(['a:500', 'b:cancelled', 'c:200'])
})

test('one that cannot be asked does not use up the turn of the next', async () => {
  const world = worldOf({ a: slow() })
  const refused = { name: 'no-key', keys: error('no_provider_key') }
  const { answering } = await hedged([ONE, refused, TWO], world)
  expect(await endOf(answering)).toEqual({ text: 'answer with b' })
  expect(outcomes(world.trace)).toEqual(['a:cancelled', 'b:200'])
  expect(world.trace.warnings).toEqual(['no-key:no_provider_key', 'two:something'])
})

test('all keys of one that is left are told of, each as it fared', async () => {
  const { promise: never } = Promise.withResolvers<Fate>()
  const world = worldOf({ a: 429, a2: { until: never, hasHeaders: false } })
  const answering = begin([{ name: 'one', keys: ['a', 'a2'] }, TWO], world)
  await isSent(world, 'a', 'a2')
  ring(world)
  expect(await endOf(answering)).toEqual({ text: 'answer with b' })
  expect(outcomes(world.trace)).toEqual(['a:429', 'a2:cancelled', 'b:200'])
})

describe('where none answers', () => {
  test('the error tells what tells most, of all of them', async () => {
    const [first, second] = [slow(), slow()]
    const world = worldOf({ a: first, b: second })
    const { answering } = await hedged([ONE, TWO], world)
    first.come(429)
    second.come(401)
    const { code, message } = await endOf(answering)
    expect(code).toBe('rate_limited')
    for (const attempt of ['openai/one with a (429)', 'openai/two with b (401)']) {
      expect(message).toContain(attempt)
    }
    expect(world.trace).toMatchObject({ model: 'one', providerKeyId: 'a' })
    expect(world.released.toSorted()).toEqual(['a', 'b'])
  })

  test('what is the matter with the request is told at once, and the next is let go of', async () => {
    const first = slow()
    const world = worldOf({ a: first, b: slow() })
    const { answering } = await hedged([ONE, TWO, THREE], world)
    first.come(422)
    expect(await endOf(answering)).toMatchObject({ code: 'invalid_request' })
    expect(world.aborted).toEqual(['b'])
    expect(world.sent).toEqual(['a', 'b'])
    expect(outcomes(world.trace)).toEqual(['a:422', 'b:cancelled'])
  })

  test.each<[Fate, object]>([
    [200, { text: 'answer with a' }],
    [500, { code: 'invalid_request' }],
    [404, { code: 'invalid_request', message: 'It is invalid_request' }],
  ])(
    'the next’s dislike of the request counts once the first has come to %j',
    async (fate, end) => {
      const first = slow()
      const world = worldOf({ a: first, b: 400 })
      const { answering } = await hedged([ONE, TWO, THREE], world)
      await vi.waitFor(() => expect(outcomes(world.trace)).toEqual(['b:400']))
      first.come(fate)
      expect(await endOf(answering)).toMatchObject(end)
      expect(world.sent).toEqual(['a', 'b'])
      expect(outcomes(world.trace)).toEqual(['b:400', `a:${String(fate)}`])
    },
  )

  test('a bug of our own is thrown', async () => {
    const world = worldOf({ a: slow() })
    const serve = () => Promise.reject(new TypeError('a bug'))
    await expect(begin([ONE, TWO], { ...world, serve })).rejects.toThrow('a bug')
  })
})

test('a caller who leaves takes both along, and no other is tried', async () => {
  const world = worldOf({ a: slow(), b: slow(true) })
  const { answering } = await hedged([ONE, TWO, THREE], world)
  world.controller.abort()
  await endOf(answering)
  expect(world.aborted.toSorted()).toEqual(['a', 'b'])
  expect(world.sent).toEqual(['a', 'b'])
  for (const attempt of world.trace.attempts) expect(attempt).not.toHaveProperty('fault')
  await isQuiet(world)
})
