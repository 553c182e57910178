import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { RecordedStage } from '../../../src/gateway/answer/recorded-stage.ts'
import { type Ending, endingOfStatus, Meter } from '../../../src/gateway/record/meter.ts'
import { requestLine } from '../../../src/gateway/record/request-log.ts'
import { requestRecordOf } from '../../../src/gateway/record/request-record.ts'
import { countsTokens, newTrace, type Trace } from '../../../src/gateway/record/trace.ts'
import type { WatchedStage } from '../../../src/streams/reading-stage.ts'

const OK: Ending = { status: 200, outcome: 'ok' }
const LEFT: Ending = { status: 200, outcome: 'client_left' }
const times = { startMs: 1_000, endMs: 1_250 }

describe('what is gathered of a request', () => {
  test('is told once, at the first ending', () => {
    const endings: Ending[] = []
    const meter = new Meter((ending) => endings.push(ending))
    for (const ending of [OK, LEFT, OK]) meter.end(ending)
    expect(endings).toEqual([OK])
  })

  test('ends with other work as well: behind its record, once, and at once where it has ended', () => {
    const done: string[] = []
    const meter = new Meter(() => done.push('record'))
    meter.whenEnded(() => done.push('one'))
    meter.whenEnded(() => done.push('other'))
    expect(done).toEqual([])
    meter.end(OK)
    meter.end(LEFT)
    expect(done).toEqual(['record', 'one', 'other'])
    meter.whenEnded(() => done.push('late'))
    expect(done).toEqual(['record', 'one', 'other', 'late'])
  })

  test('is the last that was told, and nothing takes it away', () => {
    const meter = new Meter()
    expect([meter.usage, meter.answeredModel]).toEqual([undefined, undefined])
    meter.tell({ usage: { inputTokens: 1 }, model: 'a' })
    meter.tell(undefined)
    meter.tell({})
    meter.tell({ usage: { inputTokens: 1, outputTokens: 2 } })
    expect([meter.usage, meter.answeredModel]).toEqual([{ inputTokens: 1, outputTokens: 2 }, 'a'])
  })

  test.each([
    [200, 'ok'],
    [302, 'ok'],
    [400, 'invalid_request'],
    [401, 'upstream_rejected_key'],
    [404, 'not_found'],
    [429, 'rate_limited'],
    [500, 'upstream_error'],
    [529, 'upstream_overloaded'],
  ])('ends by the status %i as %s', (status, outcome) => {
    expect(endingOfStatus(status)).toEqual({ status, outcome })
  })
})

describe('the stage of a recorded stream', () => {
  const bytes = new Uint8Array([1])
  const world = (failure?: GatewayError) => {
    const endings: Ending[] = []
    const trace = newTrace('req_1', (_, ending) => endings.push(ending))
    const inner: WatchedStage = {
      next: (chunk) => chunk,
      end: () => bytes,
      earlyFailure: undefined,
      failure,
    }
    let nowMs = 0
    const stage = new RecordedStage(inner, { nowMs: () => ++nowMs }, trace)
    return { endings, trace, stage }
  }

  test('ends the request when it ends, well or not', () => {
    const well = world()
    well.stage.goOn()
    well.stage.next(bytes)
    expect(well.endings).toEqual([])
    well.stage.end(false)
    expect(well.endings).toEqual([OK])
    const badly = world(new GatewayError('upstream_overloaded', 'It is.'))
    badly.stage.goOn()
    badly.stage.end(false)
    expect(badly.endings).toEqual([{ status: 200, outcome: 'upstream_overloaded' }])
  })

  test('says nothing as long as the answer can still be another one', () => {
    const { endings, stage } = world()
    stage.end(true)
    stage.left?.()
    expect(endings).toEqual([])
    stage.goOn()
    expect(endings).toEqual([OK])
  })

  test('ends the request when its reader leaves', () => {
    const { endings, stage } = world()
    stage.goOn()
    stage.left?.()
    stage.end(true)
    expect(endings).toEqual([LEFT])
  })

  test('notes the first byte that it has to send', () => {
    const { trace, stage } = world()
    stage.next(new Uint8Array(0))
    expect(trace.meter.firstByteAtMs).toBeUndefined()
    stage.next(bytes)
    stage.next(bytes)
    expect(trace.meter.firstByteAtMs).toBe(1)
  })
})

