import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RequestRecord } from '../../../src/core/usage-record.ts'
import { csvOf } from '../../../src/routes/management/usage-csv.ts'
import { readUsageQuery } from '../../../src/routes/management/usage-query.ts'
import { rowOf, type UsageRow } from '../../../src/storage/use/usage-counts.ts'
import { NOW, recordOf } from '../../storage/world.ts'
import { thrownBy } from '../../thrown-by.ts'
import { newOrganization, send } from './client.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** The day before the routes' own, at a quarter past ten: every grain still has it. */
const morning = Math.floor(NOW.getTime() / DAY) * DAY - 14 * HOUR + 15 * 60_000

const record = (more: Partial<RequestRecord>): RequestRecord => ({
  requestId: 'req_1',
  organizationId: 'org_1',
  apiKeyId: 'key_1',
  atMs: morning,
  surface: 'openai-chat',
  provider: 'one',
  model: 'a',
  answeredModel: null,
  providerKeyId: 'pk_1',
  isStream: false,
  status: 200,
  outcome: 'ok',
  attempts: [{ keyId: 'pk_1', outcome: '200' }],
  tokens: { inputTokens: 10, outputTokens: 5 },
  latencyMs: 100,
  firstByteMs: 40,
  metadata: {},
  ...more,
})

const rows = (...records: readonly Partial<RequestRecord>[]): UsageRow[] =>
  records.map((more) => {
    const row = rowOf(record(more))
    expect.assert(row !== undefined)
    return row
  })

let org = ''
beforeAll(async () => {
  org = await newOrganization()
  await recordOf(org).addUsage({
    id: 'batch-1',
    rows: rows(
      {},
      { model: 'b', tokens: null, outcome: 'upstream_error', firstByteMs: null },
      { provider: 'two', model: '=cmd()', tokens: { inputTokens: 0 }, atMs: morning + HOUR },
      { provider: null, model: null, providerKeyId: null, tokens: null, outcome: 'invalid_json' },
    ),
  })
})

const at = (ms: number): string => new Date(ms).toISOString()
const around = `from=${at(morning - HOUR)}&to=${at(morning + 3 * HOUR)}`

