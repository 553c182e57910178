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

/** Before 5.3 thinking was on or off. */
const earlier: ChatProfile = {
  ...glm53,
  reasoning: { ...glm53.reasoning, efforts: {}, thinkingSwitch: true },
}

/** Models that see: `glm-4.6v`, `glm-5v-turbo`. */
const SEES = /^glm-[\d.]+v(?:-|$)/
const EARLIER = /^glm-(?:4|5\.[0-2](?!\d)|5(?![.\d]))/
/** These say no arguments in pieces, and know no word for it. */
const WHOLE_ARGUMENTS = /^glm-4(?:\.5|(?![.\d]))/

/** What a model of Z.ai's takes; one that nobody knows is taken for the newest. */
export function zaiChatProfile(model: string): ChatProfile {
  const profile = EARLIER.test(model) ? earlier : glm53
  return {
    ...profile,
    media: { ...profile.media, images: SEES.test(model) },
    tools: { ...profile.tools, streamFlag: !WHOLE_ARGUMENTS.test(model) },
  }
}
