import { describe, expect, test } from 'vitest'
import { bedrock } from '../../src/providers/bedrock.ts'
import { bedrockBetas } from '../../src/providers/claude-betas.ts'
import { compatNoting } from '../support/compat.ts'

const [invoke] = bedrock.services

function call(model: string, { wantsStream = false, betas = '' } = {}) {
  const warnings: string[] = []
  return {
    model,
    wantsStream,
    site: {
      credential: { kind: 'aws', regions: {} } as const,
      settings: {},
      location: 'us-east-1',
    },
    body: {},
    headers: new Headers(betas === '' ? {} : { 'anthropic-beta': betas }),
    compat: compatNoting(warnings),
    warnings,
  }
}

describe('Claude on Bedrock', () => {
  test.each([
    ['us.anthropic.claude-sonnet-4-6', false, '/model/us.anthropic.claude-sonnet-4-6/invoke'],
    [
      'us.anthropic.claude-sonnet-4-6',
      true,
      '/model/us.anthropic.claude-sonnet-4-6/invoke-with-response-stream',
    ],
    [
      'anthropic.claude-opus-4-5-20251101-v1:0',
      false,
      '/model/anthropic.claude-opus-4-5-20251101-v1%3A0/invoke',
    ],
    ['anthropic.claude-x/../../y', false, '/model/anthropic.claude-x%2F..%2F..%2Fy/invoke'],
    ['anthropic.claude-x?y#z', false, '/model/anthropic.claude-x%3Fy%23z/invoke'],
  ])('%s, streamed %s, is at %s', (model, wantsStream, path) => {
    expect(invoke?.path(call(model, { wantsStream }))).toBe(path)
  })

  test.each([
    ['anthropic.claude-opus-4-8', true],
    ['us.anthropic.claude-sonnet-4-6', true],
    ['global.anthropic.claude-opus-5-5', true],
    ['amazon.nova-pro-v1:0', false],
    ['claude-opus-4-8', false],
    ['..', false],
  ])('%s can be called so: %s', (model, expected) => {
    expect(invoke?.models?.test(model)).toBe(expected)
  })

  test('takes no model and no stream in the body, and its own version', () => {
    expect(invoke?.edits(call('anthropic.claude-x'))).toEqual({
      remove: ['model', 'stream'],
      set: { anthropic_version: 'bedrock-2023-05-31' },
    })
  })

  test('takes the flags that it knows in the body, and the caller hears of the others', () => {
    const betas = 'context-1m-2025-08-07, prompt-caching-2024-07-31,files-api-2025-04-14'
    const made = call('anthropic.claude-x', { betas })
    expect(invoke?.edits(made).set).toEqual({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['context-1m-2025-08-07'],
    })
    expect(made.warnings).toEqual([
      'anthropic-beta.prompt-caching-2024-07-31:dropped',
      'anthropic-beta.files-api-2025-04-14:dropped',
    ])
  })

  test('takes no field of flags where none is left', () => {
    const made = call('anthropic.claude-x', { betas: 'memory-2025-08-18' })
    expect(invoke?.edits(made).set).not.toHaveProperty('anthropic_beta')
  })
})

describe('the flags that Bedrock takes', () => {
  test.each<[string | null, string[], string[]]>([
    [null, [], []],
    ['', [], []],
    [' , ,', [], []],
    ['context-1m-2025-08-07', ['context-1m-2025-08-07'], []],
    ['context-1m-2025-08-07,context-1m-2025-08-07', ['context-1m-2025-08-07'], []],
    ['advanced-tool-use-2025-11-20', ['tool-search-tool-2025-10-19'], []],
    [
      'advanced-tool-use-2025-11-20,tool-search-tool-2025-10-19',
      ['tool-search-tool-2025-10-19'],
      [],
    ],
    ['code-execution-2025-05-22', [], ['code-execution-2025-05-22']],
    ['CONTEXT-1M-2025-08-07', [], ['CONTEXT-1M-2025-08-07']],
    ['toString,__proto__', [], ['toString', '__proto__']],
  ])('of %j', (header, kept, dropped) => {
    expect(bedrockBetas(header)).toEqual({ kept, dropped })
  })
})

describe('a region', () => {
  const key = { apiKey: 'secret' }

  test.each([
    [{ 'us-east-1': key }, 'us-east-1', true],
    [{ 'us-east-1': key }, 'eu-west-1', false],
    [{ global: key }, 'eu-west-1', true],
    [{ 'us-east-1': key, global: key }, 'eu-west-1', true],
    [{ 'us-east-1': key }, 'toString', false],
    [{ 'us-east-1': key }, '__proto__', false],
  ])('of a credential %j: %s is there: %s', (regions, region, expected) => {
    expect(bedrock.locations?.covers?.({ kind: 'aws', regions }, region)).toBe(expected)
  })

  test('is the one of the settings where nobody asked', () => {
    expect(bedrock.locations?.defaultOf({ default_region: 'eu-west-1' })).toBe('eu-west-1')
    expect(bedrock.locations?.defaultOf({})).toBe('us-east-1')
  })
})
