import { describe, expect, test } from 'vitest'
import { CircuitBoard } from '../../../src/core/circuit-board.ts'
import { candidatesByHealth } from '../../../src/gateway/call/candidates-by-health.ts'
import type { RouteCandidate } from '../../../src/gateway/call/route-candidates.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import { CIRCUIT_LIMITS } from '../../../src/gateway/target/circuit-limits.ts'
import { circuitsOf } from '../../../src/gateway/target/target-circuits.ts'
import type { EndpointRecord, SealedProviderKey } from '../../../src/storage/replica/records.ts'
import { keyOf } from '../target/sealed-key.ts'

const lab: EndpointRecord = {
  id: 'ep_1',
  name: 'lab',
  kind: 'openai-compatible',
  reach: 'url',
  base_url: 'https://lab.example/v1',
  auth: 'none',
  sealed_api_key: null,
  sealed_headers: null,
  models: ['llama-4'],
  default_model: null,
  capabilities: {},
  timeouts: {},
  connector_hashes: [],
}

const unnamed: EndpointRecord = { ...lab, id: 'ep_2', name: 'unnamed', models: [] }

const caller = {
  apiKey: {
    id: 'key_1',
    organization_id: 'org_1',
    disabled: false,
    expires_at: null,
    providers: [],
    models: [],
  },
  organization: {
    id: 'org_1',
    name: 'One',
    metering: 'universal',
    endpoints: [
      lab,
      unnamed,
      { ...unnamed, id: 'ep_3', name: 'other' },
      { ...lab, id: 'ep_4', name: 'same' },
    ],
  },
} as const

type Record = SealedProviderKey | EndpointRecord

interface Asked {
  readonly pinnedId?: string
  readonly region?: string
  readonly staysWithModel?: boolean
}

function world() {
  let nowMs = 1_000_000
  const deps = { circuits: new CircuitBoard(CIRCUIT_LIMITS), nowMs: () => nowMs }
  const order = (
    candidates: readonly RouteCandidate[],
    { pinnedId, region, staysWithModel = false }: Asked = {},
  ): readonly string[] => {
    const options = {
      providerKeyId: pinnedId,
      location: region,
      compat: 'default',
      metadata: {},
    } as const
    const call = { caller, options, staysWithModel }
    const found = candidatesByHealth(candidates, call, deps, newTrace('req_1'))
    return found.map(({ target: { model } }) => model)
  }
  const limit = (
    record: Record,
    model: string,
    { askedMs = 10_000, location = '' }: { askedMs?: number; location?: string } = {},
  ): void => {
    const place = { organizationId: 'org_1', record, location, model, isCounting: false }
    const backoff = { baseMs: 1, maxMs: 1 }
    deps.circuits.fail(
      circuitsOf(place).target,
      { kind: 'cooling_down', reason: 'rate-limited', opensAtOnce: true, askedMs, backoff },
      { startedMs: nowMs, nowMs },
      () => 0,
    )
  }
  const probe = (record: Record, model: string): void => {
    const place = { organizationId: 'org_1', record, location: '', model, isCounting: false }
    deps.circuits.probe(circuitsOf(place).target, nowMs)
  }
  return { order, limit, probe, later: (ms: number) => void (nowMs += ms) }
}

const [one, two] = [keyOf('pk_1'), keyOf('pk_2')]
const to = (model: string, ...keys: SealedProviderKey[]): RouteCandidate => ({
  target: { model },
  keys,
})
const A = to('openai/gpt-5.5', one, two)
const B = to('anthropic/claude-sonnet-5-5', keyOf('pk_3'))
const C = to('xai/grok-4.7', keyOf('pk_4'))
const NAMES = [A, B, C].map(({ target }) => target.model)
const [a = '', b = '', c = ''] = NAMES

