import { describe, expect, test } from 'vitest'
import { requireAnswer } from '../../../src/gateway/answer/require-answer.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { thrownBy } from '../../thrown-by.ts'

const provider = findProvider('openai')
if (provider === undefined) throw new Error('there is no such provider')
const target: Target = {
  provider,
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: 'sk-canary-0123456789' }, settings: {}, location: '' },
}

describe('what came under 200', () => {
  test.each([
    ['{}'],
    [' \n{"id":"one","error":null}\n '],
    ['{"error":null,"id":"one"}'],
    ['{"type":"message","content":[]}'],
    ['{"object":"response","status":"failed","error":{"code":"server_error","message":"Oh"}}'],
  ])('is an answer: %s', (text) => {
    expect(() => requireAnswer(text, target)).not.toThrow()
  })

  test.each([
    ['', 'upstream_error'],
    ['  ', 'upstream_error'],
    ['Come back later', 'upstream_error'],
    ['[]', 'upstream_error'],
    ['{"id":"one","choices":[{"mess', 'upstream_error'],
    ['{"error":{"message":"Oh","type":"server_error","code":null}}', 'upstream_error'],
    [' { "error" : {"message":"Oh","code":"rate_limit_exceeded"}}', 'rate_limited'],
    ['{"error":"Oh"}', 'upstream_error'],
    ['{"error":{"odd":1}}', 'upstream_error'],
    ['{"type":"error","error":{"type":"overloaded_error","message":"Oh"}}', 'upstream_overloaded'],
  ])('is none: %s', (text, code) => {
    expect(thrownBy(() => requireAnswer(text, target))).toMatchObject({ code })
  })
})
