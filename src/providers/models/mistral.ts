import type { Effort } from '../../core/chat.ts'
import type { ChatProfile, ReasoningSupport } from '../../formats/openai-chat/profile.ts'

/** Mistral's models, by family. https://docs.mistral.ai/api and https://docs.mistral.ai/capabilities/reasoning */

const base: ChatProfile = {
  isExact: false,
  hasEmptyFirstChunk: false,
  maxTokensField: 'max_tokens',
  messages: {
    systemRole: 'system',
    // "Unexpected role 'system' after role 'assistant'", and 'user' after 'tool' (code 3230).
    foldsLaterSystem: true,
    mergesRoles: false,
    needsAssistantAfterTool: true,
    takesTextParts: true,
    takesNames: false,
    marksPrefill: true,
  },
  media: { images: true, imageDetail: true, files: 'document-url', audio: true },
  tools: {
    isSupported: true,
    choices: ['none', 'required', 'tool'],
    forcingEndsThinking: false,
    parallelFlag: true,
    strict: true,
    custom: false,
    ids: 'nine-alphanumerics',
    streamFlag: false,
  },
  sampling: {
    when: 'always',
    maxTemperature: 1.5,
    penalties: true,
    maxStops: Infinity,
    seedField: 'random_seed',
    choices: true,
  },
  reasoning: { efforts: {}, thinkingSwitch: false, replay: 'none', backfillsReplay: false },
  outputFormat: 'json-schema',
  members: {
    streamOptions: 'never',
    metadata: 'none',
    serviceTiers: ['auto', 'standard_only'],
    verbosity: false,
    promptCacheKey: true,
    passed: [],
    // Members that it does not know are a 422.
    refused: [
      'audio',
      'function_call',
      'functions',
      'logit_bias',
      'logprobs',
      'modalities',
      'moderation',
      'prompt_cache_options',
      'prompt_cache_retention',
      'safety_identifier',
      'store',
      'top_k',
      'top_logprobs',
      'web_search_options',
    ],
  },
  completionExcludesReasoning: false,
}

const always = (word: string): Readonly<Partial<Record<Effort, string>>> => ({
  minimal: word,
  low: word,
  medium: word,
  high: word,
  xhigh: word,
  max: word,
})

const thinking = (efforts: ReasoningSupport['efforts']): ChatProfile => ({
  ...base,
  reasoning: { ...base.reasoning, efforts, replay: 'thinking-parts' },
})

const onOrOff = thinking({ ...always('high'), none: 'none' })
/** Thinks whether it is asked to or not. */
const magistral = thinking({})
const large4 = thinking({
  ...always('high'),
  none: 'none',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
})

/** Longest family first. */
const FAMILIES: readonly (readonly [RegExp, ChatProfile])[] = [
  [/^magistral-/, magistral],
  [/^(?:codestral|devstral|ministral|open-mi[sx]tral|pixtral|voxtral)-/, base],
  [/^mistral-(?:tiny|saba|nemo)/, base],
  // Named by their months: before these, they could not think.
  [/^mistral-small-2(?:[0-5]|60[12])/, base],
  [/^mistral-medium-2(?:[0-5]|60[123])/, base],
  [/^mistral-large-[23]/, base],
  [/^mistral-(?:small|medium)/, onOrOff],
]

/** What a model of Mistral's takes; one that nobody knows is taken for the newest. */
export function mistralChatProfile(model: string): ChatProfile {
  return FAMILIES.find(([family]) => family.test(model))?.[1] ?? large4
}
