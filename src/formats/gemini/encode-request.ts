import type { ChatMessage, ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { reportRest } from '../../core/rest.ts'
import type { EncodeTarget } from '../../core/translation.ts'
import { encodeContents } from './contents.ts'
import { encodeGenerationConfig } from './generation-config.ts'
import type { GeminiProfile } from './profile.ts'
import { encodeTools } from './tools.ts'

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference */
export function encodeRequest(
  request: ChatRequest,
  { profile, compat }: EncodeTarget<GeminiProfile>,
): JsonObject {
  reportLosses(request, compat)
  const generationConfig = encodeGenerationConfig(request, profile, compat)
  return {
    ...encodeContents(request.messages, { profile, compat }),
    ...encodeTools(request, profile, compat),
    ...(generationConfig === undefined ? {} : { generationConfig }),
  }
}

/** Reports what Google has nothing for. Labels are for bills, so a caller's own names are not put there. */
function reportLosses(request: ChatRequest, compat: Compat): void {
  const { messages, metadata = {}, verbosity = 'medium', serviceTier = 'auto' } = request
  if (request.endUser !== undefined) compat.changed('user')
  if (Object.keys(metadata).length > 0) compat.changed('metadata')
  if (verbosity !== 'medium') compat.changed('verbosity')
  if (!USUAL_TIERS.has(serviceTier)) compat.changed('service_tier')
  if (request.promptCacheKey !== undefined) compat.changed('prompt_cache_key')
  if (hasCacheMark(request)) compat.changed('cache_control')
  if (messages.some((message) => message.role === 'user' && message.name !== undefined)) {
    compat.changed('name')
  }
  reportRest(request.rest, compat)
}

/** Tiers that say nothing. Google has others by a header only, and a body is all that is made here: they are reported. */
const USUAL_TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'standard_only'])

/** Gemini caches by itself, and cannot be told what. */
function hasCacheMark({ cache, tools, messages }: ChatRequest): boolean {
  return (
    cache !== undefined ||
    tools.some((tool) => tool.cache !== undefined) ||
    messages.some(hasMarkedPart)
  )
}

function hasMarkedPart(message: ChatMessage): boolean {
  if (message.role === 'tool' && message.cache !== undefined) return true
  return message.content.some((part) => 'cache' in part && part.cache !== undefined)
}
