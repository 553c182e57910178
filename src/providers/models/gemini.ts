import type { Effort } from '../../core/chat.ts'
import type { GeminiProfile, ThinkingControl } from '../../formats/gemini/profile.ts'

/**
 * What Gemini models take, by family.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/thinking
 * https://cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures
 */

const levels = (...efforts: readonly Effort[]): ThinkingControl => ({
  kind: 'levels',
  levels: efforts,
})
const budget = (minTokens: number, maxTokens: number, canBeOff: boolean): ThinkingControl => ({
  kind: 'budget',
  minTokens,
  maxTokens,
  canBeOff,
})

// What came with a generation, thinking apart: that differs within one.
const generation2: GeminiProfile = {
  isSampled: true,
  takesPenalties: true,
  schemas: 'openapi',
  hasCallIds: false,
  checksSignatures: false,
  takesMediaInResponses: false,
  takesMediaResolution: false,
  fetchesUrls: true,
  takesJsonBesideTools: false,
}
const generation25: GeminiProfile = {
  ...generation2,
  takesPenalties: false,
  schemas: 'json-schema',
}
const generation3: GeminiProfile = {
  ...generation25,
  hasCallIds: true,
  checksSignatures: true,
  takesMediaInResponses: true,
  takesMediaResolution: true,
  takesJsonBesideTools: true,
}
// From 3.6 on, and in the smallest of 3.5, sampling parameters are ignored.
const generation36: GeminiProfile = { ...generation3, isSampled: false }

const fromMinimal = levels('minimal', 'low', 'medium', 'high')
const fromLow = levels('low', 'medium', 'high')

/** By the beginning of a model's id, a longer one before a shorter one that it begins with. */
const FAMILIES: readonly (readonly [prefix: string, profile: GeminiProfile])[] = [
  ['gemini-1', { ...generation2, fetchesUrls: false }],
  ['gemini-2.0', generation2],
  ['gemini-2.5-flash-image', generation25],
  ['gemini-2.5-flash-lite', { ...generation25, thinking: budget(512, 24576, true) }],
  ['gemini-2.5-pro', { ...generation25, thinking: budget(128, 32768, false) }],
  ['gemini-2', { ...generation25, thinking: budget(1, 24576, true) }],
  ['gemini-3-flash', { ...generation3, thinking: fromMinimal }],
  ['gemini-3-pro-image', generation3],
  ['gemini-3-pro', { ...generation3, thinking: levels('low', 'high') }],
  ['gemini-3.1-flash', { ...generation3, thinking: fromMinimal }],
  ['gemini-3.1', { ...generation3, thinking: fromLow }],
  ['gemini-3.5-flash-lite', { ...generation36, thinking: fromMinimal }],
  ['gemini-3.5-flash', { ...generation3, thinking: fromMinimal }],
  ['gemini-3.5', { ...generation3, thinking: fromLow }],
  ['gemini-3.6-flash', { ...generation36, thinking: fromMinimal }],
  ['gemini-4-hydrogen', { ...generation36, thinking: levels('low', 'medium', 'high', 'xhigh') }],
]

const NEWEST: GeminiProfile = { ...generation36, thinking: fromLow }

/** The profile of a model, by its id at Google; of one that is not known, the newest. */
export function geminiProfile(model: string): GeminiProfile {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  return FAMILIES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? NEWEST
}
