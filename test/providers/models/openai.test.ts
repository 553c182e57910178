import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openAiResponsesProfile } from '../../../src/providers/models/openai-responses.ts'
import {
  azureChatProfile,
  needsResponses,
  takesOnChat,
  openAiChatProfile,
} from '../../../src/providers/models/openai.ts'

const wordsOf = (model: string): string => {
  const { efforts } = openAiChatProfile(model).reasoning
  return [...new Set(Object.values(efforts))].join(' ')
}

describe('OpenAI’s families', () => {
  test.each([
    ['gpt-4o', '', 'always', 'system'],
    ['gpt-4.1-mini', '', 'always', 'system'],
    ['gpt-3.5-turbo', '', 'always', 'system'],
    ['chatgpt-4o-latest', '', 'always', 'system'],
    ['ft:gpt-4.1-mini:acme::x', '', 'always', 'system'],
    ['gpt-5-chat-latest', '', 'always', 'system'],
    ['gpt-5.1-chat-latest', 'medium', 'never', 'developer'],
    ['gpt-5.2-chat-latest', 'medium', 'never', 'developer'],
    ['gpt-5.3-chat-latest', 'medium', 'never', 'developer'],
    ['gpt-5', 'minimal low medium high', 'never', 'developer'],
    ['gpt-5-2025-08-07', 'minimal low medium high', 'never', 'developer'],
    ['gpt-5-mini', 'minimal low medium high', 'never', 'developer'],
    ['gpt-5.1', 'none low medium high', 'without-reasoning', 'developer'],
    ['gpt-5.2', 'none low medium high xhigh', 'without-reasoning', 'developer'],
    ['gpt-5.6-sol', 'none low medium high xhigh', 'without-reasoning', 'developer'],
    ['gpt-6-luna', 'none low medium high xhigh', 'without-reasoning', 'developer'],
    ['gpt-6-sol', 'none low medium high xhigh', 'without-reasoning', 'developer'],
    ['gpt-6.1-terra', 'none low medium high xhigh', 'without-reasoning', 'developer'],
    ['gpt-6-astra', 'low medium high xhigh', 'never', 'developer'],
    ['gpt-6.1-sol', 'low medium high xhigh', 'never', 'developer'],
    ['o3-mini', 'low medium high', 'never', 'developer'],
    ['gpt-9-unheard-of', 'low medium high xhigh', 'never', 'developer'],
    ['something-else', 'low medium high xhigh', 'never', 'developer'],
  ])('%s', (model, words, sampling, role) => {
    const profile = openAiChatProfile(model)
    expect(wordsOf(model)).toBe(words)
    expect(profile.sampling.when).toBe(sampling)
    expect(profile.messages.systemRole).toBe(role)
    expect(profile.isExact).toBe(true)
    expect(profile.hasEmptyFirstChunk).toBe(false)
  })

  test('at Azure they are the same, and a name that tells nothing limits nothing', () => {
    for (const model of ['gpt-4o', 'gpt-6-sol', 'o4-mini']) {
      expect(azureChatProfile(model)).toEqual({
        ...openAiChatProfile(model),
        hasEmptyFirstChunk: true,
      })
    }
    const { reasoning, sampling } = azureChatProfile('my-deployment')
    expect(reasoning.efforts).toBe('any')
    expect(sampling.when).toBe('always')
  })
})

test.each(['gpt-6-sol', 'gpt-6-luna', 'gpt-6.1-terra', 'gpt-6-astra', 'gpt-6.1-sol', 'gpt-5.5'])(
  'whether %s can leave thinking out is the same on both surfaces',
  (model) => {
    const onChat = wordsOf(model).split(' ').includes('none')
    expect(openAiResponsesProfile(model).efforts.includes('none')).toBe(onChat)
  },
)

describe('#27 what only the Responses API takes', () => {
  const asked = { hasTools: false, effort: undefined }

  test.each([
    ['gpt-5-codex', true],
    ['gpt-5.1-codex-max', true],
    ['codex-mini-latest', true],
    ['gpt-5-pro', true],
    ['gpt-5.4-pro-2026-03-05', true],
    ['o3-pro', true],
    ['o4-mini-deep-research', true],
    ['gpt-5', false],
    ['gpt-5-mini', false],
    ['gpt-4o', false],
    ['gpt-6-sol', false],
    ['gpt-5.6-sol', false],
    ['my-project', false],
  ])('%s: %s', (model, expected) => {
    expect(needsResponses(model, asked)).toBe(expected)
  })

  test('every model of which the SDK says so', () => {
    const types = readFileSync('node_modules/openai/resources/shared.d.ts', 'utf8')
    const named = (type: string): string[] => {
      const [, union = ''] = new RegExp(`export type ${type} = ([^;]+);`).exec(types) ?? []
      return [...union.matchAll(/'([^']+)'/g)].map(([, model = '']) => model)
    }
    const models = named('ResponsesModel')
    expect(models.length).toBeGreaterThan(10)
    expect(models.filter((model) => !needsResponses(model, asked))).toEqual([])
    const onBoth = named('ChatModel').filter((model) => needsResponses(model, asked))
    // The SDK still lists these under Chat Completions, which refuses them.
    expect(onBoth.filter((model) => !/-(?:codex|pro)\b|^codex-/.test(model))).toEqual([])
  })

  test.each([
    ['gpt-5.5', undefined, true],
    ['gpt-5.5', 'low', true],
    ['gpt-5.5', 'none', false],
    ['gpt-5.5-2026-04-01', null, true],
    ['gpt-5.6-terra', undefined, true],
    ['gpt-5.6-terra', 'none', false],
    ['gpt-5.4', undefined, false],
    ['gpt-5.4-mini', 'high', false],
    ['gpt-6-sol', 'high', false],
    ['gpt-4o', undefined, false],
  ])('%s with tools and the effort %s: %s', (model, effort, expected) => {
    expect(needsResponses(model, { hasTools: true, effort })).toBe(expected)
    expect(needsResponses(model, { hasTools: false, effort })).toBe(false)
  })

  test.each([
    ['gpt-5.6-sol', true],
    ['gpt-6-sol', true],
    ['gpt-6.1-sol', true],
    ['gpt-5.4', false],
    ['gpt-4o', false],
  ])('%s as hard as it can: %s', (model, expected) => {
    expect(needsResponses(model, { hasTools: false, effort: 'max' })).toBe(expected)
  })
})

test.each([
  [false, { tools: [{}] }],
  [true, { tools: [{}], reasoning_effort: 'none' }],
  [true, { tools: [] }],
  [true, {}],
  [false, { output_config: { effort: 'max' } }],
])('chat takes gpt-5.6: %s, for %j', (expected, body) => {
  expect(takesOnChat({ model: 'gpt-5.6-sol', body })).toBe(expected)
})
