import type { ClaudeProfile } from '../../formats/anthropic-messages/profile.ts'

/**
 * The Claude models, by family, and what their hosts change in them.
 * https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting
 * https://platform.claude.com/docs/en/about-claude/models/overview
 */

export type ClaudeHost = 'anthropic' | 'foundry' | 'vertex' | 'bedrock'

/** What a model is like, wherever it runs. */
type ClaudeModel = Omit<
  ClaudeProfile,
  'fetchesUrls' | 'hasFiles' | 'hasAutomaticCaching' | 'hasServiceTiers'
> & {
  /** Bedrock's own copy of the format knows `output_config.format` and `strict` for these; it has forgotten it since. */
  readonly hasSchemasOnBedrock?: boolean
}

const claude3: ClaudeModel = {
  sampling: 'any',
  thinking: [],
  thinksByDefault: false,
  efforts: [],
  canForceTools: true,
  canContinueAnswer: true,
  maxOutputTokens: 4096,
  hasOutputFormat: false,
  hasStrictTools: false,
  hasSystemTurns: false,
}
const claude35: ClaudeModel = { ...claude3, maxOutputTokens: 8192 }
const claude37: ClaudeModel = {
  ...claude3,
  thinking: ['manual', 'disabled'],
  maxOutputTokens: 64_000,
}
const opus4: ClaudeModel = { ...claude37, maxOutputTokens: 32_000 }
const opus41: ClaudeModel = { ...opus4, sampling: 'no-top-p-beside-temperature' }

// Opus 4.5 knows efforts too; beside a budget, which says the same, they are left out.
const claude45: ClaudeModel = {
  ...claude37,
  sampling: 'no-top-p-beside-temperature',
  hasOutputFormat: true,
  hasStrictTools: true,
}
const claude45WithSchemas: ClaudeModel = { ...claude45, hasSchemasOnBedrock: true }
const claude46: ClaudeModel = {
  ...claude45WithSchemas,
  thinking: ['manual', 'adaptive', 'disabled'],
  efforts: ['low', 'medium', 'high', 'max'],
  canContinueAnswer: false,
  maxOutputTokens: 128_000,
}
const claude47: ClaudeModel = {
  ...claude46,
  sampling: 'none',
  thinking: ['adaptive', 'disabled'],
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  hasSchemasOnBedrock: false,
}
const claude48: ClaudeModel = { ...claude47, hasSystemTurns: true }
// Opus 5 and Haiku 5.5 take `disabled` with an effort of high or less only; they are never asked for both.
const claude5: ClaudeModel = { ...claude48, thinksByDefault: true }
const fable5: ClaudeModel = { ...claude5, thinking: ['adaptive'] }
const newest: ClaudeModel = { ...fable5, canForceTools: false }

/** What comes behind `claude-`, less dates and versions. */
const FAMILIES: Readonly<Record<string, ClaudeModel>> = {
  '3-haiku': claude3,
  '3-sonnet': claude3,
  '3-opus': claude3,
  '3-5-haiku': claude35,
  '3-5-sonnet': claude35,
  '3-7-sonnet': claude37,
  'sonnet-4': claude37,
  'sonnet-4-0': claude37,
  'opus-4': opus4,
  'opus-4-0': opus4,
  'opus-4-1': opus41,
  'haiku-4-5': claude45,
  'sonnet-4-5': claude45WithSchemas,
  'opus-4-5': claude45WithSchemas,
  'sonnet-4-6': claude46,
  'opus-4-6': claude46,
  'opus-4-7': claude47,
  'opus-4-8': claude48,
  'sonnet-5': claude5,
  'opus-5': claude5,
  'fable-5': fable5,
  'mythos-5': fable5,
  'mythos-preview': fable5,
  'haiku-5-5': claude5,
  'sonnet-5-5': { ...newest, thinking: ['adaptive', 'between_tools'] },
  'opus-5-5': newest,
  'fable-5-1': newest,
  'mythos-5-1': newest,
  'fable-5-2': newest,
  'mythos-5-2': newest,
}

const LONGEST_FIRST = Object.entries(FAMILIES).toSorted(([a], [b]) => b.length - a.length)

/**
 * What a model takes at a host, by any host's id of it: `claude-opus-4-5@20251101`,
 * `us.anthropic.claude-opus-4-5-20251101-v1:0`, an ARN with such an id in it. A name that tells nothing, such as a
 * deployment's, and a model that is not known are taken for the newest, which takes least.
 */
export function claudeProfile(model: string, host: ClaudeHost): ClaudeProfile {
  const { hasSchemasOnBedrock = false, ...traits } = modelOf(model)
  const hasSchemas = host === 'bedrock' ? hasSchemasOnBedrock : host !== 'vertex'
  const isAtAnthropic = host === 'anthropic'
  return {
    ...traits,
    // On Vertex an organization's policy has to allow them, and does not by itself:
    // https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/partner-models/claude/structured-outputs
    hasOutputFormat: traits.hasOutputFormat && hasSchemas,
    hasStrictTools: traits.hasStrictTools && hasSchemas,
    hasSystemTurns: traits.hasSystemTurns && (isAtAnthropic || host === 'foundry'),
    fetchesUrls: isAtAnthropic || host === 'foundry',
    hasFiles: isAtAnthropic,
    hasAutomaticCaching: isAtAnthropic || host === 'foundry',
    hasServiceTiers: isAtAnthropic,
  }
}

function modelOf(id: string): ClaudeModel {
  const name = /claude-([a-z0-9.-]+)/i.exec(id)?.[1]?.toLowerCase().replaceAll('.', '-') ?? ''
  const undated = name.replace(/-\d{8}(?!\d).*$/, '')
  const known = LONGEST_FIRST.find(([family]) => isOf(family, undated))
  return known?.[1] ?? newest
}

/** `opus-4-6-v1` is of `opus-4-6`; `opus-5-9` is not of `opus-5`. */
function isOf(family: string, name: string): boolean {
  return (
    name === family || (name.startsWith(`${family}-`) && !/^\d/.test(name.slice(family.length + 1)))
  )
}
