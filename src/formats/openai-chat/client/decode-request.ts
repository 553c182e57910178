import type { ChatRequest } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import {
  defined,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  without,
} from '../../../core/read.ts'
import { type UntranslatedNotes, untranslatedNotes } from '../../../core/untranslated.ts'
import { decodeCacheMark } from './decode-cache.ts'
import { decodeMessages } from './decode-messages.ts'
import { decodeToolChoice, decodeTools } from './decode-tools.ts'
import {
  decodeLogprobs,
  decodeMetadata,
  decodeOutputFormat,
  decodeReasoningWish,
  decodeSeed,
  decodeStop,
  isKnownThinking,
} from './decode-wishes.ts'

/**
 * What a body asks. Ranges are OpenAI's; what only some providers take is for their formats to judge.
 * https://platform.openai.com/docs/api-reference/chat/create
 */
export function decodeRequest(body: JsonObject): ChatRequest {
  const notes = untranslatedNotes()
  const messages = decodeMessages(body, notes)
  const tools = decodeTools(body, notes)
  return defined({
    messages,
    tools,
    toolChoice: decodeToolChoice(body, tools),
    parallelToolCalls: tools.length === 0 ? undefined : readBoolean(body, 'parallel_tool_calls'),
    ...decodeSampling(body),
    stop: decodeStop(body),
    reasoning: decodeReasoningWish(body),
    outputFormat: decodeOutputFormat(body),
    verbosity: readString(body, 'verbosity'),
    endUser: readString(body, 'safety_identifier') ?? readString(body, 'user'),
    metadata: decodeMetadata(body),
    serviceTier: readString(body, 'service_tier'),
    promptCacheKey: readString(body, 'prompt_cache_key'),
    cache: decodeCacheMark(body),
    stream: readBoolean(body, 'stream') ?? false,
    includeUsage: decodeIncludeUsage(body, notes),
    rest: without(body, isKnownThinking(body['thinking']) ? KNOWN_WITH_THINKING : KNOWN),
    untranslated: notes.list.length === 0 ? undefined : notes.list,
  })
}

function decodeSampling(body: JsonObject): {
  readonly [Name in SamplingMember]: number | undefined
} {
  const maxTokens = readInteger(body, 'max_tokens', '', [1, Infinity])
  return {
    maxOutputTokens: readInteger(body, 'max_completion_tokens', '', [1, Infinity]) ?? maxTokens,
    temperature: readNumber(body, 'temperature', '', [0, 2]),
    topP: readNumber(body, 'top_p', '', [0, 1]),
    topK: decodeTopK(body),
    presencePenalty: readNumber(body, 'presence_penalty', '', [-2, 2]),
    frequencyPenalty: readNumber(body, 'frequency_penalty', '', [-2, 2]),
    seed: decodeSeed(body),
    choices: decodeChoices(body),
    topLogprobs: decodeLogprobs(body),
  }
}

/** Servers that know the member take 0 and −1 for no limit. */
function decodeTopK(body: JsonObject): number | undefined {
  const topK = readInteger(body, 'top_k') ?? 0
  return topK > 0 ? topK : undefined
}

/** One answer is what there is anyway. */
function decodeChoices(body: JsonObject): number | undefined {
  const choices = readInteger(body, 'n', '', [1, 128])
  return choices === 1 ? undefined : choices
}

type SamplingMember =
  | 'maxOutputTokens'
  | 'temperature'
  | 'topP'
  | 'topK'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'seed'
  | 'choices'
  | 'topLogprobs'

/** Streams that Keyway writes itself have no padding against eavesdroppers, whether it is asked for or not. */
const STREAM_OPTIONS = new Set(['include_usage', 'include_obfuscation'])

function decodeIncludeUsage(body: JsonObject, notes: UntranslatedNotes): boolean | undefined {
  const options = readObject(body, 'stream_options')
  if (options === undefined) return undefined
  notes.others(options, STREAM_OPTIONS, 'stream_options')
  return readBoolean(options, 'include_usage', 'stream_options.')
}

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'presence_penalty',
  'frequency_penalty',
  'seed',
  'stop',
  'n',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'response_format',
  'verbosity',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'cache_control',
  'stream',
  'stream_options',
])

const KNOWN_WITH_THINKING: ReadonlySet<string> = new Set([...KNOWN, 'thinking'])
