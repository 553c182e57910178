import type { ChatProfile } from '../../formats/openai-chat/profile.ts'
import { ladder } from './openai.ts'

/** xAI's models behind Chat Completions, by family. https://docs.x.ai/docs/guides/reasoning */

const plain: ChatProfile = {
  isExact: false,
  hasEmptyFirstChunk: false,
  maxTokensField: 'max_completion_tokens',
  messages: {
    systemRole: 'system',
    foldsLaterSystem: false,
    mergesRoles: false,
    needsAssistantAfterTool: false,
    takesTextParts: true,
    takesNames: true,
    marksPrefill: false,
  },
  media: { images: true, imageDetail: true, files: 'none', audio: false },
  tools: {
    isSupported: true,
    choices: ['none', 'required', 'tool'],
    forcingEndsThinking: false,
    parallelFlag: true,
    strict: true,
    custom: false,
    ids: 'forty-characters',
    streamFlag: false,
  },
  sampling: {
    when: 'always',
    maxTemperature: 2,
    penalties: true,
    maxStops: 4,
    seedField: 'seed',
    choices: true,
  },
  reasoning: { efforts: {}, thinkingSwitch: false, replay: 'none', backfillsReplay: false },
  outputFormat: 'json-schema',
  members: {
    streamOptions: 'always',
    endUser: { field: 'user', maxLength: 256 },
    metadata: 'none',
    serviceTiers: ['default', 'priority'],
    verbosity: false,
    promptCacheKey: false,
    passed: [],
    refused: [],
  },
  completionExcludesReasoning: true,
}

/** Models that think refuse penalties and stop sequences. */
const thinking = (profile: Partial<ChatProfile['reasoning']>): ChatProfile => ({
  ...plain,
  sampling: { ...plain.sampling, penalties: false, maxStops: 0 },
  reasoning: { ...plain.reasoning, ...profile },
})

const newest = thinking({ efforts: ladder('low', 'medium', 'high', 'xhigh') })

/** Longest family first. */
const FAMILIES: readonly (readonly [RegExp, ChatProfile])[] = [
  [/non-reasoning/, plain],
  [/^grok-3-mini/, thinking({ efforts: ladder('low', 'high') })],
  [/^grok-[23](?:-|$)/, plain],
  // They think, and take no word for how hard.
  [/^grok-(?:4\.20|4-fast|4\.1|4(?:-|$)|code)/, thinking({ isUnasked: true })],
  // Alone among those that take such a word it can leave thinking out:
  // https://docs.x.ai/developers/model-capabilities/text/reasoning
  [/^grok-4\.3(?:-|$)/, thinking({ efforts: ladder('none', 'low', 'medium', 'high') })],
  [/^grok-4\.5(?:-|$)/, thinking({ efforts: ladder('low', 'medium', 'high') })],
]

/** What a model of xAI's takes; one that nobody knows is taken for the newest. */
export function xaiChatProfile(model: string): ChatProfile {
  return FAMILIES.find(([family]) => family.test(model))?.[1] ?? newest
}
