import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { answerError } from '../../../src/gateway/failure/answer-error.ts'
import { openai } from '../../../src/providers/openai.ts'

const KEY = 'the-very-key-of-no-known-shape'
const target = {
  provider: openai,
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: KEY }, settings: {}, location: '' },
} as const

describe('an error in place of an answer', () => {
  test.each([
    [{}, 'upstream_error', 502],
    [{ status: 500 }, 'upstream_error', 502],
    [{ status: 503 }, 'upstream_overloaded', 503],
    [{ status: 429 }, 'rate_limited', 429],
    [{ upstream: { code: 'slow_down' } }, 'upstream_overloaded', 503],
    [{ upstream: { type: 'rate_limit_error', code: null } }, 'rate_limited', 429],
    [{ upstream: { code: 'constructor' } }, 'upstream_error', 502],
  ])('with %j is %s', (details, code, status) => {
    const error = new GatewayError('upstream_error', 'It broke.', details)
    expect(answerError(error, target)).toMatchObject({ code, status, message: 'It broke.' })
  })

  test.each(['upstream_error', 'rate_limited'] as const)('that is %s repeats no key', (code) => {
    const told = answerError(new GatewayError(code, `${KEY} is no good`), target)
    expect(told).toMatchObject({ code, message: '[key] is no good' })
  })

  test('keeps what else is known of it', () => {
    const details = { upstream: { code: 'rate_limit_exceeded' } }
    expect(answerError(new GatewayError('rate_limited', 'Slower.', details), target)).toMatchObject(
      { details },
    )
  })

  test('of ours stays what it is', () => {
    const fault = new TypeError('x')
    expect(answerError(fault, target)).toBe(fault)
  })
})
