import { expect, test } from 'vitest'
import { objectFailure } from '../../src/tunnel/tunnel-failure.ts'

test.each([
  ['was reset with a call that a model may have', { durableObjectReset: true }, 502],
  ['was reset, and may be asked again', { durableObjectReset: true, retryable: true }, 502],
  ['was reset for its memory', { durableObjectReset: true, overloaded: true }, 502],
  ['is not reached', { retryable: true }, 503],
  ['has too much to do', { overloaded: true }, 429],
  ['threw', { remote: true }, 502],
])('an object that %s', (_, flags, status) => {
  const error = objectFailure('lab', Object.assign(new Error('of the platform'), flags))
  const code = { 429: 'tunnel_saturated', 502: 'tunnel_disconnected', 503: 'tunnel_offline' }[
    status
  ]
  expect(error).toMatchObject({ code, status })
  expect(error.message).not.toContain('of the platform')
})
