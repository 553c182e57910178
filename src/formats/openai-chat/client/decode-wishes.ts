import { EFFORTS, type OutputFormat, type ReasoningWish } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import {
  defined,
  needObject,
  needString,
  needWord,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  readStrings,
  readWord,
} from '../../../core/read.ts'

/** How the answer is to be made, where that takes more than reading one member. */

/** https://platform.openai.com/docs/guides/structured-outputs */
export function decodeOutputFormat(body: JsonObject): OutputFormat | undefined {
  const format = readObject(body, 'response_format')
  if (format === undefined) return undefined
  const path = 'response_format.'
  const type = needWord(format, 'type', ['text', 'json_object', 'json_schema'], path)
  if (type === 'text') return undefined
  if (type === 'json_object') return { kind: 'json' }
  const wish = needObject(format, type, path)
  const at = `${path}json_schema.`
  const name = needString(wish, 'name', at)
  const schema = readObject(wish, 'schema', at)
  // Any object will do.
  if (schema === undefined) return { kind: 'json' }
  return defined({
    kind: 'json-schema' as const,
    name,
    schema,
    description: readString(wish, 'description', at),
    strict: readBoolean(wish, 'strict', at),
  })
}

/** `reasoning_effort`, and `thinking` where it says what Anthropic, DeepSeek and Z.ai mean by it and nothing else. */
export function decodeReasoningWish(body: JsonObject): ReasoningWish | undefined {
  const effort = readWord(body, 'reasoning_effort', EFFORTS)
  const thinking = body['thinking']
  const wish = isKnownThinking(thinking) ? decodeThinking(thinking) : undefined
  if (effort === undefined) return wish
  return wish?.effort === 'none' ? wish : { ...wish, effort }
}

/** Whether a `thinking` is one that can be read as a wish; any other stays what it is. */
export function isKnownThinking(thinking: unknown): thinking is JsonObject {
  if (!isObject(thinking)) return false
  const isKnown = Object.keys(thinking).every((member) => THINKING_MEMBERS.has(member))
  return isKnown && THINKING_TYPES.some((type) => type === thinking['type'])
}

const THINKING_TYPES = ['enabled', 'adaptive', 'disabled'] as const
const THINKING_MEMBERS = new Set(['type', 'budget_tokens', 'display'])

function decodeThinking(thinking: JsonObject): ReasoningWish {
  const path = 'thinking.'
  const type = needWord(thinking, 'type', THINKING_TYPES, path)
  if (type === 'disabled') return { effort: 'none' }
  const budgetTokens = readInteger(thinking, 'budget_tokens', path, [1, Infinity])
  const show = readString(thinking, 'display', path)
  const isAdaptive = type === 'adaptive' || budgetTokens === undefined ? true : undefined
  return defined({ budgetTokens, isAdaptive, show })
}

/** The number of alternatives for each token, where log probabilities are wanted at all. */
export function decodeLogprobs(body: JsonObject): number | undefined {
  const isWanted = readBoolean(body, 'logprobs') ?? false
  const alternatives = readInteger(body, 'top_logprobs', '', [0, 20]) ?? 0
  if (isWanted) return alternatives
  if (alternatives === 0) return undefined
  throw invalidRequest('top_logprobs needs logprobs to be true.', 'top_logprobs')
}

/** Empty sequences would stop everywhere or nowhere: they say nothing. */
export function decodeStop(body: JsonObject): readonly string[] {
  const { stop } = body
  const list = typeof stop === 'string' ? [stop] : readStrings(body, 'stop')
  return (list ?? []).filter((sequence) => sequence !== '')
}

/** A whole number of 64 bits. Those above 2^53 came rounded, and are as good a seed as any. */
export function decodeSeed(body: JsonObject): number | undefined {
  const seed = readNumber(body, 'seed', '', [-(2 ** 63), 2 ** 63])
  if (seed === undefined || Number.isInteger(seed)) return seed
  throw invalidRequest('seed must be a whole number.', 'seed')
}

export function decodeMetadata(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const metadata = readObject(body, 'metadata')
  if (metadata === undefined || isOfStrings(metadata)) return metadata
  throw invalidRequest('metadata must hold strings only.', 'metadata')
}

function isOfStrings(object: JsonObject): object is Readonly<Record<string, string>> {
  return Object.values(object).every((value) => typeof value === 'string')
}
