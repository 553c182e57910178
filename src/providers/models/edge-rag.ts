import type { ChatProfile } from '../../formats/openai-chat/profile.ts'

/**
 * The chat of an Edge RAG cluster: text in, text and citations out. It has a model behind it that nobody chooses here, and
 * finds what it answers from by itself.
 * https://learn.microsoft.com/azure/azure-arc/edge-rag/
 */
export const edgeRagProfile: ChatProfile = {
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
    isSupported: false,
    choices: [],
    forcingEndsThinking: false,
    parallelFlag: false,
    strict: false,
    custom: false,
    ids: 'any',
    streamFlag: false,
  },
  sampling: {
    when: 'always',
    maxTemperature: 2,
    penalties: false,
    maxStops: 0,
    seedField: 'none',
    choices: false,
  },
  reasoning: { efforts: {}, thinkingSwitch: false, replay: 'none', backfillsReplay: false },
  outputFormat: 'json-object',
  members: {
    streamOptions: 'never',
    metadata: 'none',
    serviceTiers: [],
    verbosity: false,
    promptCacheKey: false,
    /** Its own words: where to search and how, and whether the answer is to be Markdown. */
    passed: ['data_sources', 'isMarkdown'],
    refused: [
      'max_tokens',
      'response_format',
      'logit_bias',
      'logprobs',
      'top_logprobs',
      'top_k',
      'store',
      'prediction',
      'modalities',
      'web_search_options',
      'functions',
      'function_call',
    ],
  },
  completionExcludesReasoning: false,
}
