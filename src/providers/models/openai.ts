import { type Effort, EFFORTS } from '../../core/chat.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { nearestEffort } from '../../core/reasoning.ts'
import type { ChatProfile, ReasoningSupport } from '../../formats/openai-chat/profile.ts'

/**
 * OpenAI's models behind Chat Completions, by family, and the same at Azure.
 * https://platform.openai.com/docs/models and https://platform.openai.com/docs/guides/reasoning
 */

/** The words of `reasoning_effort` that a model has; each other one becomes the nearest. */
export function ladder(...words: readonly Effort[]): Readonly<Partial<Record<Effort, string>>> {
  return Object.fromEntries(EFFORTS.map((effort) => [effort, nearestEffort(effort, words)]))
}

/** Members that mean the same in every format of OpenAI's, so that they are carried over as they are. */
const PASSED = ['store', 'prompt_cache_retention', 'prompt_cache_options', 'moderation']

const plain: ChatProfile = {
  isExact: true,
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
  media: { images: true, imageDetail: true, files: 'file', audio: true },
  tools: {
    isSupported: true,
    choices: ['none', 'required', 'tool', 'allowed'],
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
    endUser: { field: 'safety_identifier', maxLength: 64 },
    metadata: 'with-store',
    serviceTiers: ['auto', 'default', 'flex', 'scale', 'priority', 'fast'],
    verbosity: false,
    promptCacheKey: true,
    passed: [...PASSED, 'logit_bias'],
    refused: [],
  },
  completionExcludesReasoning: false,
}

/** Models that think: how an answer is drawn is theirs to say. */
const thinking = (efforts: ReasoningSupport['efforts']): ChatProfile => ({
  ...plain,
  messages: { ...plain.messages, systemRole: 'developer' },
  sampling: { ...plain.sampling, when: 'never', maxStops: 0 },
  reasoning: { ...plain.reasoning, efforts },
  members: { ...plain.members, passed: PASSED },
})

const generation5 = (efforts: ReasoningSupport['efforts']): ChatProfile => {
  const profile = thinking(efforts)
  return {
    ...profile,
    tools: { ...profile.tools, custom: true },
    members: { ...profile.members, verbosity: true },
  }
}

/** From 5.1 on thinking can be left out altogether, and then an answer is drawn as one likes. */
const optional = (efforts: ReasoningSupport['efforts']): ChatProfile => {
  const profile = generation5(efforts)
  return { ...profile, sampling: { ...profile.sampling, when: 'without-reasoning' } }
}

// `max` is a word of the Responses API alone.
const GPT_6 = generation5(ladder('low', 'medium', 'high', 'xhigh'))
const NONE_TO_XHIGH = optional(ladder('none', 'low', 'medium', 'high', 'xhigh'))

/** Of the sixth generation these alone can answer without a thought. */
export const CAN_LEAVE_THINKING_OUT = /^gpt-6-(?:sol|luna)|^gpt-6\.1-terra/

/** Longest family first. */
const FAMILIES: readonly (readonly [RegExp, ChatProfile])[] = [
  [/^gpt-[34]|^chatgpt-/, plain],
  [
    /^gpt-oss/,
    { ...plain, reasoning: { ...plain.reasoning, efforts: ladder('low', 'medium', 'high') } },
  ],
  [/^gpt-5-chat/, { ...plain, members: { ...plain.members, verbosity: true } }],
  [/^gpt-5\.\d-chat/, generation5(ladder('medium'))],
  [CAN_LEAVE_THINKING_OUT, NONE_TO_XHIGH],
  [/^gpt-5\.1(?:-|$)/, optional(ladder('none', 'low', 'medium', 'high'))],
  [/^gpt-5\.\d/, NONE_TO_XHIGH],
  [/^gpt-5(?:-|$)/, generation5(ladder('minimal', 'low', 'medium', 'high'))],
  [/^o\d/, thinking(ladder('low', 'medium', 'high'))],
]

/** What a model of OpenAI's takes in Chat Completions; one that nobody knows is taken for the newest. */
export function openAiChatProfile(model: string): ChatProfile {
  return knownProfile(model) ?? GPT_6
}

function knownProfile(model: string): ChatProfile | undefined {
  // Models that were trained further bear the name of what they were trained from.
  const base = model.replace(/^ft:/, '')
  return FAMILIES.find(([family]) => family.test(base))?.[1]
}

const GPT = /^(?:ft:)?(?:gpt-|chatgpt-|o\d)/

/** A deployment may be called anything: where its name tells no model, its owner's words go through as they are. */
const unknownDeployment: ChatProfile = {
  ...plain,
  tools: { ...plain.tools, custom: true },
  reasoning: { ...plain.reasoning, efforts: 'any' },
  members: { ...plain.members, verbosity: true },
}

/** The same at Azure, where a chunk with nothing but the filter's verdict on the prompt comes first. */
export function azureChatProfile(model: string): ChatProfile {
  const profile = GPT.test(model) ? openAiChatProfile(model) : unknownDeployment
  return { ...profile, hasEmptyFirstChunk: true }
}

/** Models that only the Responses API has. */
const RESPONSES_ONLY =
  /^(?:gpt-[5-9][^/]*|o\d)-(?:codex|pro|cyber)(?:-|$)|^codex-|-deep-research(?:-|$)|^computer-use-|^gpt-(?:[\d.]+-)?(?:daybreak|rosalind)(?:-|$)/
/** Models that call tools in Chat Completions only where they do not think, and that is said. */
const TOOLS_WITHOUT_THINKING = /^gpt-5\.[56](?:-|$)/
/** Models that think as hard as they can in the Responses API alone. */
const HAS_MAX = /^gpt-(?:5\.6|6)/

/**
 * Whether a request must go to the Responses API, in whatever format it came.
 * https://platform.openai.com/docs/guides/migrate-to-responses
 */
export function needsResponses(
  model: string,
  { hasTools, effort }: { readonly hasTools: boolean; readonly effort: unknown },
): boolean {
  if (RESPONSES_ONLY.test(model)) return true
  if (hasTools && effort !== 'none' && TOOLS_WITHOUT_THINKING.test(model)) return true
  return effort === 'max' && HAS_MAX.test(model)
}

/** The same, of a body in any caller's format. */
export function takesOnChat({ model, body }: { model: string; body: JsonObject }): boolean {
  const { tools, reasoning_effort, output_config: output } = body
  const hasTools = Array.isArray(tools) && tools.length > 0
  const effort = reasoning_effort ?? (isObject(output) ? output['effort'] : undefined)
  return !needsResponses(model, { hasTools, effort })
}
