import { type Effort, EFFORTS } from '../../core/chat.ts'
import type { ResponsesProfile } from '../../formats/openai-responses/profile.ts'
import { CAN_LEAVE_THINKING_OUT } from './openai.ts'

/**
 * What models take behind the Responses API, by family: OpenAI's own, the same at Azure, and xAI's.
 * https://platform.openai.com/docs/guides/reasoning and https://docs.x.ai/docs/guides/reasoning
 */

const plain: ResponsesProfile = {
  family: 'gpt',
  efforts: [],
  thinksByDefault: false,
  sampling: 'always',
  hasEncryptedReasoning: false,
  hasSummaries: false,
  systemRole: 'system',
  hasCustomTools: false,
  hasAllowedTools: true,
  hasParallelFlag: true,
  hasVerbosity: false,
  hasInlineFiles: true,
  hasCacheBreakpoints: false,
  endUserField: 'safety_identifier',
  serviceTiers: ['auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'],
  minOutputTokens: 16,
  extras: new Set(['moderation', 'prompt_cache_options', 'prompt_cache_retention']),
}

const thinking = (...efforts: readonly Effort[]): ResponsesProfile => ({
  ...plain,
  efforts,
  thinksByDefault: true,
  sampling: 'never',
  hasEncryptedReasoning: true,
  hasSummaries: true,
  systemRole: 'developer',
})

const generation5 = (...efforts: readonly Effort[]): ResponsesProfile => ({
  ...thinking(...efforts),
  hasCustomTools: true,
  hasVerbosity: true,
})

/** Those that can leave thinking out take the parameters of sampling then. */
const optional = (...efforts: readonly Effort[]): ResponsesProfile => ({
  ...generation5('none', ...efforts),
  sampling: 'without-reasoning',
})

/** https://platform.openai.com/docs/guides/prompt-caching */
const withBreakpoints = (profile: ResponsesProfile): ResponsesProfile => ({
  ...profile,
  hasCacheBreakpoints: true,
})

/** How long a prompt stays cached is said in `prompt_cache_options` alone by now. */
const generation6 = (profile: ResponsesProfile): ResponsesProfile => ({
  ...withBreakpoints(profile),
  extras: new Set(['moderation', 'prompt_cache_options']),
})

const newest = generation6(generation5('low', 'medium', 'high', 'xhigh', 'max'))
const newestOptional = generation6(optional('low', 'medium', 'high', 'xhigh', 'max'))

/** Longest family first. */
const OPENAI: readonly (readonly [RegExp, ResponsesProfile])[] = [
  [/^gpt-[34]|^chatgpt-/, plain],
  [/^gpt-5-chat/, { ...plain, hasVerbosity: true }],
  [/^gpt-5-pro/, generation5('high')],
  [/^gpt-5[.\d]*-pro/, generation5('medium', 'high', 'xhigh')],
  [/^gpt-5(?:\.1)?-codex(?!-max)/, generation5('low', 'medium', 'high')],
  [/^gpt-5[.\d]*-codex/, generation5('low', 'medium', 'high', 'xhigh')],
  [/^gpt-5[.\d]*-chat/, generation5('medium')],
  [/^gpt-5\.1(?:-|$)/, optional('low', 'medium', 'high')],
  [/^gpt-5\.[2-5](?:-|$)/, optional('low', 'medium', 'high', 'xhigh')],
  [/^gpt-5\.\d/, withBreakpoints(optional('low', 'medium', 'high', 'xhigh', 'max'))],
  [/^gpt-5(?:-|$)/, generation5('minimal', 'low', 'medium', 'high')],
  [CAN_LEAVE_THINKING_OUT, newestOptional],
  [/^gpt-/, newest],
  [/^(?:o\d|codex-)/, thinking('low', 'medium', 'high')],
]

/** A deployment may be called anything: where its name tells no model, its owner's words go through as they are. */
const unknown: ResponsesProfile = {
  ...withBreakpoints(generation5(...EFFORTS)),
  thinksByDefault: false,
  sampling: 'always',
}

/** What a model of OpenAI's takes; one of its that nobody knows is taken for the newest. */
export function openAiResponsesProfile(model: string): ResponsesProfile {
  const base = model.replace(/^ft:/, '')
  return OPENAI.find(([family]) => family.test(base))?.[1] ?? unknown
}

const grok: ResponsesProfile = {
  ...plain,
  family: 'grok',
  hasAllowedTools: false,
  hasInlineFiles: false,
  endUserField: 'user',
  serviceTiers: ['default', 'priority'],
  minOutputTokens: 1,
  extras: new Set(),
}

const thinkingGrok = (...efforts: readonly Effort[]): ResponsesProfile => ({
  ...grok,
  efforts,
  thinksByDefault: true,
  hasEncryptedReasoning: true,
  hasSummaries: true,
})

/** Longest family first. */
const XAI: readonly (readonly [RegExp, ResponsesProfile])[] = [
  [/non-reasoning|^grok-[23](?!-mini)/, grok],
  [/^grok-3-mini/, thinkingGrok('low', 'high')],
  // They think, and take no word for how hard.
  [/^grok-(?:4\.20|4\.1|4(?:-|$)|code)/, thinkingGrok()],
  // Alone among those that take such a word it can leave thinking out.
  [/^grok-4\.3(?:-|$)/, thinkingGrok('none', 'low', 'medium', 'high')],
  [/^grok-4\.5(?:-|$)/, thinkingGrok('low', 'medium', 'high')],
]

/** What a model of xAI's takes; one that nobody knows is taken for the newest. */
export function xaiResponsesProfile(model: string): ResponsesProfile {
  const known = XAI.find(([family]) => family.test(model))?.[1]
  return known ?? thinkingGrok('low', 'medium', 'high', 'xhigh')
}
