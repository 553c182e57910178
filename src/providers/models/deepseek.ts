import type { ChatProfile } from '../../formats/openai-chat/profile.ts'

/** DeepSeek's models. https://api-docs.deepseek.com/guides/thinking_mode */
const v4: ChatProfile = {
  isExact: false,
  hasEmptyFirstChunk: false,
  maxTokensField: 'max_tokens',
  messages: {
    systemRole: 'system',
    foldsLaterSystem: false,
    mergesRoles: false,
    needsAssistantAfterTool: false,
    takesTextParts: false,
    takesNames: true,
    marksPrefill: false,
  },
  media: { images: false, imageDetail: false, files: 'none', audio: false },
  tools: {
    isSupported: true,
    choices: ['none', 'required', 'tool'],
    // "Thinking mode does not support this tool_choice".
    forcingEndsThinking: true,
    parallelFlag: false,
    strict: false,
    custom: false,
    ids: 'forty-characters',
    streamFlag: false,
  },
  sampling: {
    // What is said beside thinking has no effect.
    when: 'without-reasoning',
    maxTemperature: 2,
    penalties: true,
    maxStops: 16,
    seedField: 'none',
    choices: false,
  },
  reasoning: {
    efforts: {
      minimal: 'low',
      low: 'low',
      medium: 'high',
      high: 'high',
      xhigh: 'high',
      max: 'max',
    },
    thinkingSwitch: true,
    replay: 'reasoning_content',
    // "The reasoning_content in the thinking mode must be passed back": also by turns that had none.
    backfillsReplay: true,
  },
  outputFormat: 'json-object',
  members: {
    streamOptions: 'always',
    metadata: 'none',
    serviceTiers: [],
    verbosity: false,
    promptCacheKey: false,
    passed: [],
    refused: ['function_call', 'functions', 'logit_bias', 'modalities', 'audio', 'prediction'],
  },
  completionExcludesReasoning: false,
}

const vision: ChatProfile = { ...v4, media: { ...v4.media, images: true } }

/** Models that see; the older names of Flash are answered by the newest. https://api-docs.deepseek.com/guides/vision */
const SEES = /^deepseek-(?:v4-)?flash(?:-|$)|-vision(?:-|$)/

/** What a model of DeepSeek's takes. */
export function deepseekChatProfile(model: string): ChatProfile {
  return SEES.test(model) ? vision : v4
}