describe('the usage of an organization', () => {
  test('is one sum where nothing is grouped; what nobody told is apart, and no zero', async () => {
    const { status, body } = await send('GET', `/${org}/usage`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ granularity: 'day', group_by: [], data: [] })
    const day = Math.floor(NOW.getTime() / DAY) * DAY
    expect(body).toMatchObject({ from: at(day - 30 * DAY), to: at(day + DAY) })
    expect(body['totals']).toEqual({
      requests: 4,
      requests_without_usage: 2,
      attempts: 4,
      input_tokens: 10,
      cached_input_tokens: null,
      cache_write_tokens: null,
      output_tokens: 5,
      reasoning_tokens: null,
      average_latency_ms: 100,
      average_first_byte_ms: 40,
    })
  })

  test('is grouped by what is asked for, in that order', async () => {
    const { body } = await send('GET', `/${org}/usage?group_by=provider,outcome&${around}`)
    const data = body['data'] as Record<string, unknown>[]
    expect(data.map((row) => Object.values(row).slice(0, 4))).toEqual([
      [null, 'invalid_json', 1, 1],
      ['one', 'ok', 1, 0],
      ['one', 'upstream_error', 1, 1],
      ['two', 'ok', 1, 0],
    ])
    expect(data[2]).toMatchObject({ input_tokens: null, average_first_byte_ms: null })
    expect(data[3]).toMatchObject({ input_tokens: 0, output_tokens: null })
  })

  test.each([
    ['minute', morning, morning + HOUR],
    ['hour', morning - 15 * 60_000, morning + 45 * 60_000],
  ])('is grouped by the %s', async (grain, first, second) => {
    const { body } = await send('GET', `/${org}/usage?group_by=${grain}&${around}`)
    expect(body).toMatchObject({
      granularity: grain,
      data: [
        { [grain]: at(first), requests: 3 },
        { [grain]: at(second), requests: 1 },
      ],
    })
  })

  test('counts only the time that is asked for', async () => {
    const later = `from=${at(morning + HOUR)}&to=${at(morning + HOUR + 60_000)}`
    const { body } = await send('GET', `/${org}/usage?${later}`)
    expect(body).toMatchObject({ granularity: 'minute', totals: { requests: 1 } })
    const never = `from=${at(morning - 5 * HOUR)}&to=${at(morning - 4 * HOUR)}`
    const { body: empty } = await send('GET', `/${org}/usage?group_by=model&${never}`)
    expect(empty).toMatchObject({ data: [], totals: { requests: 0, input_tokens: null } })
  })

  test('is a table too, with a header and without formulas', async () => {
    const { status, text, headers } = await send(
      'GET',
      `/${org}/usage?group_by=provider,model&format=csv&${around}`,
    )
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(text.split('\r\n')).toEqual([
      'provider,model,requests,requests_without_usage,attempts,input_tokens,cached_input_tokens,cache_write_tokens,output_tokens,reasoning_tokens,average_latency_ms,average_first_byte_ms',
      ',,1,1,1,,,,,,100,40',
      'one,a,1,0,1,10,,,5,,100,40',
      'one,b,1,1,1,,,,,,100,',
      "two,'=cmd(),1,0,1,0,,,,,100,40",
      '',
    ])
    const whole = await send('GET', `/${org}/usage?format=csv`)
    expect(whole.text.split('\r\n')[1]).toBe('4,2,4,10,,,5,,100,40')
  })

  test('is not added up where that would hold up whatever else is asked of the organization', async () => {
    const much = await newOrganization()
    await recordOf(much).addUsage({ id: 'batch-1', rows: rows({}, { atMs: morning + HOUR }) })
    await runInDurableObject(recordOf(much), (_, { storage: { sql } }) => {
      sql.exec(
        `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200000)
        INSERT INTO usage SELECT 'minute', start_ms, provider, 'm-' || n, api_key, provider_key, outcome,
          1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1
        FROM usage, numbers WHERE grain = 'minute' AND start_ms = ?`,
        morning,
      )
    })
    for (const group of ['minute', 'minute,api_key']) {
      const { status, body } = await send('GET', `/${much}/usage?group_by=${group}&${around}`)
      const message = expect.stringMatching(
        /by the minute\. Ask for less time, or by a longer unit\.$/,
      )
      expect([status, body]).toMatchObject([400, { error: { param: 'from', message } }])
    }
    await runInDurableObject(recordOf(much), (_, { storage: { sql } }) => {
      sql.exec(
        `UPDATE usage SET grain = 'day', start_ms = ?
          WHERE grain = 'minute' AND start_ms = ? AND model LIKE 'm-%'`,
        Math.floor(morning / DAY) * DAY,
        morning,
      )
    })
    const { body: refusal } = await send('GET', `/${much}/usage`)
    const longest = expect.stringMatching(/by the day\. Ask for less time\.$/)
    expect(refusal).toMatchObject({ error: { param: 'from', message: longest } })
    const later = `from=${at(morning + HOUR)}&to=${at(morning + 2 * HOUR)}`
    const { body: less } = await send('GET', `/${much}/usage?group_by=minute&${later}`)
    expect(less).toMatchObject({ totals: { requests: 1 } })
    const { body: coarser } = await send('GET', `/${much}/usage?group_by=hour&${around}`)
    expect(coarser).toMatchObject({ totals: { requests: 2 } })
  })

  test('of nobody is not found', async () => {
    expect((await send('GET', '/org_0000000000000000/usage')).status).toBe(404)
  })

  test.each([
    ['from=yesterday', 'from'],
    ['to=2026-13-01T00:00:00Z', 'to'],
    ['from=2026-11-20T00:00:00Z&to=2026-11-20T00:00:00Z', 'from'],
    ['to=2020-01-01T00:00:00Z&group_by=hour', 'from'],
    ['from=2026-01-01T00:00:00Z&group_by=minute', 'from'],
    ['group_by=', 'group_by'],
    ['group_by=provider,canary', 'group_by'],
    ['group_by=provider&group_by=canary', 'group_by'],
    ['group_by=provider,provider', 'group_by'],
    ['group_by=hour,day', 'group_by'],
    ['group_by=start_ms', 'group_by'],
    ['format=xml', 'format'],
    ['canary=1', 'canary'],
  ])('does not answer %s', async (query, param) => {
    const { status, body, text } = await send('GET', `/${org}/usage?${query}`)
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid_request', param } }])
    if (param !== 'canary') expect(text).not.toContain('canary')
  })
})

