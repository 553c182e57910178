import type { ChatProfile } from '../../formats/openai-chat/profile.ts'

/** Z.ai's models, by family. https://docs.z.ai/api-reference/llm/chat-completion */

/** Always thinks, more or less hard. */
const glm53: ChatProfile = {
  isExact: false,
  hasEmptyFirstChunk: false,
  maxTokensField: 'max_tokens',
  messages: {
    systemRole: 'system',
    foldsLaterSystem: false,
    mergesRoles: false,
    needsAssistantAfterTool: false,
    takesTextParts: false,
    takesNames: false,
    marksPrefill: false,
  },
  media: { images: false, imageDetail: false, files: 'none', audio: false },
  tools: {
    isSupported: true,
    choices: [],
    forcingEndsThinking: false,
    parallelFlag: false,
    strict: false,
    custom: false,
    ids: 'forty-characters',
    streamFlag: true,
  },
  sampling: {
    when: 'always',
    maxTemperature: 1,
    penalties: false,
    maxStops: 1,
    seedField: 'none',
    choices: false,
  },
  reasoning: {
    efforts: {
      none: 'low',
      minimal: 'low',
      low: 'low',
      medium: 'high',
      high: 'high',
      xhigh: 'max',
      max: 'max',
    },
    thinkingSwitch: false,
    replay: 'reasoning_content',
    backfillsReplay: false,
  },
  outputFormat: 'json-object',
  members: {
    streamOptions: 'never',
    metadata: 'none',
    serviceTiers: [],
    verbosity: false,
    promptCacheKey: false,
    passed: [],
    refused: [
      'audio',
      'function_call',
      'functions',
      'logit_bias',
      'logprobs',
      'modalities',
      'prediction',
      'top_logprobs',
    ],
  },
  completionExcludesReasoning: false,
}

/** Thinks hard, as hard as it can, or not at all. */
const glm52: ChatProfile = {
  ...glm53,
  reasoning: {
    ...glm53.reasoning,
    efforts: {
      minimal: 'none',
      low: 'high',
      medium: 'high',
      high: 'high',
      xhigh: 'max',
      max: 'max',
    },
    thinkingSwitch: true,
  },
}

/** Before 5.2 thinking was on or off. */
const earlier: ChatProfile = { ...glm52, reasoning: { ...glm52.reasoning, efforts: {} } }

/** Models that see: `glm-4.6v`, `glm-5v-turbo`. */
const SEES = /^glm-[\d.]+v(?:-|$)/

/** Longest family first. */
const FAMILIES: readonly (readonly [RegExp, ChatProfile])[] = [
  [/^glm-5\.2(?!\d)/, glm52],
  [/^glm-(?:4|5\.[01](?!\d)|5(?![.\d]))/, earlier],
]

/** These say no arguments in pieces, and know no word for it. */
const WHOLE_ARGUMENTS = /^glm-4(?:\.5|(?![.\d]))/

/** What a model of Z.ai's takes; one that nobody knows is taken for the newest. */
export function zaiChatProfile(model: string): ChatProfile {
  const profile = FAMILIES.find(([family]) => family.test(model))?.[1] ?? glm53
  return {
    ...profile,
    media: { ...profile.media, images: SEES.test(model) },
    tools: { ...profile.tools, streamFlag: !WHOLE_ARGUMENTS.test(model) },
  }
}
