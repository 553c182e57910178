import { describe, expect, test } from 'vitest'
import { claudeProfile } from '../../../src/providers/models/claude.ts'

const at = (model: string) => claudeProfile(model, 'anthropic')

describe('a model is known by the ids of all hosts', () => {
  test.each([
    ['claude-opus-4-5-20251101', 'claude-opus-4-5'],
    ['claude-opus-4-5@20251101', 'claude-opus-4-5'],
    ['anthropic.claude-opus-4-5-20251101-v1:0', 'claude-opus-4-5'],
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'claude-opus-4-5'],
    ['Claude-Opus-4.5', 'claude-opus-4-5'],
    ['claude-opus-4-5[1m]', 'claude-opus-4-5'],
    ['claude-opus-4-20250514', 'claude-opus-4'],
    ['claude-opus-4@20250514', 'claude-opus-4'],
    ['anthropic.claude-opus-4-6-v1', 'claude-opus-4-6'],
    ['global.anthropic.claude-opus-5-5', 'claude-opus-5-5'],
    ['claude-3-5-sonnet-v2@20241022', 'claude-3-5-sonnet'],
    ['anthropic.claude-3-haiku-20240307-v1:0', 'claude-3-haiku'],
    ['claude-3-5-haiku-latest', 'claude-3-5-haiku'],
    [
      'arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0',
      'claude-haiku-4-5',
    ],
    ['team-claude-sonnet-4-6-eu', 'claude-sonnet-4-6'],
  ])('%s is %s', (id, name) => {
    expect(at(id)).toEqual(at(name))
  })

  test.each([
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh',
    'our-deployment',
    '',
    'claude-',
    'claude-opus-6',
    'claude-opus-5-9',
    'claude-opus-4-9',
    'claude-haiku-7-20280101',
    'claude-toString',
  ])('%j is taken for the newest', (id) => {
    expect(at(id)).toEqual(at('claude-opus-5-5'))
  })
})

describe('what models take', () => {
  const traits = {
    sampling: (model: string) => at(model).sampling,
    thinking: (model: string) => at(model).thinking.join(' '),
    byDefault: (model: string) => at(model).thinksByDefault,
    forced: (model: string) => at(model).canForceTools,
    prefill: (model: string) => at(model).canContinueAnswer,
    most: (model: string) => at(model).maxOutputTokens,
  }

  test.each([
    ['claude-3-haiku', 'any', '', false, true, true, 4096],
    ['claude-opus-4', 'any', 'manual disabled', false, true, true, 32_000],
    ['claude-sonnet-4', 'any', 'manual disabled', false, true, true, 64_000],
    [
      'claude-haiku-4-5',
      'no-top-p-beside-temperature',
      'manual disabled',
      false,
      true,
      true,
      64_000,
    ],
    [
      'claude-opus-4-6',
      'no-top-p-beside-temperature',
      'manual adaptive disabled',
      false,
      true,
      false,
      128_000,
    ],
    ['claude-opus-4-7', 'none', 'adaptive disabled', false, true, false, 128_000],
    ['claude-opus-4-8', 'none', 'adaptive disabled', false, true, false, 128_000],
    ['claude-sonnet-5', 'none', 'adaptive disabled', true, true, false, 128_000],
    ['claude-opus-5', 'none', 'adaptive disabled', true, true, false, 128_000],
    ['claude-fable-5', 'none', 'adaptive', true, true, false, 128_000],
    ['claude-fable-5-1', 'none', 'adaptive', true, false, false, 128_000],
    ['claude-mythos-5-2', 'none', 'adaptive', true, false, false, 128_000],
    ['claude-opus-5-5', 'none', 'adaptive', true, false, false, 128_000],
    ['claude-sonnet-5-5', 'none', 'adaptive between_tools', true, false, false, 128_000],
    ['claude-haiku-5-5', 'none', 'adaptive disabled', true, true, false, 128_000],
  ] as const)('%s', (model, ...expected) => {
    expect(Object.values(traits).map((trait) => trait(model))).toEqual(expected)
  })

  test.each([
    ['claude-sonnet-4-5', ''],
    ['claude-sonnet-4-6', 'low medium high max'],
    ['claude-opus-4-7', 'low medium high xhigh max'],
    ['claude-fable-5-2', 'low medium high xhigh max'],
  ])('%s has the efforts %j', (model, efforts) => {
    expect(at(model).efforts.join(' ')).toBe(efforts)
  })

  test('turns of role system are taken from 4.8 on, where Anthropic runs the model', () => {
    const taken = (model: string, host: Parameters<typeof claudeProfile>[1]) =>
      claudeProfile(model, host).hasSystemTurns
    expect(taken('claude-opus-4-7', 'anthropic')).toBe(false)
    expect(taken('claude-opus-4-8', 'anthropic')).toBe(true)
    expect(taken('claude-opus-4-8', 'bedrock')).toBe(false)
    expect(taken('claude-opus-4-8', 'vertex')).toBe(false)
  })
})

describe('what hosts take', () => {
  test.each([
    ['anthropic', true, true, true, true],
    ['foundry', true, false, true, false],
    ['vertex', false, false, false, false],
    ['bedrock', false, false, false, false],
  ] as const)('%s', (host, ...expected) => {
    const { fetchesUrls, hasFiles, hasAutomaticCaching, hasServiceTiers } = claudeProfile(
      'claude-opus-4-8',
      host,
    )
    expect([fetchesUrls, hasFiles, hasAutomaticCaching, hasServiceTiers]).toEqual(expected)
  })

  test.each([
    ['claude-opus-4-1', 'anthropic', false],
    ['claude-haiku-4-5', 'anthropic', true],
    ['claude-opus-5-5', 'foundry', true],
    ['claude-opus-4-6', 'vertex', false],
    ['claude-haiku-4-5', 'bedrock', false],
    ['claude-sonnet-4-5', 'bedrock', true],
    ['claude-opus-4-6', 'bedrock', true],
    ['claude-opus-4-7', 'bedrock', false],
    ['claude-opus-5-5', 'bedrock', false],
  ] as const)('schemas for %s at %s: %s', (model, host, expected) => {
    const { hasOutputFormat, hasStrictTools } = claudeProfile(model, host)
    expect([hasOutputFormat, hasStrictTools]).toEqual([expected, expected])
  })
})
