import { describe, expect, test } from 'vitest'
import { type ErrorCode, ERRORS, GatewayError, invalidRequest } from '../../src/core/errors.ts'

/** test/docs/api.test.ts holds the rows themselves to what docs/api.md promises. */
const CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS)

describe('GatewayError', () => {
  test.each(CODES)('of the code %s is as its row says', (code) => {
    const { status, retryable } = ERRORS[code]
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
