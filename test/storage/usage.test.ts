import { runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { RequestRecord } from '../../src/core/usage-record.ts'
import { type Env } from '../../src/storage/env.ts'
import { addUsage } from '../../src/storage/organization/usage-table.ts'
import { noteUsage } from '../../src/storage/resources/note-usage.ts'
import { deleteOrganization } from '../../src/storage/resources/organizations.ts'
import { dataPointOf } from '../../src/storage/use/analytics-point.ts'
import { rowOf, type UsageRow } from '../../src/storage/use/usage-counts.ts'
import { usageLog } from '../../src/storage/use/usage-log.ts'
import { countingSql } from './rows-read.ts'
import { newOrganization, recordOf, testEnv, writer } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Math.floor(Date.now() / DAY) * DAY + 10 * HOUR

const request = (more: Partial<RequestRecord> = {}): RequestRecord => ({
  requestId: 'req_1',
  organizationId: 'org_1',
  apiKeyId: 'key_1',
  atMs: NOW + 1234,
  surface: 'openai-chat',
  provider: 'one',
  model: 'a',
  answeredModel: 'a-2026',
  providerKeyId: 'pk_1',
  isStream: true,
  status: 200,
  outcome: 'ok',
  attempts: [
    { keyId: 'pk_0', outcome: '401' },
    { keyId: 'pk_1', outcome: '200' },
  ],
  tokens: { inputTokens: 10, outputTokens: 5 },
  latencyMs: 100.4,
  firstByteMs: 40.2,
  metadata: { team: 'search' },
  ...more,
})

function row(more: Partial<RequestRecord> = {}): UsageRow {
  const made = rowOf(request(more))
  expect.assert(made !== undefined)
  return made
}

describe('a request as a row', () => {
  test('counts once, in its minute', () => {
    expect(row()).toEqual({
      minute_ms: NOW,
      provider: 'one',
      model: 'a',
      api_key: 'key_1',
      provider_key: 'pk_1',
      outcome: 'ok',
      requests: 1,
      requests_without_usage: 0,
      attempts: 2,
      latency_ms: 100,
      first_byte_ms: 40,
      first_bytes: 1,
      input_tokens: 10,
      cached_input_tokens: null,
      cache_write_tokens: null,
      output_tokens: 5,
      reasoning_tokens: null,
    })
  })

  test('counts in the minute in which it ended', () => {
    expect(row({ latencyMs: 10 * MINUTE }).minute_ms).toBe(NOW + 10 * MINUTE)
  })

  test('without tokens has none, and not zero', () => {
    expect(row({ tokens: null })).toMatchObject({ requests_without_usage: 1, input_tokens: null })
    expect(row({ tokens: { inputTokens: 0 } })).toMatchObject({
      requests_without_usage: 0,
      input_tokens: 0,
      output_tokens: null,
    })
  })

  test('does not believe counts that would spoil every sum', () => {
    expect(row({ tokens: { inputTokens: Infinity, outputTokens: 1e300 } })).toMatchObject({
      input_tokens: null,
      output_tokens: null,
    })
    expect(row({ tokens: { inputTokens: 1.6 } })).toMatchObject({ input_tokens: 2 })
  })

  test('is none where nobody is known to have called, or no model was', () => {
    expect(rowOf(request({ organizationId: null, apiKeyId: null }))).toBeUndefined()
    expect(rowOf(request({ surface: null }))).toBeUndefined()
  })
})

describe('the log of an isolate', () => {
  const limits = { intervalMs: 25_000, maxOrganizations: 2, maxRows: 3, maxUntold: 2 }
  const due = (organizationId: string, delayMs: number) => [{ organizationId, delayMs }]

  test('adds up what is counted together', () => {
    const log = usageLog(limits)
    log.note('org_1', row(), NOW)
    log.note('org_1', row({ tokens: null }), NOW)
    log.note('org_1', row({ tokens: { inputTokens: 1, reasoningTokens: 2 } }), NOW)
    log.note('org_1', row({ model: 'b' }), NOW)
    const [batch, ...others] = log.take('org_1', 'id-1', NOW)
    expect(others).toEqual([])
    expect(batch).toMatchObject({
      id: 'id-1',
      rows: [
        {
          model: 'a',
          requests: 3,
          requests_without_usage: 1,
          input_tokens: 11,
          output_tokens: 5,
          reasoning_tokens: 2,
          cached_input_tokens: null,
        },
        { model: 'b', requests: 1 },
      ],
    })
    log.told('org_1', 'id-1')
    expect(log.take('org_1', 'id-2', NOW)).toEqual([])
  })

  test('is told at once, then once in an interval, and at once when it is full', () => {
    const log = usageLog(limits)
    expect(log.note('org_1', row(), NOW)).toEqual(due('org_1', 0))
    expect(log.note('org_1', row(), NOW + 1)).toEqual([])
    log.take('org_1', 'id-1', NOW)
    expect(log.note('org_1', row(), NOW + 1000)).toEqual(due('org_1', 24_000))
    expect(log.note('org_1', row({ model: 'b' }), NOW + 1001)).toEqual([])
    expect(log.note('org_1', row({ model: 'c' }), NOW + 1002)).toEqual(due('org_1', 0))
    expect(log.note('org_1', row({ model: 'd' }), NOW + 1002)).toEqual([])
  })

  test('is told by another request where a promise was not kept', () => {
    const log = usageLog(limits)
    expect(log.note('org_1', row(), NOW)).toEqual(due('org_1', 0))
    expect(log.note('org_1', row(), NOW + 4_000)).toEqual([])
    expect(log.note('org_1', row(), NOW + 6_000)).toEqual(due('org_1', 0))
  })

  test('tells again what is not known to have been told, as it was', () => {
    const log = usageLog(limits)
    log.note('org_1', row(), NOW)
    const [first] = log.take('org_1', 'id-1', NOW)
    log.note('org_1', row(), NOW + 1)
    const again = log.take('org_1', 'id-2', NOW + 25_000)
    expect(again.map(({ id }) => id)).toEqual(['id-1', 'id-2'])
    expect(again[0]).toEqual(first)
    log.told('org_1', 'id-1')
    expect(log.take('org_1', 'id-3', NOW + 50_000).map(({ id }) => id)).toEqual(['id-2'])
    log.told('org_1', 'id-2')
    expect(log.take('org_1', 'id-4', NOW + 75_000)).toEqual([])
  })

  test('keeps the newest of many that could not be told', () => {
    const log = usageLog(limits)
    for (const id of ['id-1', 'id-2', 'id-3']) {
      log.note('org_1', row(), NOW)
      log.take('org_1', id, NOW)
    }
    expect(log.take('org_1', 'id-4', NOW).map(({ id }) => id)).toEqual(['id-2', 'id-3'])
  })

  test('is bounded: an organization that owes nothing is forgotten first', () => {
    const log = usageLog(limits)
    log.note('org_1', row(), NOW)
    log.note('org_2', row(), NOW)
    log.take('org_2', 'id', NOW)
    log.told('org_2', 'id')
    log.note('org_3', row(), NOW)
    expect(log.take('org_1', 'id', NOW)).toHaveLength(1)
  })

  test('tells of the oldest organization at once where all owe something, and loses nothing of it', () => {
    const log = usageLog(limits)
    const ids = ['org_1', 'org_2', 'org_3', 'org_4']
    for (const id of ids.slice(0, 2)) {
      log.note(id, row(), NOW)
      log.told(id, log.take(id, `first-${id}`, NOW)[0]?.id ?? '')
      expect(log.note(id, row(), NOW + 1000)).toEqual(due(id, 24_000))
    }
    const later = NOW + 2000
    expect(log.note('org_3', row(), later)).toEqual([...due('org_1', 0), ...due('org_3', 0)])
    expect(log.note('org_4', row(), later)).toEqual([...due('org_2', 0), ...due('org_4', 0)])
    for (const id of ids) {
      expect(log.take(id, `id-${id}`, later)).toMatchObject([{ rows: [{ requests: 1 }] }])
    }
  })

  test('is bounded where nobody tells anything', () => {
    const log = usageLog(limits)
    for (let at = 0; at < 100; at += 1) log.note(`org_${at}`, row(), NOW)
    const known = Array.from({ length: 100 }, (_, at) => log.take(`org_${at}`, `id-${at}`, NOW))
    expect(known.filter((batches) => batches.length > 0)).toHaveLength(4)
  })

  test('gives a batch up long before the record may have forgotten that it counted it', () => {
    const log = usageLog(limits)
    log.note('org_1', row(), NOW)
    log.take('org_1', 'id-1', NOW)
    expect(log.take('org_1', 'id-2', NOW + HOUR / 2 - 1)).toHaveLength(1)
    expect(log.take('org_1', 'id-3', NOW + HOUR / 2)).toEqual([])
  })
})

let org = ''
beforeEach(async () => {
  org = await newOrganization()
})

/** Every count of one grain, by its beginning. */
const counted = (grain: string): Promise<unknown[]> =>
  runInDurableObject(recordOf(org), (_, { storage: { sql } }) =>
    sql.exec(`SELECT * FROM usage WHERE grain = ? ORDER BY start_ms, model`, grain).toArray(),
  )

const add = (id: string, rows: readonly UsageRow[], nowMs = NOW): Promise<void> =>
  runInDurableObject(recordOf(org), (_, { storage }) => addUsage(storage, { id, rows }, nowMs))

describe('the record of an organization', () => {
  test('counts by minute, hour and day', async () => {
    await add('id-1', [row(), row({ atMs: NOW + MINUTE })])
    await add('id-2', [row({ tokens: null, outcome: 'ok' }), row({ atMs: NOW + HOUR })])
    expect(await counted('minute')).toMatchObject([
      { start_ms: NOW, requests: 2, requests_without_usage: 1, input_tokens: 10 },
      { start_ms: NOW + MINUTE, requests: 1 },
      { start_ms: NOW + HOUR, requests: 1 },
    ])
    expect(await counted('hour')).toMatchObject([
      { start_ms: NOW, requests: 3, input_tokens: 20 },
      { start_ms: NOW + HOUR, requests: 1 },
    ])
    expect(await counted('day')).toMatchObject([{ requests: 4, input_tokens: 30, attempts: 8 }])
  })

  test('counts a batch once, however often it is told', async () => {
    for (const nowMs of [NOW, NOW, NOW + HOUR]) await add('id-1', [row()], nowMs)
    expect(await counted('day')).toMatchObject([{ requests: 1, input_tokens: 10 }])
    await add('id-2', [row()])
    expect(await counted('day')).toMatchObject([{ requests: 2, input_tokens: 20 }])
  })

  test('keeps unknown counts unknown until one is known', async () => {
    await add('id-1', [row({ tokens: null })])
    await add('id-2', [row({ tokens: null })])
    expect(await counted('day')).toMatchObject([{ input_tokens: null, output_tokens: null }])
    await add('id-3', [row({ tokens: { inputTokens: 0 } })])
    await add('id-4', [row({ tokens: null })])
    expect(await counted('day')).toMatchObject([
      { requests: 4, requests_without_usage: 3, input_tokens: 0, output_tokens: null },
    ])
  })

  test('forgets minutes after two days and hours after sixty, and no day', async () => {
    await add('id-1', [row()])
    await add('id-2', [row({ atMs: NOW + 2 * DAY + MINUTE })], NOW + 2 * DAY + MINUTE)
    expect(await counted('minute')).toMatchObject([{ start_ms: NOW + 2 * DAY + MINUTE }])
    expect(await counted('hour')).toHaveLength(2)
    await add('id-3', [row({ atMs: NOW + 61 * DAY })], NOW + 61 * DAY)
    expect(await counted('hour')).toMatchObject([
      { start_ms: NOW + 2 * DAY },
      { start_ms: NOW + 61 * DAY },
    ])
    expect(await counted('day')).toHaveLength(3)
    const known = await runInDurableObject(recordOf(org), (_, { storage: { sql } }) =>
      sql.exec(`SELECT id FROM usage_batches`).toArray(),
    )
    expect(known).toEqual([{ id: 'id-3' }])
  })

  test.each([
    ['minute', 500],
    ['hour', 2_000],
    ['day', 5_000],
  ])(
    'counts what is new in one %s together beyond %i rows, whatever is new in it',
    async (grain, most) => {
      const rows = Array.from({ length: 5_010 }, (_, at) => row({ model: `m-${at}` }))
      await add('id-1', rows)
      await add('id-2', [
        row({ model: 'm-0' }),
        row({ model: 'one more' }),
        row({ apiKeyId: 'key_2' }),
        row({ providerKeyId: 'pk_2', provider: 'two', outcome: 'client_left' }),
      ])
      const all = (await counted(grain)) as { model: string; requests: number }[]
      expect(all).toHaveLength(most + 1)
      expect(all.find(({ model }) => model === '(other)')).toMatchObject({
        provider: '(other)',
        api_key: '(other)',
        provider_key: '(other)',
        outcome: '(other)',
        requests: 5_010 - most + 3,
      })
      expect(all.find(({ model }) => model === 'm-0')).toMatchObject({ requests: 2 })
    },
  )

  test('counts no more where the object is nearly full, and still makes room', async () => {
    await add('id-1', [row()])
    const later = NOW + 3 * DAY
    await runInDurableObject(recordOf(org), (_, { storage }) => {
      const sql = new Proxy(storage.sql, {
        get: (target, name) => (name === 'databaseSize' ? 9e9 : target.exec.bind(target)),
      })
      const transactionSync = storage.transactionSync.bind(storage)
      addUsage({ sql, transactionSync }, { id: 'id-2', rows: [row({ atMs: later })] }, later)
    })
    expect(await counted('minute')).toEqual([])
    expect(await counted('day')).toMatchObject([{ requests: 1 }])
  })

  test('makes room also where counting fails', async () => {
    await add('id-1', [row()])
    const broken = { ...row(), requests: 'many' } as unknown as UsageRow
    await expect(add('id-2', [broken], NOW + 3 * DAY)).rejects.toThrow(/./)
    expect(await counted('minute')).toEqual([])
  })

  test('reads little to know whether a batch is new, however many there were', async () => {
    const read = await runInDurableObject(recordOf(org), (_, { storage }) => {
      for (let at = 0; at < 2_000; at += 1) {
        storage.sql.exec(`INSERT INTO usage_batches (id, at_ms) VALUES (?, ?)`, `id-${at}`, NOW)
      }
      const { sql, rowsRead } = countingSql(storage.sql)
      const transactionSync = storage.transactionSync.bind(storage)
      addUsage({ sql, transactionSync }, { id: 'new', rows: [row()] }, NOW)
      return rowsRead()
    })
    expect(read).toBeLessThan(50)
  })

  test('is gone with the organization, and takes no more', async () => {
    await recordOf(org).addUsage({ id: 'id-1', rows: [row()] })
    await deleteOrganization(writer(), org)
    await recordOf(org).addUsage({ id: 'id-2', rows: [row()] })
    const tables = await runInDurableObject(recordOf(org), (_, { storage: { sql } }) =>
      sql.exec(`SELECT name FROM sqlite_master WHERE name = 'usage'`).toArray(),
    )
    expect(tables).toEqual([])
  })
})

describe('noting a request', () => {
  /** The background of one request; what is to be done later waits until the test lets it. */
  const background = () => {
    const work: Promise<unknown>[] = []
    return {
      work,
      nowMs: () => Date.now(),
      sleep: () => Promise.resolve(),
      waitUntil: (promise: Promise<unknown>) => void work.push(promise),
    }
  }

  test('counts it in the record and writes a data point', async () => {
    const points: unknown[] = []
    const env: Env = { ...testEnv(), USAGE: { writeDataPoint: (point) => void points.push(point) } }
    const behind = background()
    noteUsage(env, request({ organizationId: org }), behind)
    await Promise.all(behind.work)
    expect(await counted('day')).toMatchObject([{ requests: 1, input_tokens: 10 }])
    expect(points).toEqual([dataPointOf(request({ organizationId: org }))])
  })

  test('counts it once where the record counted and the answer was lost', async () => {
    const lossy = { isBroken: true }
    const { ORGANIZATION: real, ...others } = testEnv()
    const env = {
      ...others,
      ORGANIZATION: {
        getByName: (name: string) => ({
          async addUsage(batch: Parameters<ReturnType<typeof recordOf>['addUsage']>[0]) {
            await real.getByName(name).addUsage(batch)
            if (lossy.isBroken) throw new Error('the connection broke')
          },
        }),
      },
    } as unknown as Env
    const first = background()
    noteUsage(env, request({ organizationId: org }), first)
    await Promise.all(first.work)
    lossy.isBroken = false
    const second = background()
    noteUsage(env, request({ organizationId: org }), second)
    await Promise.all(second.work)
    expect(await counted('day')).toMatchObject([{ requests: 2, input_tokens: 20 }])
  })

  test('loses nothing where the platform drops the work while it waits to try again', async () => {
    const { ORGANIZATION: _, ...others } = testEnv()
    const moving = { addUsage: () => Promise.reject(new Error('the object moves')) }
    const env = { ...others, ORGANIZATION: { getByName: () => moving } } as unknown as Env
    const { promise: dropped, resolve: drop } = Promise.withResolvers<void>()
    const first = background()
    const sleep = (ms: number): Promise<void> => {
      if (ms > 0) drop()
      return new Promise(() => undefined)
    }
    noteUsage(env, request({ organizationId: org }), { ...first, sleep })
    await dropped
    const second = background()
    noteUsage(testEnv(), request({ organizationId: org }), second)
    await Promise.all(second.work)
    expect(await counted('day')).toMatchObject([{ requests: 2, input_tokens: 20 }])
  })

  /** Objects that say which organization's usage they were told of. */
  const listening = (hear: (organizationId: string) => Promise<void>): Env => {
    const getByName = (name: string) => ({ addUsage: () => hear(name) })
    return { ...testEnv(), ORGANIZATION: { getByName } } as unknown as Env
  }

  test('asks an object that is out of reach for no more than the first of what it is to be told', async () => {
    let asked = 0
    const env = listening(() => Promise.reject(new Error(`out of reach, ${(asked += 1)}`)))
    const counts = []
    for (const _ of [1, 2, 3]) {
      const behind = background()
      noteUsage(env, request({ organizationId: org }), behind)
      await Promise.all(behind.work)
      counts.push(asked)
    }
    expect(counts).toEqual([3, 6, 9])
    const behind = background()
    noteUsage(testEnv(), request({ organizationId: org }), behind)
    await Promise.all(behind.work)
    expect(await counted('day')).toMatchObject([{ requests: 4 }])
  })

  test('tells of an organization sooner where there are very many others', async () => {
    const told: string[] = []
    const env = listening((name) => Promise.resolve(void told.push(name)))
    const nameOf = (at: number): string => `org_${String(at).padStart(16, '0')}`
    const behind = { ...background(), sleep: () => new Promise<void>(() => undefined) }
    const note = (at: number): void =>
      noteUsage(env, request({ organizationId: nameOf(at) }), behind)
    const all = Array.from({ length: 1_000 }, (_, at) => at)
    all.forEach(note)
    await vi.waitUntil(() => told.length === 1_000)
    all.forEach(note)
    note(1_000)
    await vi.waitUntil(() => told.length > 1_001)
    expect(told.slice(1_000).toSorted()).toEqual([nameOf(0), nameOf(1_000)])
  })

  test('goes on where Analytics Engine does not', async () => {
    const broken = {
      writeDataPoint() {
        throw new Error('no')
      },
    }
    const behind = background()
    noteUsage({ ...testEnv(), USAGE: broken }, request({ organizationId: org }), behind)
    await Promise.all(behind.work)
    expect(await counted('day')).toMatchObject([{ requests: 1 }])
  })
})

describe('a data point', () => {
  test('has its members where the documentation says', () => {
    expect(dataPointOf(request())).toEqual({
      indexes: ['org_1'],
      blobs: [
        'req_1',
        'key_1',
        'one',
        'a',
        'a-2026',
        'pk_1',
        'openai-chat',
        'ok',
        'stream',
        'pk_0:401, pk_1:200',
        '{"team":"search"}',
        'input_tokens,output_tokens',
      ],
      doubles: [1, 200, 100.4, 40.2, 1, 1, 10, 0, 0, 5, 0, 2],
    })
    const { blobs, doubles } = dataPointOf(
      request({ tokens: null, status: null, firstByteMs: null }),
    )
    expect(blobs?.at(-1)).toBe('')
    expect(doubles).toEqual([1, 0, 100.4, 0, 0, 0, 0, 0, 0, 0, 0, 2])
  })
  test.each([
    ['a', 1_000],
    ['é', 500],
    ['漢', 333],
    ['🦊', 250],
  ])('has no more than 16 KB, of whole characters: %s', (character, most) => {
    const model = character.repeat(5_000)
    const attempts = [{ keyId: model, outcome: '200' }]
    const metadata = { team: character.repeat(Math.floor(5_900 / (1_000 / most))) }
    const told = { model, answeredModel: model, attempts, metadata }
    const { blobs = [] } = dataPointOf(request(told))
    expect(blobs[3]).toBe(character.repeat(most))
    expect(blobs[10]).toBe(JSON.stringify(metadata))
    const bytes = blobs.map((blob) => new TextEncoder().encode(String(blob)).length)
    expect(bytes.reduce((sum, length) => sum + length, 0)).toBeLessThan(16_000)
    const tooMuch = { team: character.repeat(6_100) }
    expect(dataPointOf(request({ metadata: tooMuch })).blobs?.[10]).toBe('{}')
  })
})
