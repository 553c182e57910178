import { withoutAttributionNote } from '../../../core/attribution-note.ts'
import type { ChatMessage, ChatRequest } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import {
  defined,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  readStrings,
  readWord,
  without,
} from '../../../core/read.ts'
import { untranslatedNotes, type UntranslatedNotes } from '../../../core/untranslated.ts'
import { refuseThread } from '../threads.ts'
import { decodeTexts } from './decode-blocks.ts'
import { decodeCache } from './decode-cache.ts'
import { decodeMessages } from './decode-messages.ts'
import { decodeTools } from './decode-tools.ts'
import { decodeOutputFormat, decodeReasoning } from './decode-wishes.ts'

/** A body of `POST /v1/messages`. https://platform.claude.com/docs/en/api/messages */
export function decodeRequest(body: JsonObject): ChatRequest {
  if (readInteger(body, 'max_tokens', '', [0, Infinity]) === undefined) {
    throw invalidRequest('max_tokens is missing.', 'max_tokens')
  }
  return decodeCountRequest(body)
}

/** A body of `POST /v1/messages/count_tokens`: the same, and how long the answer may be need not be said. */
export function decodeCountRequest(body: JsonObject): ChatRequest {
  refuseThread(body)
  const notes = untranslatedNotes()
  const stream = readBoolean(body, 'stream') ?? false
  const request = defined({
    messages: [...decodeSystem(body, notes), ...decodeMessages(body, notes)],
    ...decodeTools(body, notes),
    maxOutputTokens: readInteger(body, 'max_tokens', '', [0, Infinity]),
    temperature: readNumber(body, 'temperature', '', [0, 1]),
    topP: readNumber(body, 'top_p', '', [0, 1]),
    topK: readInteger(body, 'top_k', '', [0, Infinity]),
    stop: decodeStop(body),
    reasoning: decodeReasoning(body, notes),
    outputFormat: decodeOutputFormat(body),
    endUser: decodeEndUser(body, notes),
    serviceTier: decodeServiceTier(body),
    cache: decodeCache(body),
    stream,
    // A stream of this format always tells it.
    includeUsage: stream ? true : undefined,
    rest: decodeRest(body),
  })
  return notes.list.length === 0 ? request : { ...request, untranslated: notes.list }
}

function decodeSystem(body: JsonObject, notes: UntranslatedNotes): readonly ChatMessage[] {
  const content = decodeTexts(body, 'system', '', notes)
    .map((part) => ({ ...part, text: withoutAttributionNote(part.text) }))
    .filter(({ text }) => text !== '')
  return content.length === 0 ? [] : [{ role: 'system', content }]
}

function decodeStop(body: JsonObject): readonly string[] {
  const stop = readStrings(body, 'stop_sequences') ?? []
  const empty = stop.indexOf('')
  if (empty === -1) return stop
  const path = `stop_sequences.${empty}`
  throw invalidRequest(`${path} must not be empty.`, path)
}

function decodeEndUser(body: JsonObject, notes: UntranslatedNotes): string | undefined {
  const metadata = readObject(body, 'metadata') ?? {}
  notes.others(metadata, METADATA_MEMBERS, 'metadata')
  return readString(metadata, 'user_id', 'metadata.')
}

const METADATA_MEMBERS = new Set(['user_id'])

/** The canonical model has OpenAI's words: what is standard here is the default there. */
function decodeServiceTier(body: JsonObject): string | undefined {
  const tier = readWord(body, 'service_tier', ['auto', 'standard_only'])
  return tier === 'standard_only' ? 'default' : tier
}

function decodeRest(body: JsonObject): JsonObject {
  const { speed, ...rest } = without(body, MEMBERS)
  return speed === undefined || speed === 'standard' ? rest : { ...rest, speed }
}

const MEMBERS = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'service_tier',
  'cache_control',
  'stream',
])
