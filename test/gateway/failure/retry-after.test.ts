import { describe, expect, test } from 'vitest'
import { retryAfterMsOf } from '../../../src/gateway/failure/retry-after.ts'
import { findProvider } from '../../../src/providers/registry.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

const resetHeadersOf = (provider: string) => (findProvider(provider) ?? expect.fail()).resetHeaders

const asked = (provider: string, headers: Record<string, string>, inBody?: number) => {
  const body = inBody === undefined ? undefined : { message: 'Slow down', retryAfterMs: inBody }
  return retryAfterMsOf(
    { headers: new Headers(headers), body, resetHeaders: resetHeadersOf(provider) },
    NOW,
  )
}

describe('how long an upstream is to be left alone', () => {
  test.each([
    ['retry-after-ms', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    ['retry-after in seconds', { 'retry-after': '9' }, 9000],
    ['retry-after as a date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:05 GMT' }, 5000],
    ['nothing', {}, undefined],
    ['retry-after in the past', { 'retry-after': '0' }, undefined],
    ['no time without an end', { 'retry-after-ms': 'Infinity' }, undefined],
  ])('is in %s, whoever it is', (_, headers, expected) => {
    for (const provider of ['openai', 'anthropic', 'bedrock']) {
      expect(asked(provider, headers)).toBe(expected)
    }
  })

  test('is what the body says, where no header says it in so many words', () => {
    expect(asked('google_vertex_ai', {}, 34_000)).toBe(34_000)
    expect(asked('google_vertex_ai', { 'retry-after': '2' }, 34_000)).toBe(2000)
  })

  test.each([
    ['openai', 'requests', '6m0s', 360_000],
    ['openai', 'tokens', '20ms', 20],
    ['azure', 'tokens', '12', 12_000],
  ])('is when %s fills its %s again, where none are left', (provider, what, reset, expected) => {
    const headers = {
      [`x-ratelimit-remaining-${what}`]: '0',
      [`x-ratelimit-reset-${what}`]: reset,
    }
    expect(asked(provider, headers)).toBe(expected)
    expect(asked('bedrock', headers)).toBeUndefined()
  })

  test.each(['requests', 'tokens', 'input-tokens', 'output-tokens'])(
    'is when Anthropic fills its %s again, where none are left',
    (what) => {
      const headers = {
        [`anthropic-ratelimit-${what}-remaining`]: '0',
        [`anthropic-ratelimit-${what}-reset`]: '2026-11-21T12:00:30Z',
      }
      expect(asked('anthropic', headers)).toBe(30_000)
    },
  )

  test('is nothing by limits of which something is left, and the longest of those that are used up', () => {
    const resets = { 'x-ratelimit-reset-requests': '1m', 'x-ratelimit-reset-tokens': '3s' }
    const remaining = (requests: string, tokens: string) => ({
      'x-ratelimit-remaining-requests': requests,
      'x-ratelimit-remaining-tokens': tokens,
    })
    expect(asked('openai', { ...resets, ...remaining('1', '0') })).toBe(3000)
    expect(asked('openai', { ...resets, ...remaining('0', '0') })).toBe(60_000)
    expect(asked('openai', { ...resets, ...remaining('1', '20') })).toBeUndefined()
    // Azure says -1 and 0 where it does not know.
    expect(asked('azure', { ...resets, ...remaining('-1', '') })).toBeUndefined()
  })
})
