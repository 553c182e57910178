import { describe, expect, test } from 'vitest'
import type { GatewayError } from '../../../src/core/errors.ts'
import { firstAnswer } from '../../../src/gateway/attempt/first-answer.ts'
import {
  endOf,
  error,
  type Fate,
  type Given,
  outcomes,
  type World,
  worldOf,
} from './candidate-world.ts'

/** How a call ends with these candidates. */
const answerOf = (given: readonly Given[], world: World) =>
  endOf(firstAnswer(world.candidatesOf(given), world.serve, world.deps, world.trace))

const BOTH: readonly Given[] = [
  { name: 'one', keys: ['a', 'b'] },
  { name: 'two', keys: ['c'] },
]

describe('candidates', () => {
  const FATES: readonly (readonly [Fate, string])[] = [
    [401, '401'],
    [403, '403'],
    [408, '408'],
    [429, '429'],
    [500, '500'],
    [503, '503'],
    [529, '529'],
    [302, '302'],
    ['unreachable', 'unreachable'],
    [error('upstream_error'), 'upstream_error'],
    [error('upstream_overloaded'), 'upstream_overloaded'],
    [error('upstream_timeout'), 'upstream_timeout'],
    [error('rate_limited'), 'rate_limited'],
    [error('rate_limited', { retryable: false }), 'rate_limited'],
    [error('tunnel_disconnected'), 'tunnel_disconnected'],
  ]

  test.each(FATES)('whose every key ends in %s give way, key by key', async (fate, outcome) => {
    for (const failing of [['a'], ['a', 'b']]) {
      const world = worldOf(Object.fromEntries(failing.map((keyId) => [keyId, fate])))
      const answering = failing.length === 1 ? 'b' : 'c'
      expect(await answerOf(BOTH, world)).toEqual({ text: `answer with ${answering}` })
      expect(outcomes(world.trace)).toEqual([
        ...failing.map((keyId) => `${keyId}:${outcome}`),
        `${answering}:200`,
      ])
      expect(world.trace.warnings).toEqual([answering === 'b' ? 'one:something' : 'two:something'])
      expect(world.trace.meter.answeredModel).toBe(answering)
      expect(JSON.stringify(world.trace.attempts)).not.toContain('canary')
    }
  })

  test.each(FATES)('that all end in %s are all told of', async (fate) => {
    const world = worldOf({ a: fate, b: fate, c: fate })
    const { message } = await answerOf(BOTH, world)
    for (const keyId of ['openai/one with a', 'openai/one with b', 'openai/two with c']) {
      expect(message).toContain(`${keyId} (`)
    }
    expect(message).not.toContain('canary')
    expect(world.trace.meter.usage).toBeUndefined()
  })

  test.each([400, 404, 413, 422])('are not tried after a %i', async (status) => {
    const world = worldOf({ a: 429, b: status })
    expect(await answerOf(BOTH, world)).toMatchObject({ code: 'invalid_request' })
    expect(world.sent).toEqual(['a', 'b'])
  })

  test('are not tried after a bug of our own', async () => {
    const world = worldOf({ a: error('internal_error') })
    expect(await answerOf(BOTH, world)).toMatchObject({ code: 'internal_error' })
    expect(world.sent).toEqual(['a'])
  })

  test('are not tried for a caller who has left', async () => {
    const controller = new AbortController()
    const world = worldOf({ a: 'unreachable' }, controller)
    controller.abort()
    await answerOf(BOTH, world)
    expect(world.sent).toEqual(['a'])
  })

  test('that cannot be asked are passed over, and told of', async () => {
    const refused = [
      { name: 'no-key', keys: error('no_provider_key') },
      { name: 'forbidden', keys: error('model_not_allowed') },
    ]
    const world = worldOf({})
    expect(await answerOf([...refused, ...BOTH], world)).toEqual({ text: 'answer with a' })
    expect(world.trace.warnings).toEqual([
      'no-key:no_provider_key',
      'forbidden:model_not_allowed',
      'one:something',
    ])
    const failing = worldOf({ a: 500, b: 500, c: 500 })
    const { code, message } = await answerOf([...refused, ...BOTH], failing)
    expect(code).toBe('upstream_error')
    expect(message).toContain('Not tried: no-key (no_provider_key): It is no_provider_key')
  })

  test('that can none of them be asked end in what the caller can mend, else in the first reason', async () => {
    const [noKey, forbidden] = [error('no_provider_key'), error('model_not_allowed')]
    const unsupported = error('unsupported_parameter')
    const given = (...reasons: GatewayError[]) => reasons.map((keys) => ({ name: 'one', keys }))
    expect(await answerOf(given(forbidden, noKey), worldOf({}))).toMatchObject({
      code: 'model_not_allowed',
    })
    expect(await answerOf(given(noKey, unsupported), worldOf({}))).toMatchObject({
      code: 'unsupported_parameter',
    })
    expect(await answerOf(given(noKey), worldOf({}))).toEqual({
      code: 'no_provider_key',
      message: 'It is no_provider_key',
    })
  })

  test('that failed are let go of, whatever comes behind them', async () => {
    for (const last of [200, 400, 500]) {
      const world = worldOf({ a: 500, b: 503, c: last })
      await answerOf(BOTH, world)
      expect(world.released).toEqual(expect.arrayContaining(['a', 'b']))
    }
  })

  describe('with more keys than may be tried for one call', () => {
    const many = Array.from({ length: 17 }, (_, index) => `k${index}`)
    const allAre = (fate: Fate) => worldOf(Object.fromEntries(many.map((key) => [key, fate])))
    const spent = error('rate_limited', { retryable: false })

    test.each([
      [401, 'upstream_rejected_key', 'unavailable'],
      [402, 'invalid_request', 'unavailable'],
      [spent, 'rate_limited', 'unavailable'],
      [500, 'upstream_error', 'upstream_error'],
    ] as const)('that end in %s say that some are left', async (fate, ofAll, ofSome) => {
      const [all, some] = [allAre(fate), allAre(fate)]
      const { code } = await answerOf([{ name: 'one', keys: many.slice(1) }], all)
      const left = await answerOf([{ name: 'one', keys: many }], some)
      expect([all.sent, some.sent]).toEqual([many.slice(1), many.slice(0, 16)])
      expect([code, left.code]).toEqual([ofAll, ofSome])
      if (ofSome === 'unavailable') expect(left.message).toContain('more are left')
    })

    test('say so though all keys of another target were refused', async () => {
      const world = allAre(401)
      const given = [
        { name: 'one', keys: many },
        { name: 'two', keys: ['k1'] },
      ]
      expect(await answerOf(given, world)).toMatchObject({ code: 'unavailable' })
    })
  })

  test('are told of by what tells most: a limit says more than a refused key', async () => {
    const world = worldOf({ a: 429, b: 401, c: 401 })
    expect(await answerOf(BOTH, world)).toMatchObject({ code: 'rate_limited' })
    expect([world.trace.model, world.trace.providerKeyId]).toEqual(['one', 'a'])
  })
})
