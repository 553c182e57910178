import { describe, expect, test } from 'vitest'
import { readModelName } from '../../../src/gateway/target/model-name.ts'
import { thrownBy } from '../../thrown-by.ts'

describe('a model name stands for a provider and its own model', () => {
  test.each([
    ['openai/gpt-5.5', 'openai', 'gpt-5.5'],
    ['openai/anything at all', 'openai', 'anything at all'],
    ['anthropic/claude-opus-5-5', 'anthropic', 'claude-opus-5-5'],
    ['google_vertex_ai/claude-opus-4-5@20251101', 'google_vertex_ai', 'claude-opus-4-5@20251101'],
    ['bedrock/us.anthropic.claude-sonnet-4-6', 'bedrock', 'us.anthropic.claude-sonnet-4-6'],
    [
      'bedrock/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd',
      'bedrock',
      'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd',
    ],
    ['azure/my/deployment', 'azure', 'my/deployment'],
    ['openai/openai/x', 'openai', 'openai/x'],
    ['gpt-5.5', 'openai', 'gpt-5.5'],
    ['o3-mini', 'openai', 'o3-mini'],
    ['claude-opus-5-5', 'anthropic', 'claude-opus-5-5'],
    ['gemini-3.8-flash', 'google_vertex_ai', 'gemini-3.8-flash'],
    ['mistral-large-4-0', 'mistral', 'mistral-large-4-0'],
    ['ministral-8b-2512', 'mistral', 'ministral-8b-2512'],
    ['magistral-medium', 'mistral', 'magistral-medium'],
    ['codestral-2508', 'mistral', 'codestral-2508'],
    ['deepseek-flash', 'deepseek', 'deepseek-flash'],
    ['grok-4.7', 'xai', 'grok-4.7'],
    ['glm-5.3', 'zai', 'glm-5.3'],
  ])('%s: %s, %s', (name, provider, model) => {
    expect(readModelName(name)).toMatchObject({ provider: { name: provider }, model })
  })

  test.each([
    ['byom/lab', 'lab', undefined],
    ['byom/lab/llama-4', 'lab', 'llama-4'],
    ['byom/lab/Qwen/Qwen3-8B', 'lab', 'Qwen/Qwen3-8B'],
    ['byom/lab/', 'lab', ''],
    ['byom/', '', undefined],
  ])('%s: the private endpoint %s, %s', (name, endpointName, model) => {
    expect(readModelName(name)).toEqual({ kind: 'endpoint', endpointName, model })
  })

  test.each([
    '',
    '/',
    'byom',
    'byomx/lab',
    'openai/',
    '/gpt-5.5',
    'nobody/gpt-5.5',
    'OpenAI/gpt-5.5',
    'llama-3',
    'toString',
  ])('%j is not known', (name) => {
    expect(thrownBy(() => readModelName(name))).toMatchObject({
      code: 'unknown_model',
      status: 404,
      details: { param: 'model' },
    })
  })
})
