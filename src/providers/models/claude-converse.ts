import type { ConverseProfile } from '../../formats/bedrock-converse/profile.ts'
import { claudeProfile } from './claude.ts'

/** https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html */
const WITHOUT_CACHING = /claude-3-(?:haiku|sonnet|opus|5-sonnet)/
const WITH_HOUR_CACHING = /claude-[a-z]+-(?:4-[5-9]|[5-9])(?!\d)/

/** What Claude takes behind Converse, which follows from what it takes at Bedrock in its own format. */
export function claudeAtConverse(model: string): ConverseProfile {
  const claude = claudeProfile(model, 'bedrock')
  const samples = claude.sampling !== 'none'
  return {
    takesSystem: true,
    media: { images: true, documents: true, audio: false, s3: false },
    tools: {
      isSupported: true,
      forced: claude.canForceTools ? ['any', 'tool'] : [],
      hasClaudeChoice: true,
      hasStrict: claude.hasStrictTools,
      hasStatus: true,
      ids: 'plain',
    },
    sampling: {
      temperature: samples,
      topP: samples,
      isEitherOr: claude.sampling === 'no-top-p-beside-temperature',
      ...(samples ? { topK: ['top_k'] } : {}),
      stop: true,
      saysStopSequence: true,
    },
    reasoning: {
      kind: 'claude',
      thinking: claude.thinking,
      thinksByDefault: claude.thinksByDefault,
      efforts: claude.efforts,
    },
    // Claude's proofs are worth the same at every host, and in every format.
    proofs: { family: 'claude', maker: '' },
    caching: {
      places: WITHOUT_CACHING.test(model) ? [] : ['tools', 'system', 'messages'],
      hasHour: WITH_HOUR_CACHING.test(model),
    },
    hasOutputFormat: claude.hasOutputFormat,
    canContinueAnswer: claude.canContinueAnswer,
    maxOutputTokens: claude.maxOutputTokens,
  }
}
