import { describe, expect, test } from 'vitest'
import type { Dependencies } from '../../src/gateway/dependencies.ts'
import { candidatesOf, orderOf, routeNamed } from '../../src/gateway/route-candidates.ts'
import { newTrace } from '../../src/gateway/trace.ts'
import type { RouteRecord, RouteTarget } from '../../src/storage/records.ts'

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
    expect(models(orderOf(route(targets, 'fallback'), () => 0.99))).toEqual(['openai/a', 'xai/b'])
  })

  test.each([
    [0, ['openai/a', 'xai/b', 'zai/c']],
    [0.24, ['openai/a', 'xai/b', 'zai/c']],
    [0.26, ['xai/b', 'openai/a', 'zai/c']],
    [0.99, ['xai/b', 'openai/a', 'zai/c']],
  ])('that is weighted, at %f: %j', (number, expected) => {
    const targets = [
      { model: 'openai/a' },
      { model: 'zai/c', weight: 0 },
      { model: 'xai/b', weight: 3 },
    ]
    const numbers = [number]
    expect(models(orderOf(route(targets, 'weighted'), () => numbers.pop() ?? 0))).toEqual(expected)
  })

  test('reads the keys of each of its providers once, and all at once', async () => {
    const asked: string[] = []
    const waiting: (() => void)[] = []
    const never = (): never => expect.fail()
    const deps: Dependencies = {
      fetch: never,
      nowMs: () => 0,
      random: () => 0,
      sleep: never,
      startTimer: never,
      waitUntil: never,
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
      openCredential: never,
      openEndpoint: never,
      connectorFetch: never,
      secretNamed: never,
      allowLoopbackUpstreams: false,
      tokenStore: never,
      baseUrls: {},
      googleTokenUrl: '',
    }
    const names = ['openai/a', 'gpt-5.5', 'claude-sonnet-5', 'byom/lab', 'nonsense', 'fast']
    const targets = names.map((model) => ({ model }))
    const reading = candidatesOf(route(targets, 'fallback'), 'org_1', deps, newTrace('req_1'))
    expect(asked).toEqual(['openai', 'anthropic'])
    for (const resolve of waiting) resolve()
    expect((await reading).map(({ target }) => target.model)).toEqual(names)
  })
})