describe('the targets of a route', () => {
  test('stay in their order where all is well, or one key of each is', () => {
    const { order, limit } = world()
    expect(order([A, B, C])).toEqual(NAMES)
    limit(one, 'gpt-5.5')
    limit(keyOf('pk_3'), 'another-model')
    expect(order([A, B, C])).toEqual(NAMES)
  })

  test('go last where they are to be left alone, the soonest first, until it is over', () => {
    const { order, limit, probe, later } = world()
    limit(one, 'gpt-5.5', { askedMs: 40_000 })
    limit(two, 'gpt-5.5', { askedMs: 30_000 })
    limit(keyOf('pk_3'), 'claude-sonnet-5-5', { askedMs: 10_000 })
    expect(order([A, B, C])).toEqual([c, b, a])
    later(10_000)
    expect(order([A, B, C])).toEqual([b, c, a])
    // Another request went there to find out.
    probe(keyOf('pk_3'), 'claude-sonnet-5-5')
    expect(order([A, B, C])).toEqual([c, b, a])
    later(90_000)
    expect(order([C, A, B])).toEqual([c, a, b])
  })

  test('are as well as they are in the region that they name, but where the caller names one', () => {
    const { order, limit } = world()
    const bedrock = (region: string): RouteCandidate => {
      const { target, keys } = to('bedrock/amazon.nova-lite-v1:0', keyOf('pk_5'))
      return { target: { ...target, region }, keys }
    }
    const limited = bedrock('eu-west-1')
    limit(keyOf('pk_5'), 'amazon.nova-lite-v1:0', { location: 'eu-west-1' })
    expect(order([limited, A])).toEqual([a, limited.target.model])
    expect(order([bedrock('eu-west-3'), A])).toEqual([limited.target.model, a])
    expect(order([limited, A], { region: 'eu-west-3' })).toEqual([limited.target.model, a])
  })

  test('are not probed by those that only put them in order', () => {
    const { order, limit, later } = world()
    limit(keyOf('pk_3'), 'claude-sonnet-5-5')
    later(10_000)
    for (let time = 0; time < 3; time += 1) expect(order([B, A])).toEqual([b, a])
  })

  test.each([
    ['disabled', keyOf('pk_9', { disabled: true })],
    ['for other models', keyOf('pk_9', { models: ['gpt-4*'] })],
    ['for other API keys', keyOf('pk_9', { api_key_ids: ['key_2'] })],
  ])('are no better for a key that the caller could not use: one that is %s', (_, useless) => {
    const { order, limit } = world()
    limit(one, 'gpt-5.5')
    expect(order([to(a, one, useless), B])).toEqual([b, a])
  })

  test('count by the key that is pinned', () => {
    const { order, limit } = world()
    limit(one, 'gpt-5.5')
    expect(order([A, C], { pinnedId: 'pk_1' })).toEqual([c, a])
    expect(order([A, C], { pinnedId: 'pk_2' })).toEqual([a, c])
  })

  test('count by the place that is asked for', () => {
    const { order, limit } = world()
    const key = keyOf('pk_5', { settings: { default_region: 'eu-west-1' } })
    const target = to('bedrock/amazon.nova-pro', key)
    limit(key, 'amazon.nova-pro', { location: 'eu-west-1' })
    expect(order([target, C])).toEqual([c, 'bedrock/amazon.nova-pro'])
    expect(order([target, C], { region: 'us-east-1' })).toEqual(['bedrock/amazon.nova-pro', c])
  })

  test('count by the model that replaces theirs', () => {
    const { order, limit } = world()
    limit(one, 'gpt-4.1')
    const replaced = {
      target: { model: 'openai/gpt-5.5', overrides: { model: 'gpt-4.1' } },
      keys: [one],
    }
    expect(order([replaced, C])).toEqual([c, a])
  })

  test('can be private models', () => {
    const { order, limit } = world()
    limit(lab, 'llama-4')
    for (const name of ['byom/lab', 'byom/lab/llama-4']) {
      expect(order([to(name), C])).toEqual([c, name])
    }
    expect(order([to('byom/lab/other'), C])).toEqual(['byom/lab/other', c])
  })

  test('do not give way to another model where its answer is of no use, but to their own elsewhere', () => {
    const { order, limit } = world()
    const small = 'text-embedding-3-small'
    const first = to(`openai/${small}`, one)
    const other = to('mistral/mistral-embed', keyOf('pk_5'))
    const shorter = {
      target: { model: `azure/${small}`, overrides: { dimensions: 256 } },
      keys: [keyOf('pk_6')],
    }
    const same = to(`azure/${small}`, keyOf('pk_7'))
    limit(one, small)
    const models = (...found: RouteCandidate[]) => found.map(({ target }) => target.model)
    const stays = { staysWithModel: true }
    expect(order([first, other], stays)).toEqual(models(first, other))
    expect(order([first, shorter], stays)).toEqual(models(first, shorter))
    expect(order([first, other, same], stays)).toEqual(models(same, other, first))
    expect(order([first, other, same])).toEqual(models(other, same, first))
    // Endpoints that name no model are not one model for that.
    limit(unnamed, '')
    expect(
      order(
        ['byom/unnamed', 'byom/other'].map((name) => to(name)),
        stays,
      ),
    ).toEqual(['byom/unnamed', 'byom/other'])
    limit(lab, 'llama-4')
    for (const [names, found] of [
      [
        ['byom/lab', 'byom/same'],
        [0, 1],
      ],
      [
        ['byom/lab/llama-4', 'byom/same'],
        [0, 1],
      ],
      [
        ['byom/lab/llama-4', 'byom/same/llama-4'],
        [1, 0],
      ],
    ] as const) {
      const inOrder = found.map((at) => names[at])
      expect(
        order(
          names.map((name) => to(name)),
          stays,
        ),
      ).toEqual(inOrder)
    }
  })

  test('are asked for the same however that is written', () => {
    const { order, limit } = world()
    limit(one, 'text-embedding-3-small')
    const given = (
      provider: string,
      key: SealedProviderKey,
      overrides: object,
    ): RouteCandidate => ({
      target: { model: `${provider}/text-embedding-3-small`, overrides: { ...overrides } },
      keys: [key],
    })
    const first = given('openai', one, { dimensions: 256, input: { a: 1, b: [{ c: 2, d: 3 }] } })
    const names = (second: object) =>
      order([first, given('azure', keyOf('pk_6'), second)], { staysWithModel: true })[0]
    const azure = 'azure/text-embedding-3-small'
    expect(names({ input: { b: [{ d: 3, c: 2 }], a: 1 }, dimensions: 256 })).toBe(azure)
    expect(names({ input: { b: [{ d: 3, c: 4 }], a: 1 }, dimensions: 256 })).toBe(
      first.target.model,
    )
  })

  test('keep their place where nothing can be known of them', () => {
    const { order, limit } = world()
    limit(one, 'gpt-5.5')
    const names = ['nonsense', 'byom/gone', 'zai/glm-5']
    expect(order([A, ...names.map((name) => to(name))])).toEqual([a, ...names])
    expect(order([to(a, one), ...names.map((name) => to(name))])).toEqual([...names, a])
  })
})
