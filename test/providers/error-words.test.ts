import { describe, expect, test } from 'vitest'
import { type ErrorMeaning, meaningOf } from '../../src/providers/error-words.ts'
import { findProvider } from '../../src/providers/registry.ts'

const meaningAt = (name: string, words: { code?: string; type?: string }) =>
  meaningOf({ message: 'It broke.', ...words }, findProvider(name) ?? expect.fail())

describe('#40 #41 what errors mean by their words', () => {
  test.each<[string, { code?: string; type?: string }, ErrorMeaning | undefined]>([
    ['openai', { type: 'insufficient_quota', code: 'project_spend_limit_exceeded' }, 'spent'],
    ['openai', { type: 'insufficient_quota' }, 'spent'],
    ['openai', { type: 'requests', code: 'rate_limit_exceeded' }, 'rate-limited'],
    ['openai', { type: 'server_error', code: 'slow_down' }, 'overloaded'],
    ['openai', { code: '1305' }, undefined],
    ['openai', { code: 'constructor', type: 'toString' }, undefined],
    ['openai', {}, undefined],
    ['anthropic', { type: 'rate_limit_error', code: 'enforced_spend_limit_reached' }, 'spent'],
    ['anthropic', { type: 'rate_limit_error', code: 'contract_spend_limit_reached' }, 'spent'],
    ['anthropic', { type: 'rate_limit_error' }, 'rate-limited'],
    ['anthropic', { type: 'overloaded_error' }, 'overloaded'],
    ['zai', { code: '1113' }, 'spent'],
    ['zai', { code: '1308' }, 'spent'],
    ['zai', { code: '1302' }, 'rate-limited'],
    ['zai', { code: '1305' }, 'overloaded'],
    ['zai', { code: '1234' }, undefined],
    ['xai', { code: 'Some resource has been exhausted' }, 'rate-limited'],
    ['xai', { code: 'The service is currently unavailable' }, 'overloaded'],
    ['azure', { code: 'ServiceUnavailable' }, 'overloaded'],
    ['mistral', { code: 'service_unavailable' }, 'overloaded'],
  ])('%s: %j', (name, words, meaning) => {
    expect(meaningAt(name, words)).toBe(meaning)
  })
})
