import type { Effort } from '../../core/chat.ts'
import type {
  ConverseProfile,
  ConverseReasoning,
  ConverseTools,
} from '../../formats/bedrock-converse/profile.ts'
import { claudeAtConverse } from './claude-converse.ts'

/**
 * The models behind Bedrock's Converse, by maker and family.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html
 */

const tools: ConverseTools = {
  isSupported: true,
  forced: ['any', 'tool'],
  hasClaudeChoice: false,
  hasStrict: false,
  hasStatus: false,
  ids: 'plain',
}
const noTools: ConverseTools = { ...tools, isSupported: false, forced: [] }
const unforcedTools: ConverseTools = { ...tools, forced: [] }

/**
 * What is common to all, for models whose family nobody can tell: those behind an ARN of the caller's own, and those that
 * are newer than this list.
 */
const unknown: ConverseProfile = {
  takesSystem: true,
  media: { images: true, documents: true, audio: false, s3: false },
  tools,
  sampling: {
    temperature: true,
    topP: true,
    isEitherOr: false,
    stop: true,
    saysStopSequence: false,
  },
  reasoning: { kind: 'none' },
  proofs: { family: 'converse', maker: 'other' },
  caching: { places: [], hasHour: false },
  hasOutputFormat: false,
  canContinueAnswer: true,
}

const asText = { ...unknown.media, images: false }

// https://docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html
const nova: ConverseProfile = {
  ...unknown,
  media: { images: true, documents: true, audio: false, s3: true },
  tools: { ...tools, hasStatus: true },
  sampling: { ...unknown.sampling, topK: ['inferenceConfig', 'topK'] },
  proofs: { family: 'converse', maker: 'amazon' },
  caching: { places: ['system', 'messages'], hasHour: false },
}
const novaMicro: ConverseProfile = {
  ...nova,
  media: { images: false, documents: false, audio: false, s3: false },
}
// https://docs.aws.amazon.com/nova/latest/nova2-userguide/using-converse-api.html
const nova2: ConverseProfile = {
  ...nova,
  reasoning: {
    kind: 'effort',
    path: ['reasoningConfig', 'maxReasoningEffort'],
    efforts: ['none', 'low', 'medium', 'high'],
    beside: { type: 'enabled' },
    isOffByDefault: true,
    unlimitedFrom: 'high',
  },
}
const titan: ConverseProfile = {
  ...unknown,
  takesSystem: false,
  media: asText,
  tools: noTools,
  proofs: { family: 'converse', maker: 'amazon' },
}

const llama: ConverseProfile = {
  ...unknown,
  media: asText,
  tools: unforcedTools,
  sampling: { ...unknown.sampling, stop: false },
  proofs: { family: 'converse', maker: 'meta' },
}
const llamaWithoutTools: ConverseProfile = { ...llama, tools: noTools }
const llamaThatSees: ConverseProfile = { ...llama, media: unknown.media }

const mistral: ConverseProfile = {
  ...unknown,
  media: asText,
  // The ids are Mistral's own, which its models insist on here as well.
  tools: { ...tools, forced: ['any'], ids: 'nine-alphanumerics' },
  proofs: { family: 'converse', maker: 'mistral' },
}
const mistralInstruct: ConverseProfile = {
  ...mistral,
  takesSystem: false,
  tools: { ...noTools, ids: 'nine-alphanumerics' },
}
const mistralOpen: ConverseProfile = { ...mistral, media: unknown.media, hasOutputFormat: true }

/** Served by one engine, which takes no stop sequences. */
const openWeights: ConverseProfile = {
  ...unknown,
  media: asText,
  sampling: { ...unknown.sampling, stop: false },
  hasOutputFormat: true,
}

const deepseek: ConverseProfile = {
  ...unknown,
  media: asText,
  proofs: { family: 'converse', maker: 'deepseek' },
  hasOutputFormat: true,
}

const byEffort = (
  path: Extract<ConverseReasoning, { kind: 'effort' }>['path'],
  efforts: readonly Effort[],
): ConverseReasoning => ({ kind: 'effort', path, efforts, isOffByDefault: false })

const gptOss: ConverseProfile = {
  ...openWeights,
  reasoning: byEffort(['reasoning_effort'], ['low', 'medium', 'high']),
  proofs: { family: 'converse', maker: 'openai' },
}
const gpt5: ConverseProfile = {
  ...unknown,
  sampling: { ...unknown.sampling, temperature: false, topP: false, stop: false },
  reasoning: byEffort(['reasoning', 'effort'], ['none', 'low', 'medium', 'high', 'xhigh']),
  proofs: { family: 'converse', maker: 'openai' },
  canContinueAnswer: false,
}
const gpt56: ConverseProfile = {
  ...gpt5,
  reasoning: byEffort(['reasoning', 'effort'], ['none', 'low', 'medium', 'high', 'xhigh', 'max']),
}
const gpt6: ConverseProfile = {
  ...gpt5,
  reasoning: byEffort(['reasoning', 'effort'], ['low', 'medium', 'high', 'xhigh', 'max']),
}

