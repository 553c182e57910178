import type { JsonObject } from '../../core/parse.ts'
import type { ChatProfile } from '../../formats/openai-chat/profile.ts'

/**
 * Models on servers of an organization's own (vLLM, SGLang, llama.cpp, Ollama), as far as their owner says what they can
 * do.
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
export function privateChatProfile(capabilities: JsonObject): ChatProfile {
  const profile = declared(capabilities)
  return { ...profile, forSameFormat: permissive(profile, capabilities) }
}

/** For requests that are translated: what is not said to be there is not used. */
function declared(capabilities: JsonObject): ChatProfile {
  const has = (name: string): boolean => capabilities[name] === true
  const field = capabilities['reasoning_field']
  const replay = field === 'reasoning' ? 'reasoning' : 'reasoning_content'
  return {
    isExact: false,
    hasEmptyFirstChunk: false,
    maxTokensField:
      capabilities['max_tokens_field'] === 'max_completion_tokens'
        ? 'max_completion_tokens'
        : 'max_tokens',
    messages: {
      systemRole: has('supports_developer_role') ? 'developer' : 'system',
      foldsLaterSystem: has('fold_mid_system'),
      mergesRoles: has('merge_consecutive_roles'),
      needsAssistantAfterTool: false,
      takesTextParts: false,
      takesCacheMarks: true,
      takesNames: true,
      marksPrefill: false,
    },
    media: { images: true, imageDetail: true, files: 'none', audio: true },
    tools: {
      // The server says itself that it has none, and why: its words tell its owner more than ours.
      isSupported: capabilities['supports_tools'] !== false,
      choices: ['none', 'required', 'tool'],
      forcingEndsThinking: false,
      parallelFlag: has('supports_parallel_tools'),
      strict: false,
      custom: false,
      ids: 'any',
      streamFlag: false,
    },
    sampling: {
      when: 'always',
      maxTemperature: 2,
      penalties: true,
      maxStops: Infinity,
      seedField: 'seed',
      choices: true,
    },
    reasoning: {
      efforts: field === undefined ? {} : EFFORTS,
      thinkingSwitch: false,
      replay: has('replay_reasoning') ? replay : 'none',
      backfillsReplay: false,
    },
    outputFormat: has('supports_json_schema') ? 'json-schema' : 'json-object',
    members: {
      streamOptions: has('supports_stream_options') ? 'always' : 'if-asked',
      endUser: { field: 'user', maxLength: 256 },
      metadata: 'none',
      serviceTiers: [],
      verbosity: false,
      promptCacheKey: false,
      passed: ['logit_bias'],
      refused: [],
    },
    completionExcludesReasoning: false,
  }
}

/** Every server that takes an effort at all takes these. */
const EFFORTS = {
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
}

/** For callers of the same format: what is not said to be missing goes through, since they know their server. */
function permissive(profile: ChatProfile, capabilities: JsonObject): ChatProfile {
  const lacks = (name: string): boolean => capabilities[name] === false
  const { messages, media, tools, sampling, reasoning, members } = profile
  const isDeclared = capabilities['replay_reasoning'] !== undefined
  return {
    ...profile,
    messages: { ...messages, takesTextParts: !messages.mergesRoles },
    media: { ...media, files: 'any' },
    tools: {
      ...tools,
      choices: ['none', 'required', 'tool', 'allowed'],
      parallelFlag: !lacks('supports_parallel_tools'),
      strict: true,
      custom: true,
    },
    sampling: { ...sampling, maxTemperature: Infinity },
    reasoning: {
      ...reasoning,
      efforts: 'any',
      replay: isDeclared ? reasoning.replay : 'as-it-came',
    },
    outputFormat: lacks('supports_json_schema') ? 'json-object' : 'json-schema',
    members: {
      ...members,
      streamOptions: lacks('supports_stream_options') ? 'never' : members.streamOptions,
      endUser: { field: 'user', maxLength: Infinity },
      metadata: 'always',
      serviceTiers: 'any',
      verbosity: true,
      promptCacheKey: true,
    },
  }
}
