import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newTrace, timed, type Trace, traceHeaders } from '../../../src/gateway/record/trace.ts'
import { rejectionOf } from '../../thrown-by.ts'

/** As a client gets them, which takes values that headers can hold. */
const headersOf = (trace: Trace): Record<string, string> =>
  Object.fromEntries(new Headers(traceHeaders(trace)))

describe('the way of a request in its headers', () => {
  test('is its id, where nothing else is known', () => {
    expect(headersOf(newTrace('req_1'))).toEqual({ 'x-keyway-request-id': 'req_1' })
  })

  test('is everything that is known', () => {
    const trace = newTrace('req_1')
    trace.provider = 'openai'
    trace.model = 'gpt-5.5'
    trace.providerKeyId = 'pk_2'
    trace.attempts.push(
      { keyId: 'pk_1', outcome: '401', reason: 'refused' },
      { keyId: 'pk_2', outcome: '200' },
    )
    trace.warnings.push('temperature:dropped', 'seed:dropped')
    trace.timings.set('auth', 1).set('upstream', 20.26)
    expect(headersOf(trace)).toEqual({
      'x-keyway-request-id': 'req_1',
      'x-keyway-provider': 'openai',
      'x-keyway-model': 'gpt-5.5',
      'x-keyway-provider-key': 'pk_2',
      'x-keyway-attempts': 'pk_1:401, pk_2:200',
      'x-keyway-warnings': 'temperature:dropped, seed:dropped',
      'server-timing': 'auth;dur=1.0, upstream;dur=20.3',
    })
  })

  test('is cut where there were very many attempts', () => {
    const trace = newTrace('req_1')
    for (let index = 0; index < 1000; index += 1) {
      trace.attempts.push({ keyId: `pk_${index}`, outcome: '401', reason: 'refused' })
    }
    const told = headersOf(trace)['x-keyway-attempts']?.split(', ')
    expect(told).toHaveLength(33)
    expect([told?.[0], told?.[31], told?.[32]]).toEqual(['pk_0:401', 'pk_31:401', 'and 968 more'])
  })

  test('can be written whatever the caller called the model or a flag', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (model, flag) => {
        const trace = newTrace('req_1')
        trace.model = model
        trace.warnings.push(flag)
        expect(headersOf(trace)['x-keyway-model'] ?? '').toMatch(/^[\x20-\x7e]*$/)
        expect(headersOf(trace)['x-keyway-warnings'] ?? '').toMatch(/^[\x20-\x7e]*$/)
      }),
    )
  })
})

const clock = (...times: number[]) => {
  const left = times.values()
  return () => left.next().value ?? Number.NaN
}

describe('a step that is timed', () => {
  test('adds up, also when it fails', async () => {
    const trace = newTrace('req_1')
    const nowMs = clock(100, 130, 200, 205)
    expect(await timed(trace, 'upstream', nowMs, () => Promise.resolve('x'))).toBe('x')
    const failed = timed(trace, 'upstream', nowMs, () => Promise.reject(new Error('why')))
    expect(await rejectionOf(() => failed)).toEqual(new Error('why'))
    expect(trace.timings).toEqual(new Map([['upstream', 35]]))
  })
})