const made = (profile: ConverseProfile, maker: string): ConverseProfile => ({
  ...profile,
  proofs: { family: 'converse', maker },
})
const thatSees = (profile: ConverseProfile): ConverseProfile => ({
  ...profile,
  media: { ...profile.media, images: true },
})

/** Ids, less what stands before the maker, begin with these. */
const FAMILIES: Readonly<Record<string, ConverseProfile>> = {
  'amazon.nova-micro': novaMicro,
  'amazon.nova': nova,
  'amazon.nova-2': nova2,
  'amazon.titan': titan,
  'meta.llama2': llamaWithoutTools,
  'meta.llama3-8b': llamaWithoutTools,
  'meta.llama3-70b': llamaWithoutTools,
  'meta.llama3-2-1b': llamaWithoutTools,
  'meta.llama3-2-3b': llamaWithoutTools,
  'meta.llama3-2': llamaThatSees,
  'meta.llama3': llama,
  'meta.llama': llamaThatSees,
  'mistral.mistral-7b': mistralInstruct,
  'mistral.mixtral': mistralInstruct,
  'mistral.mistral-large-2': mistral,
  'mistral.mistral-small-2': mistral,
  'mistral.pixtral': { ...mistral, media: unknown.media },
  'mistral.voxtral': { ...mistralOpen, media: { ...mistralOpen.media, audio: true } },
  'mistral.': mistralOpen,
  // Says its thoughts in its answer, and calls nothing.
  'deepseek.r1': { ...deepseek, tools: noTools, hasOutputFormat: false },
  'deepseek.': deepseek,
  'openai.gpt-oss': gptOss,
  'openai.gpt-5': gpt5,
  'openai.gpt-5.6': gpt56,
  'openai.': gpt6,
  'qwen.': made(openWeights, 'qwen'),
  'qwen.qwen3-vl': made(thatSees(openWeights), 'qwen'),
  'moonshot.': made(openWeights, 'moonshot'),
  'moonshotai.': made(thatSees(openWeights), 'moonshot'),
  'minimax.': made(openWeights, 'minimax'),
  'google.gemma': made(thatSees(openWeights), 'google'),
  'nvidia.nemotron': made(openWeights, 'nvidia'),
  'zai.': made({ ...openWeights, hasOutputFormat: false }, 'zai'),
  'xai.': made({ ...thatSees(openWeights), hasOutputFormat: false }, 'xai'),
  'cohere.command': made({ ...unknown, media: asText, tools: unforcedTools }, 'cohere'),
  'cohere.command-r': made(
    {
      ...unknown,
      media: asText,
      tools: unforcedTools,
      sampling: { ...unknown.sampling, topK: ['k'] },
    },
    'cohere',
  ),
  'ai21.': made({ ...unknown, media: asText, tools: unforcedTools }, 'ai21'),
  'writer.': made({ ...unknown, media: asText }, 'writer'),
}

const LONGEST_FIRST = Object.entries(FAMILIES).toSorted(([a], [b]) => b.length - a.length)

/**
 * What a model takes, by its id, with or without the regions that a profile of regions begins with
 * (`us.amazon.nova-2-lite-v1:0`), or by an ARN with such an id in it. Ids that tell nothing get what is common to all.
 */
export function converseProfile(model: string): ConverseProfile {
  const id = idOf(model)
  if (id.includes('anthropic.claude')) return claudeAtConverse(id)
  const known = LONGEST_FIRST.find(([family]) => id.startsWith(family))
  return known?.[1] ?? unknown
}

/** ARNs of these kinds end in an id; others end in a name of the account's own. */
const ARN = /^arn:[^/]*:(?:foundation-model|inference-profile)\/(.+)$/
/** `us.`, `us-gov.`, `global.`: anything that stands before a maker and a model. */
const REGIONS = /^[a-z]{2,6}(?:-[a-z]+)?\.(?=[a-z0-9]+\.[a-z])/

function idOf(model: string): string {
  const id = model.startsWith('arn:') ? (ARN.exec(model)?.[1] ?? '') : model
  return id.toLowerCase().replace(REGIONS, '')
}
