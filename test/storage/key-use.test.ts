import { describe, expect, test } from 'vitest'
import { ANSWERED, type HealthNews } from '../../src/storage/use/key-health.ts'
import {
  type KeyUseLog,
  keyUseLog,
  type ProviderKeyUse,
  type RequestUse,
} from '../../src/storage/use/key-use.ts'

const INTERVAL = 25_000
const limits = { intervalMs: INTERVAL, maxOrganizations: 3, maxKeys: 3 }
const START = Date.parse('2099-11-20T12:00:00.000Z')
const at = (seconds: number): number => START + seconds * 1000
const time = (seconds: number): string => new Date(at(seconds)).toISOString()

const use = (organizationId = 'org_1', more: Partial<RequestUse> = {}): RequestUse => ({
  organizationId,
  apiKeyId: 'key_1',
  providerKeys: [{ id: 'pk_1', wasTried: true }],
  ...more,
})

describe('telling', () => {
  test('is due at once for the first use, and then once in an interval', () => {
    const log = keyUseLog(limits)
    expect(log.note(use(), at(0))).toBe(0)
    log.take('org_1', at(0))
    expect(log.note(use(), at(1))).toBe(INTERVAL - 1000)
    for (const second of [2, 3, 24, 25]) expect(log.note(use(), at(second))).toBeUndefined()
    log.take('org_1', at(25))
    expect(log.note(use(), at(70))).toBe(0)
  })

  test('is taken over by a later request where it was promised and did not happen', () => {
    const log = keyUseLog(limits)
    expect(log.note(use(), at(0))).toBe(0)
    expect(log.note(use(), at(4))).toBeUndefined()
    expect(log.note(use(), at(6))).toBe(0)
  })

  test('is a matter of each organization', () => {
    const log = keyUseLog(limits)
    for (const organization of ['org_1', 'org_2'])
      expect(log.note(use(organization), at(0))).toBe(0)
    expect(log.take('org_3', at(0))).toBeUndefined()
  })

  test('is due at once where there is no room for more, so that no key is forgotten', () => {
    const log = keyUseLog(limits)
    log.note(use(), at(0))
    log.take('org_1', at(0))
    const told: string[] = []
    for (let key = 0; key < 10; key += 1) {
      const delayMs = log.note(use('org_1', { apiKeyId: `key_${key}` }), at(1))
      if (delayMs === 0) told.push(...Object.keys(log.take('org_1', at(1))?.apiKeys ?? {}))
    }
    expect(told).toEqual(Array.from({ length: 9 }, (_, key) => `key_${key}`))
    const pk = (id: number) => ({ providerKeys: [{ id: `pk_${id}`, wasTried: true }] })
    log.take('org_1', at(2))
    expect([1, 2, 3].map((id) => log.note(use('org_1', pk(id)), at(2)))).toEqual([
      INTERVAL,
      undefined,
      0,
    ])
  })

  /** Whoever is told to take does so when it is time; nobody else does. */
  function simulate(log: KeyUseLog, uses: readonly number[]): { told: string[]; takings: number } {
    const told: string[] = []
    let takings = 0
    const due: number[] = []
    for (let second = 0; second <= 200; second++) {
      if (uses.includes(second)) {
        const delayMs = log.note(use(), at(second))
        if (delayMs !== undefined) due.push(at(second) + delayMs)
      }
      while (due[0] !== undefined && due[0] <= at(second)) {
        due.shift()
        takings += 1
        told[second] = log.take('org_1', at(second))?.apiKeys['key_1'] ?? ''
      }
    }
    return { told, takings }
  }

  test.each([
    ['every second', Array.from({ length: 120 }, (_, second) => second)],
    ['twice, and never again', [0, 1]],
    ['once in a while', [0, 30, 31, 90]],
    ['just before it is told', [0, 24, 25, 49]],
  ])('is never more than half a minute late, used %s', (_, uses) => {
    const { told, takings } = simulate(keyUseLog(limits), uses)
    for (const second of uses) {
      const heard = told.slice(second, second + 31).filter((text) => text >= time(second))
      expect(heard, `the use at ${second} s`).not.toEqual([])
    }
    expect(takings).toBeLessThanOrEqual(1 + Math.ceil(200_000 / INTERVAL))
    expect(takings).toBeLessThanOrEqual(uses.length)
  })
})

