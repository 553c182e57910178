import {
  type ChatMessage,
  type ChatRequest,
  EFFORTS,
  type OutputFormat,
  type ReasoningWish,
} from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
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
  without,
} from '../../../core/read.ts'
import { isWithoutEffect } from '../../../core/rest.ts'
import { untranslatedNotes, type UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeInput } from './decode-items.ts'
import { decodeTools } from './decode-tools.ts'
import { echoOf } from './response-object.ts'

/**
 * A body of `POST /v1/responses`. What needs a memory of earlier responses is noted, for Keyway has none; `store` is
 * true unless said otherwise, so it asks for nothing. https://platform.openai.com/docs/api-reference/responses/create
 */
export function decodeRequest(body: JsonObject): ChatRequest {
  const notes = untranslatedNotes()
  const needsMemory = noteMemory(body, notes)
  if (!needsMemory && (body['input'] ?? undefined) === undefined) {
    throw invalidRequest('input is missing.', 'input')
  }
  const text = readObject(body, 'text') ?? {}
  notes.others(text, TEXT_MEMBERS, 'text')
  const request = defined({
    messages: [...decodeInstructions(body), ...decodeInput(body, notes)],
    ...decodeTools(body, notes),
    parallelToolCalls: readBoolean(body, 'parallel_tool_calls'),
    maxOutputTokens: readInteger(body, 'max_output_tokens', '', [1, Infinity]),
    temperature: readNumber(body, 'temperature', '', [0, 2]),
    topP: readNumber(body, 'top_p', '', [0, 1]),
    stop: [],
    topLogprobs: decodeLogprobs(body),
    reasoning: decodeReasoning(body, notes),
    outputFormat: decodeFormat(text),
    verbosity: readString(text, 'verbosity', 'text.'),
    endUser: readString(body, 'safety_identifier') ?? readString(body, 'user'),
    metadata: decodeMetadata(body),
    serviceTier: readString(body, 'service_tier'),
    promptCacheKey: readString(body, 'prompt_cache_key'),
    stream: readBoolean(body, 'stream') ?? false,
    // Answers of this format always tell it.
    includeUsage: true,
    rest: decodeRest(body),
    echo: echoOf(body),
  })
  return notes.list.length === 0 ? request : { ...request, untranslated: notes.list }
}

/** What asks for a response, a conversation or a prompt that somebody would have had to keep. */
const MEMORY: Readonly<Record<string, string>> = {
  previous_response_id: 'Keyway keeps no responses. Send the whole conversation in input.',
  conversation: 'Keyway keeps no conversations. Send the whole conversation in input.',
  background: 'Keyway keeps no responses to ask for later. Wait for the answer, or stream it.',
  prompt: 'Keyway keeps no prompts. Send its text as instructions and input.',
}

/** Whether it says what the model should read, in place of `input`. */
function noteMemory(body: JsonObject, notes: UntranslatedNotes): boolean {
  const wanted = Object.keys(MEMORY).filter((name) => !isWithoutEffect(name, body[name]))
  for (const name of wanted) notes.refused(name, MEMORY[name] ?? '')
  return wanted.some((name) => name !== 'background')
}

function decodeInstructions(body: JsonObject): readonly ChatMessage[] {
  const text = readString(body, 'instructions') ?? ''
  return text === '' ? [] : [{ role: 'system', content: [{ kind: 'text', text }] }]
}

/** They are shown to those who ask for them in `include`, or for some number of alternatives. */
function decodeLogprobs(body: JsonObject): number | undefined {
  const count = readInteger(body, 'top_logprobs', '', [0, 20]) ?? 0
  const include = readStrings(body, 'include') ?? []
  return count > 0 || include.includes('message.output_text.logprobs') ? count : undefined
}

function decodeReasoning(body: JsonObject, notes: UntranslatedNotes): ReasoningWish | undefined {
  const reasoning = readObject(body, 'reasoning')
  if (reasoning === undefined) return undefined
  const path = 'reasoning.'
  const { context, mode } = reasoning
  notes.others(
    {
      ...reasoning,
      context: context === 'auto' ? null : context,
      mode: mode === 'standard' ? null : mode,
    },
    REASONING_MEMBERS,
    'reasoning',
  )
  const wish = defined({
    effort: readWord(reasoning, 'effort', EFFORTS, path),
    show: readString(reasoning, 'summary', path) ?? readString(reasoning, 'generate_summary', path),
  })
  return Object.keys(wish).length === 0 ? undefined : wish
}

function decodeFormat(text: JsonObject): OutputFormat | undefined {
  const format = readObject(text, 'format', 'text.')
  if (format === undefined) return undefined
  const path = 'text.format.'
  const type = needWord(format, 'type', ['text', 'json_object', 'json_schema'], path)
  switch (type) {
    case 'text':
      return undefined
    case 'json_object':
      return { kind: 'json' }
    case 'json_schema':
      return defined({
        kind: 'json-schema' as const,
        name: needString(format, 'name', path),
        schema: needObject(format, 'schema', path),
        description: readString(format, 'description', path),
        strict: readBoolean(format, 'strict', path),
      })
    default:
      return type satisfies never
  }
}

function decodeMetadata(body: JsonObject): Readonly<Record<string, string>> | undefined {
  const metadata = readObject(body, 'metadata')
  if (metadata === undefined) return undefined
  const pairs = Object.entries(metadata).map(([name, value]): readonly [string, string] => {
    if (typeof value === 'string') return [name, value]
    throw invalidRequest('metadata must have strings for values.', 'metadata')
  })
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs)
}

/** Long conversations fail by themselves (`disabled`); a limit of calls counts those of OpenAI's own tools. */
function decodeRest(body: JsonObject): JsonObject {
  const { truncation, ...rest } = without(body, MEMBERS)
  return truncation === undefined || truncation === 'disabled' ? rest : { ...rest, truncation }
}

const TEXT_MEMBERS = new Set(['format', 'verbosity'])
const REASONING_MEMBERS = new Set(['effort', 'summary', 'generate_summary'])
const MEMBERS = new Set([
  ...Object.keys(MEMORY),
  'model',
  'input',
  'instructions',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_output_tokens',
  'max_tool_calls',
  'temperature',
  'top_p',
  'top_logprobs',
  'include',
  'reasoning',
  'text',
  'safety_identifier',
  'user',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'store',
  'stream',
  'stream_options',
])
