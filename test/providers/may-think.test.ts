import { expect, test } from 'vitest'
import { chooseService } from '../../src/gateway/passage/choose-service.ts'
import { mayThink } from '../../src/providers/may-think.ts'
import { findProvider } from '../../src/providers/registry.ts'

/** Whether a model is waited for as one that thinks, as Chat Completions would call it. */
function thinks(name: string, model: string): boolean {
  const provider = findProvider(name) ?? expect.fail()
  const service = chooseService({ provider, model }, 'openai-chat', { body: {} })
  const site = { credential: { kind: 'key', apiKey: 'sk' } as const, settings: {}, location: '' }
  return mayThink(service, model, site)
}

test.each([
  ['openai', 'o3'],
  ['openai', 'o4-mini'],
  ['openai', 'gpt-5'],
  ['openai', 'gpt-5.4-pro'],
  ['openai', 'gpt-6'],
  ['openai', 'a-model-of-tomorrow'],
  ['anthropic', 'claude-3-7-sonnet-20250219'],
  ['anthropic', 'claude-sonnet-5-5'],
  ['google_vertex_ai', 'gemini-2.5-pro'],
  ['google_vertex_ai', 'gemini-3.8-flash'],
  ['google_vertex_ai', 'claude-opus-4-5@20251101'],
  ['bedrock', 'us.anthropic.claude-sonnet-4-6'],
  ['bedrock', 'us.amazon.nova-2-lite-v1:0'],
  ['bedrock', 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'],
  ['deepseek', 'deepseek-reasoner'],
  ['xai', 'grok-4'],
  ['xai', 'grok-4-fast-reasoning'],
  ['xai', 'grok-4.7'],
  ['zai', 'glm-4.6'],
  ['zai', 'glm-5.2'],
  ['mistral', 'magistral-medium-2509'],
  ['azure', 'my-deployment'],
])('%s/%s may be silent for minutes', (provider, model) => {
  expect(thinks(provider, model)).toBe(true)
})

test.each([
  ['openai', 'gpt-4.1'],
  ['openai', 'gpt-4o-mini'],
  ['anthropic', 'claude-3-5-haiku-20241022'],
  ['google_vertex_ai', 'gemini-2.0-flash'],
  ['bedrock', 'amazon.nova-pro-v1:0'],
  ['xai', 'grok-4-fast-non-reasoning'],
  ['mistral', 'codestral-2508'],
])('%s/%s says something soon', (provider, model) => {
  expect(thinks(provider, model)).toBe(false)
})
