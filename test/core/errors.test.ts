import { describe, expect, test } from 'vitest'
import { type ErrorCode, ERRORS, GatewayError, invalidRequest } from '../../src/core/errors.ts'

/** The table of the public contract, written out a second time. */
const CONTRACT: readonly (readonly [code: ErrorCode, status: number, retryable: boolean])[] = [
  ['missing_api_key', 401, false],
  ['invalid_api_key', 401, false],
  ['api_key_disabled', 403, false],
  ['model_not_allowed', 403, false],
  ['provider_not_allowed', 403, false],
  ['ambiguous_credentials', 400, false],
  ['invalid_json', 400, false],
  ['invalid_request', 400, false],
  ['unsupported_parameter', 400, false],
  ['unknown_model', 404, false],
  ['unknown_provider', 404, false],
  ['unknown_endpoint', 404, false],
  ['not_found', 404, false],
  ['no_provider_key', 400, false],
  ['request_too_large', 413, false],
  ['rate_limited', 429, true],
  ['upstream_rejected_key', 403, false],
  ['upstream_error', 502, true],
  ['upstream_unreachable', 502, true],
  ['upstream_redirect', 502, false],
  ['upstream_overloaded', 503, true],
  ['upstream_timeout', 504, true],
  ['tunnel_offline', 503, true],
  ['tunnel_disconnected', 502, true],
  ['model_unreachable', 502, true],
  ['tunnel_auth_failed', 502, false],
  ['tunnel_saturated', 429, true],
]

describe('GatewayError', () => {
  test.each(CONTRACT)('%s is %d, and retryable: %s', (code, status, retryable) => {
    expect(new GatewayError(code, 'why')).toMatchObject({ code, status, retryable, message: 'why' })
  })

  test.each(Object.entries(ERRORS))('%s has a status and a type in both dialects', (_, row) => {
    expect(row.status).toBeGreaterThanOrEqual(400)
    expect(row.openaiType).toMatch(/^[a-z_]+$/)
    expect(row.anthropicType).toMatch(/^[a-z_]+$/)
  })

  test.each([
    [400, false],
    [404, false],
    [408, true],
    [409, false],
    [422, false],
    [429, true],
    [500, true],
    [529, true],
  ])("takes an upstream's status %d, and is retryable: %s", (status, retryable) => {
    const error = new GatewayError('invalid_request', 'why', { status })
    expect(error).toMatchObject({ status, retryable })
  })

  test('is not retryable where a failure says so itself', () => {
    for (const details of [{ retryable: false }, { retryable: false, status: 503 }] as const) {
      expect(new GatewayError('model_unreachable', 'why', details).retryable).toBe(false)
    }
  })

  test('keeps its cause out of its message', () => {
    const error = new GatewayError('upstream_error', 'why', { cause: new Error('canary') })
    expect([error.message, JSON.stringify(error.message)].join('')).not.toContain('canary')
    expect(error.cause).toBeInstanceOf(Error)
  })
})

test('invalidRequest names the field', () => {
  expect(invalidRequest('why', 'field')).toMatchObject({ details: { param: 'field' } })
  expect(invalidRequest('why').details.param).toBeUndefined()
})