const metered = (metering: 'universal' | 'all' | 'off', surface = 'openai-chat'): Trace => {
  const trace = newTrace('req_1')
  trace.caller = { organizationId: 'org_1', apiKeyId: 'key_1', metering }
  trace.meter.surface = surface
  trace.meter.tell({ usage: { inputTokens: 7 }, model: 'gpt-x-2026' })
  return trace
}

describe('the record of a request', () => {
  test('has what is known and null for the rest', () => {
    const trace = newTrace('req_1')
    expect(requestRecordOf(trace, { status: null, outcome: 'client_left' }, times)).toEqual({
      requestId: 'req_1',
      organizationId: null,
      apiKeyId: null,
      atMs: 1_000,
      surface: null,
      provider: null,
      model: null,
      answeredModel: null,
      providerKeyId: null,
      isStream: false,
      status: null,
      outcome: 'client_left',
      attempts: [],
      tokens: null,
      latencyMs: 250,
      firstByteMs: null,
      metadata: {},
    })
  })

  test.each([
    ['universal', 'openai-chat', true],
    ['universal', 'native', false],
    ['all', 'native', true],
    ['all', 'openai-chat', true],
    ['off', 'openai-chat', false],
    ['off', 'native', false],
  ] as const)('metered %s, on the surface %s: tokens %s', (metering, surface, hasTokens) => {
    const { tokens } = requestRecordOf(metered(metering, surface), OK, times)
    expect(tokens).toEqual(hasTokens ? { inputTokens: 7 } : null)
  })

  test('has no tokens that were counted for a limit only', () => {
    const trace = metered('off')
    expect.assert(trace.caller !== undefined)
    expect(countsTokens(trace)).toBe(false)
    trace.caller = { ...trace.caller, limited: { headers: {}, countsTokens: true } }
    expect(countsTokens(trace)).toBe(true)
    expect(requestRecordOf(trace, OK, times).tokens).toBeNull()
  })

  test('has a first byte where there is an answer', () => {
    const trace = metered('universal')
    expect(requestRecordOf(trace, OK, times).firstByteMs).toBe(250)
    expect(requestRecordOf(trace, { status: 502, outcome: 'x' }, times).firstByteMs).toBeNull()
    trace.meter.firstByteAtMs = 1_100
    trace.meter.hold()
    expect(requestRecordOf(trace, OK, times).firstByteMs).toBe(100)
  })
})

describe('the line of a request', () => {
  test('has the names of OpenTelemetry, and leaves out what is not known', () => {
    const trace = metered('universal')
    trace.provider = 'one'
    trace.model = 'gpt-x'
    trace.attempts.push({ keyId: 'pk_1', outcome: '200' })
    expect(JSON.parse(requestLine(requestRecordOf(trace, OK, times)))).toEqual({
      level: 'info',
      event: 'request',
      time: '1970-01-01T00:00:01.000Z',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'one',
      'gen_ai.request.model': 'gpt-x',
      'gen_ai.response.model': 'gpt-x-2026',
      'gen_ai.usage.input_tokens': 7,
      'http.response.status_code': 200,
      'keyway.request_id': 'req_1',
      'keyway.organization': 'org_1',
      'keyway.api_key': 'key_1',
      'keyway.surface': 'openai-chat',
      'keyway.stream': false,
      'keyway.attempts': ['pk_1:200'],
      'keyway.latency_ms': 250,
      'keyway.first_byte_ms': 250,
    })
  })
})
