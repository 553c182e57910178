import { describe, expect, test } from 'vitest'
import type { ChatRequest } from '../../../../src/core/chat.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { encode, NEWEST, OLD, text } from './claude.ts'

const BASE = {
  model: NEWEST,
  max_tokens: 128_000,
  messages: [
    { role: 'user', content: [text('Hello')].map((part) => ({ type: 'text', text: part.text })) },
  ],
}

describe('a plain request', () => {
  test('is no more than it has to be', () => {
    expect(encode({}, { model: NEWEST })).toEqual({ body: BASE, warnings: [] })
  })

  test('says that it wants a stream', () => {
    expect(encode({ stream: true, includeUsage: false }, { model: NEWEST }).body).toEqual({
      ...BASE,
      stream: true,
    })
  })
})

describe('a parameter', () => {
  test.each<[string, Partial<ChatRequest>, object]>([
    ['max_tokens', { maxOutputTokens: 10 }, { max_tokens: 10 }],
    ['stop', { stop: ['a', 'b'] }, { stop_sequences: ['a', 'b'] }],
    ['user', { endUser: 'u_1' }, { metadata: { user_id: 'u_1' } }],
    ['service_tier', { serviceTier: 'auto' }, { service_tier: 'auto' }],
    ['service_tier', { serviceTier: 'default' }, { service_tier: 'standard_only' }],
    ['service_tier', { serviceTier: 'standard_only' }, { service_tier: 'standard_only' }],
  ])('%s of %j is %j', (_, members, expected) => {
    expect(encode(members, { model: NEWEST })).toEqual({
      body: { ...BASE, ...expected },
      warnings: [],
    })
  })

  test.each<[string, Partial<ChatRequest>, object, string[]]>([
    ['max_tokens above all', { maxOutputTokens: 200_000 }, {}, ['max_tokens:lowered']],
    ['stop of white space', { stop: ['\n', 'a', ''] }, { stop_sequences: ['a'] }, ['stop:dropped']],
    ['stop of white space only', { stop: ['\n'] }, {}, ['stop:dropped']],
    ['user that is too long', { endUser: 'u'.repeat(257) }, {}, ['user:dropped']],
    ['service_tier that is not known', { serviceTier: 'flex' }, {}, ['service_tier:dropped']],
    ['seed', { seed: 0 }, {}, ['seed:dropped']],
    [
      'penalties',
      { presencePenalty: 0.5, frequencyPenalty: -1 },
      {},
      ['presence_penalty:dropped', 'frequency_penalty:dropped'],
    ],
    ['logprobs', { topLogprobs: 0 }, {}, ['logprobs:dropped']],
    ['verbosity', { verbosity: 'low' }, {}, ['verbosity:dropped']],
    ['metadata', { metadata: { a: 'b' } }, {}, ['metadata:dropped']],
    ['prompt_cache_key', { promptCacheKey: 'a' }, {}, ['prompt_cache_key:dropped']],
    ['what nobody knows', { rest: { made_up: 1, store: false } }, {}, ['made_up:dropped']],
  ])('%s is reported', (_, members, expected, warnings) => {
    expect(encode(members, { model: NEWEST })).toEqual({ body: { ...BASE, ...expected }, warnings })
    expect(thrownBy(() => encode(members, { model: NEWEST, mode: 'strict' }))).toMatchObject({
      code: 'unsupported_parameter',
    })
  })

  test.each<[string, Partial<ChatRequest>]>([
    ['n: 1', { choices: 1 }],
    ['penalties of 0', { presencePenalty: 0, frequencyPenalty: 0 }],
    ['temperature: 1', { temperature: 1, topP: 1 }],
    ['verbosity: medium', { verbosity: 'medium' }],
    ['no metadata', { metadata: {} }],
    ['no user', { endUser: '' }],
    ['parallel_tool_calls: true', { parallelToolCalls: true }],
    ['a rest without effect', { rest: { logit_bias: {}, modalities: ['text'], background: null } }],
  ])('%s changes nothing, in the strictest mode', (_, members) => {
    expect(encode(members, { model: NEWEST, mode: 'strict' })).toEqual({ body: BASE, warnings: [] })
  })

  test.each<[string, Partial<ChatRequest>]>([
    ['n', { choices: 2 }],
    ['logit_bias', { rest: { logit_bias: { 1: 2 } } }],
    ['previous_response_id', { rest: { previous_response_id: 'resp_1' } }],
  ])('%s is refused', (param, members) => {
    expect(thrownBy(() => encode(members))).toMatchObject({
      code: 'unsupported_parameter',
      details: { param },
    })
    const { body, warnings } = encode(members, { model: NEWEST, mode: 'lenient' })
    expect({ body, warnings }).toEqual({ body: BASE, warnings: [`${param}:dropped`] })
  })

  test('service_tier is not sent to hosts that have none', () => {
    const { body, warnings } = encode({ serviceTier: 'default' }, { host: 'bedrock' })
    expect(body).not.toHaveProperty('service_tier')
    expect(warnings).toEqual([])
  })

  test('max_tokens is what the model can say where nobody sets it', () => {
    expect(encode({}, { model: OLD }).body['max_tokens']).toBe(64_000)
  })
})
