import { describe, expect, test } from 'vitest'
import type { ChatProfile } from '../../../src/formats/openai-chat/profile.ts'
import { deepseekChatProfile } from '../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../src/providers/models/mistral.ts'
import { xaiResponsesProfile } from '../../../src/providers/models/openai-responses.ts'
import { privateChatProfile } from '../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../src/providers/models/xai.ts'
import { zaiChatProfile } from '../../../src/providers/models/zai.ts'

const efforts = ({ reasoning }: ChatProfile): string =>
  reasoning.efforts === 'any' ? 'any' : [...new Set(Object.values(reasoning.efforts))].join(' ')

describe('Mistral’s families', () => {
  test.each([
    ['mistral-large-4-0', 'none low medium high', 'thinking-parts'],
    ['mistral-large-latest', 'none low medium high', 'thinking-parts'],
    ['mistral-large-2411', '', 'none'],
    ['mistral-medium-2604', 'high none', 'thinking-parts'],
    ['mistral-medium-3-5', 'high none', 'thinking-parts'],
    ['mistral-medium-2508', '', 'none'],
    ['mistral-small-2603', 'high none', 'thinking-parts'],
    ['mistral-small-2506', '', 'none'],
    ['magistral-medium-2509', '', 'thinking-parts'],
    ['codestral-2508', '', 'none'],
    ['devstral-2512', '', 'none'],
    ['ministral-8b-2512', '', 'none'],
    ['open-mixtral-8x22b', '', 'none'],
    ['something-new', 'none low medium high', 'thinking-parts'],
  ])('%s', (model, words, replay) => {
    const profile = mistralChatProfile(model)
    expect(efforts(profile).split(' ').toSorted()).toEqual(words.split(' ').toSorted())
    expect(profile.reasoning.replay).toBe(replay)
    expect(profile.tools.ids).toBe('nine-alphanumerics')
  })
})

describe('DeepSeek’s', () => {
  test.each([
    ['deepseek-flash', true],
    ['deepseek-v4-flash', true],
    ['deepseek-v4-pro', false],
    ['deepseek-v4-flash-vision-exp', true],
    ['deepseek-v9', false],
  ])('%s sees: %s', (model, sees) => {
    const { media, reasoning } = deepseekChatProfile(model)
    expect(media.images).toBe(sees)
    expect(reasoning).toMatchObject({ replay: 'reasoning_content', backfillsReplay: true })
  })
})

describe('xAI’s families', () => {
  test.each([
    ['grok-4.7', 'low medium high xhigh', 0],
    ['grok-4.6', 'low medium high xhigh', 0],
    ['grok-latest', 'low medium high xhigh', 0],
    ['grok-4.5', 'low medium high', 0],
    ['grok-4.3', 'none low medium high', 0],
    ['grok-4.20-reasoning', '', 0],
    ['grok-4.20-non-reasoning', '', 4],
    ['grok-4-0709', '', 0],
    ['grok-3', '', 4],
    ['grok-3-mini', 'low high', 0],
    ['grok-9', 'low medium high xhigh', 0],
  ])('%s', (model, words, stops) => {
    const profile = xaiChatProfile(model)
    expect(efforts(profile)).toBe(words)
    expect(xaiResponsesProfile(model).efforts.join(' ')).toBe(words)
    expect(profile.sampling.maxStops).toBe(stops)
    expect(profile.sampling.penalties).toBe(stops > 0)
    expect(profile.completionExcludesReasoning).toBe(true)
  })
})

describe('Z.ai’s families', () => {
  test.each([
    ['glm-5.3', false, 'low high max', false, true],
    ['glm-5.10', false, 'low high max', false, true],
    ['glm-6', false, 'low high max', false, true],
    ['glm-5.2', true, 'none high max', false, true],
    ['glm-5.1', true, '', false, true],
    ['glm-5', true, '', false, true],
    ['glm-5-turbo', true, '', false, true],
    ['glm-4.7', true, '', false, true],
    ['glm-4.6v', true, '', true, true],
    ['glm-4.5-air', true, '', false, false],
    ['glm-4-32b-0414-128k', true, '', false, false],
    ['glm-5v-turbo', true, '', true, true],
  ])('%s', (model, hasSwitch, words, sees, streams) => {
    const profile = zaiChatProfile(model)
    expect(profile.reasoning.thinkingSwitch).toBe(hasSwitch)
    expect(efforts(profile)).toBe(words)
    expect(profile.media.images).toBe(sees)
    expect(profile.tools.streamFlag).toBe(streams)
  })
})

describe('a private model', () => {
  test('is thought to have as little as any', () => {
    const profile = privateChatProfile({})
    expect(profile).toMatchObject({
      maxTokensField: 'max_tokens',
      messages: { systemRole: 'system', foldsLaterSystem: false, mergesRoles: false },
      tools: { isSupported: true, parallelFlag: false },
      reasoning: { efforts: {}, replay: 'none' },
      outputFormat: 'json-object',
      members: { streamOptions: 'if-asked' },
    })
    expect(profile.forSameFormat?.forSameFormat).toBeUndefined()
  })

  test.each([
    [{ max_tokens_field: 'max_completion_tokens' }, { maxTokensField: 'max_completion_tokens' }],
    [{ supports_developer_role: true }, { messages: { systemRole: 'developer' } }],
    [{ supports_stream_options: true }, { members: { streamOptions: 'always' } }],
    [{ supports_tools: false }, { tools: { isSupported: false } }],
    [{ supports_parallel_tools: true }, { tools: { parallelFlag: true } }],
    [{ supports_json_schema: true }, { outputFormat: 'json-schema' }],
    [
      { reasoning_field: 'reasoning' },
      { reasoning: { efforts: { high: 'high' }, replay: 'none' } },
    ],
    [{ replay_reasoning: true }, { reasoning: { replay: 'reasoning_content' } }],
    [
      { replay_reasoning: true, reasoning_field: 'reasoning' },
      { reasoning: { replay: 'reasoning' } },
    ],
    [{ merge_consecutive_roles: true }, { messages: { mergesRoles: true } }],
    [{ fold_mid_system: true }, { messages: { foldsLaterSystem: true } }],
  ])('has what it is said to have: %j', (capabilities, expected) => {
    const profile = privateChatProfile(capabilities)
    expect(profile).toMatchObject(expected)
    expect(profile).not.toEqual(privateChatProfile({}))
  })
})