describe('what is told', () => {
  test('is the last use of each key, and the last error', () => {
    const log = keyUseLog(limits)
    const fault = { status: 401, message: 'openai refused the key.' }
    log.note(use('org_1', { providerKeys: [{ id: 'pk_1', wasTried: true, fault }] }), at(0))
    log.note(use('org_1', { apiKeyId: 'key_2' }), at(2))
    expect(log.take('org_1', at(3))).toEqual({
      apiKeys: { key_1: time(0), key_2: time(2) },
      providerKeys: { pk_1: time(2) },
      errors: { pk_1: { at: time(0), ...fault } },
    })
    expect(log.take('org_1', at(3))).toBeUndefined()
  })

  test('is no use where the credential was not to be had', () => {
    const log = keyUseLog(limits)
    const fault = { status: null, message: 'The key needs a secret.' }
    log.note(use('org_1', { providerKeys: [{ id: 'pk_1', wasTried: false, fault }] }), at(0))
    expect(log.take('org_1', at(0))).toMatchObject({
      providerKeys: {},
      errors: { pk_1: { status: null } },
    })
  })

  const health = (model: string) =>
    ({
      kind: 'troubled',
      health: { state: 'open', reason: 'failed', model, since: time(0), until: time(9) },
    }) as const

  test('is the last news of a key’s health, and that it answered where there is no other', () => {
    const log = keyUseLog(limits)
    const note = (id: string, news: HealthNews | undefined, second: number): void => {
      const providerKeys = [{ id, wasTried: true, health: news }]
      log.note(use('org_1', { providerKeys }), at(second))
    }
    note('pk_1', ANSWERED, 0)
    note('pk_1', health('a'), 1)
    note('pk_1', ANSWERED, 2)
    note('pk_2', ANSWERED, 3)
    note('pk_2', ANSWERED, 4)
    note('pk_3', health('b'), 5)
    note('pk_3', undefined, 6)
    note('pk_3', { kind: 'recovered', model: 'b' }, 7)
    expect(log.take('org_1', at(8))?.health).toEqual({
      pk_1: [{ at: time(1), news: health('a') }],
      pk_2: [{ at: time(3), news: ANSWERED }],
      pk_3: [{ at: time(7), news: { kind: 'recovered', model: 'b' } }],
    })
    log.note(use(), at(9))
    expect(log.take('org_1', at(9))).not.toHaveProperty('health')
  })

  test('is the news of each model: one’s is none of another’s', () => {
    const log = keyUseLog(limits)
    const note = (news: HealthNews, second: number): void => {
      const providerKeys = [{ id: 'pk_1', wasTried: true, health: news }]
      log.note(use('org_1', { providerKeys }), at(second))
    }
    note(health('a'), 1)
    note(health('b'), 2)
    note({ kind: 'recovered', model: 'b' }, 3)
    expect(log.take('org_1', at(4))?.health).toEqual({
      pk_1: [
        { at: time(1), news: health('a') },
        { at: time(3), news: { kind: 'recovered', model: 'b' } },
      ],
    })
    for (let second = 0; second < 20; second += 1) note(health(String(second)), second)
    const told = log.take('org_1', at(20))?.health?.['pk_1'] ?? []
    expect(told.map(({ at: when }) => when)).toEqual([12, 13, 14, 15, 16, 17, 18, 19].map(time))
  })

  test('is nothing of a credential that another one followed', () => {
    const log = keyUseLog(limits)
    const fault = { status: 401, message: 'openai refused the key.' }
    const note = (credential: string, news: Partial<ProviderKeyUse>, second: number): void => {
      const providerKeys = [{ id: 'pk_1', credential, wasTried: true, ...news }]
      log.note(use('org_1', { providerKeys }), at(second))
    }
    note('old', { fault, health: health('a') }, 1)
    note('new', { health: health('b') }, 2)
    const told = log.take('org_1', at(3))
    expect(told).toMatchObject({ errors: {}, credentials: { pk_1: 'new' } })
    expect(told?.health).toEqual({ pk_1: [{ at: time(2), news: health('b') }] })
    note('new', { fault }, 4)
    expect(log.take('org_1', at(5))).toMatchObject({ errors: { pk_1: fault } })
    log.note(use(), at(6))
    expect(log.take('org_1', at(6))).not.toHaveProperty('credentials')
  })

  test('is bounded: the oldest goes', () => {
    const log = keyUseLog(limits)
    for (const id of ['a', 'b', 'c', 'd']) {
      log.note(use('org_1', { apiKeyId: id, providerKeys: [{ id, wasTried: true }] }), at(0))
    }
    expect(log.take('org_1', at(0))).toMatchObject({
      apiKeys: { b: time(0), c: time(0), d: time(0) },
      providerKeys: { b: time(0), c: time(0), d: time(0) },
    })
    for (const id of ['org_a', 'org_b', 'org_c']) log.note(use(id), at(0))
    expect(log.take('org_1', at(1))).toBeUndefined()
    expect(log.take('org_c', at(1))).toBeDefined()
  })
})