describe('how finely is counted', () => {
  const nowMs = Date.parse('2026-11-21T12:34:56.789Z')
  const asked = (from?: string, to?: string, groupBy?: string) => {
    const query = readUsageQuery(
      {
        ...(from === undefined ? {} : { from }),
        ...(to === undefined ? {} : { to }),
        ...(groupBy === undefined ? {} : { group_by: groupBy }),
      },
      nowMs,
    )
    return [query.grain, at(query.fromMs), at(query.toMs)]
  }

  test.each([
    ['2026-11-01T00:00:00Z', '2026-11-21T00:00:00Z', 'day', '', ''],
    ['2026-11-01T00:00:00Z', undefined, 'day', '', '2026-11-22T00:00:00.000Z'],
    ['2026-11-01T05:00:00Z', '2026-11-21T00:00:00Z', 'hour', '', ''],
    ['2026-11-21T05:00:00Z', undefined, 'hour', '', '2026-11-21T13:00:00.000Z'],
    ['2026-11-21T05:01:00Z', undefined, 'minute', '', '2026-11-21T12:35:00.000Z'],
    [
      '2026-11-20T05:01:02Z',
      '2026-11-20T06:00:01Z',
      'minute',
      '2026-11-20T05:01:00.000Z',
      '2026-11-20T06:01:00.000Z',
    ],
    ['2026-11-01T05:30:00Z', '2026-11-02T00:00:00Z', 'hour', '2026-11-01T05:00:00.000Z', ''],
    ['2026-01-01T05:30:00Z', '2026-11-02T00:00:00Z', 'day', '2026-01-01T00:00:00.000Z', ''],
  ])('from %s to %s', (from, to, grain, movedFrom, movedTo) => {
    expect(asked(from, to)).toEqual([
      grain,
      movedFrom || at(Date.parse(from)),
      movedTo || at(Date.parse(to ?? '')),
    ])
  })

  test.each([
    [undefined, undefined, ['day', '2026-10-22T00:00:00.000Z', '2026-11-22T00:00:00.000Z']],
    [
      '2026-11-20T15:30:00Z',
      'model',
      ['day', '2026-10-21T00:00:00.000Z', '2026-11-21T00:00:00.000Z'],
    ],
    [
      '2026-11-20T15:30:00Z',
      'hour',
      ['hour', '2026-10-21T15:00:00.000Z', '2026-11-20T16:00:00.000Z'],
    ],
  ])('up to %s alone, by %s', (to, groupBy, expected) => {
    expect(asked(undefined, to, groupBy)).toEqual(expected)
  })

  test('is what it is grouped by, as long as that is kept', () => {
    expect(asked('2026-11-19T13:00:00Z', undefined, 'minute,model')[0]).toBe('minute')
    expect(asked('2026-11-01T00:00:00Z', undefined, 'hour')[0]).toBe('hour')
    expect(asked('2020-11-01T00:00:00Z', undefined, 'day')[0]).toBe('day')
    const error = thrownBy(() => asked('2026-11-19T12:00:00Z', undefined, 'minute'))
    expect(error).toMatchObject({ details: { param: 'from' } })
  })
})

test.each([
  ['=1+1', `'=1+1`],
  ['+1', `'+1`],
  ['-1', `'-1`],
  ['@cf/model', `'@cf/model`],
  ['\tx', `'\tx`],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['=a,"b"', `"'=a,""b"""`],
  ['a\nb', '"a\nb"'],
])('the text %j is the field %j', (text, field) => {
  expect(csvOf(['n'], [{ n: text }])).toBe(`n\r\n${field}\r\n`)
})
