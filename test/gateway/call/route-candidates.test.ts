import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidatesOf, orderOf, routeNamed } from '../../../src/gateway/call/route-candidates.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { RouteRecord, RouteTarget } from '../../../src/storage/replica/records.ts'
import { never, worldWith } from '../dependencies.ts'

const route = (
  targets: readonly RouteTarget[],
  strategy: RouteRecord['strategy'],
): RouteRecord => ({
  id: 'rt_1',
  name: 'fast',
  strategy,
  targets,
})

const models = (targets: readonly RouteTarget[]): readonly string[] =>
  targets.map(({ model }) => model)

const WEIGHTED: readonly RouteTarget[] = [
  { model: 'openai/a' },
  { model: 'zai/c', weight: 0 },
  { model: 'xai/b', weight: 3 },
]

const CONVERSATIONS = Array.from({ length: 5000 }, (_, index) => `conversation ${index}`)

/** Where each of the conversations goes. */
const firsts = (targets: readonly RouteTarget[]): readonly (string | undefined)[] =>
  CONVERSATIONS.map(
    (opening) => orderOf(route(targets, 'weighted'), () => opening, never)[0]?.model,
  )

/** What part of them each model gets. */
function sharesOf(targets: readonly RouteTarget[]): ReadonlyMap<string | undefined, number> {
  const shares = new Map<string | undefined, number>()
  for (const model of firsts(targets)) {
    shares.set(model, (shares.get(model) ?? 0) + 1 / CONVERSATIONS.length)
  }
  return shares
}

describe('a route', () => {
  test('is known by its whole name', () => {
    const routes = [route([], 'fallback')]
    expect(routeNamed('fast', { routes })).toBe(routes[0])
    for (const name of ['fas', 'faster', 'FAST', 'keyway/fast']) {
      expect(routeNamed(name, { routes })).toBeUndefined()
    }
    expect(routeNamed('fast', {})).toBeUndefined()
  })

  test('falls back in the order in which its targets stand, whatever they weigh', () => {
    const targets = [
      { model: 'openai/a', weight: 0 },
      { model: 'xai/b', weight: 9 },
    ]
    for (const conversation of ['one', 'two', 'three', undefined]) {
      const order = orderOf(route(targets, 'fallback'), () => conversation, Math.random)
      expect(models(order)).toEqual(['openai/a', 'xai/b'])
    }
  })

  test.each([
    ['where there is no conversation', { opening: undefined, sticky: 'conversation' }],
    ['where it keeps to none', { opening: 'Hello', sticky: 'none' }],
  ] as const)('that is weighted draws anew for every call %s', (_, { opening, sticky }) => {
    const drawn = (one: number, other: number): readonly string[] => {
      const numbers = [one, other]
      const weighted = { ...route(WEIGHTED, 'weighted'), sticky }
      return models(
        orderOf(
          weighted,
          () => opening,
          () => numbers.shift() ?? 0,
        ),
      )
    }
    expect(drawn(0.1, 0.9)).toEqual(['openai/a', 'xai/b', 'zai/c'])
    expect(drawn(0.9, 0.1)).toEqual(['xai/b', 'openai/a', 'zai/c'])
  })

  test('that is weighted keeps to one order for a conversation, with no chance in it', () => {
    fc.assert(
      fc.property(fc.string(), (opening) => {
        const order = orderOf(route(WEIGHTED, 'weighted'), () => opening, never)
        expect(orderOf(route(WEIGHTED, 'weighted'), () => opening, never)).toEqual(order)
        expect(models(order).at(-1)).toBe('zai/c')
      }),
    )
  })

  test('that is weighted shares conversations out by the weights', () => {
    const shares = sharesOf(WEIGHTED)
    expect(shares.get('xai/b')).toBeGreaterThan(0.72)
    expect(shares.get('xai/b')).toBeLessThan(0.78)
    expect(shares.get('zai/c')).toBeUndefined()
  })

  test('counts targets of the same model each for itself', () => {
    const twins = [{ model: 'openai/a' }, { model: 'xai/b' }, { model: 'openai/a' }]
    const share = sharesOf(twins).get('openai/a')
    expect(share).toBeGreaterThan(0.63)
    expect(share).toBeLessThan(0.7)
  })

  test('that loses, gains or moves a target keeps all other conversations where they were', () => {
    const targets = ['openai/a', 'xai/b', 'zai/c', 'mistral/d'].map((model) => ({ model }))
    const before = firsts(targets)
    const without = firsts(targets.filter(({ model }) => model !== 'xai/b'))
    for (const [index, model] of before.entries()) {
      if (model !== 'xai/b') expect(without[index]).toBe(model)
    }
    expect(firsts(targets.toReversed())).toEqual(before)
  })

  test('sends a conversation elsewhere than another route does', () => {
    const targets = [{ model: 'openai/a' }, { model: 'xai/b' }]
    const [one, other] = ['rt_1', 'rt_2'].map((id) =>
      CONVERSATIONS.map(
        (opening) => orderOf({ ...route(targets, 'weighted'), id }, () => opening, never)[0],
      ),
    )
    expect(one).not.toEqual(other)
  })

  test('reads the keys of each of its providers once, and all at once', async () => {
    const asked: string[] = []
    const waiting: (() => void)[] = []
    const deps = worldWith({
      replica: {
        apiKey: never,
        organization: never,
        forget: never,
        providerKeys: async (_, provider) => {
          asked.push(provider)
          await new Promise<void>((resolve) => waiting.push(resolve))
          return []
        },
      },
    })
    const names = ['openai/a', 'gpt-5.5', 'claude-sonnet-5', 'byom/lab', 'nonsense', 'fast']
    const targets = names.map((model) => ({ model }))
    const call = { route: route(targets, 'fallback'), organizationId: 'org_1', openingOf: never }
    const reading = candidatesOf(call, deps, newTrace('req_1'))
    expect(asked).toEqual(['openai', 'anthropic'])
    for (const resolve of waiting) resolve()
    expect((await reading).map(({ target }) => target.model)).toEqual(names)
  })
})
