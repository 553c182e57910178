import type { AssistantMessage, AssistantPart, ToolCallPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { freeformArguments } from '../../../core/freeform.ts'
import { type JsonObject, tryParseJson } from '../../../core/parse.ts'
import {
  defined,
  needObject,
  needString,
  needWord,
  readObject,
  readObjects,
  readString,
  readWord,
} from '../../../core/read.ts'
import { unpackToolCallId } from '../../../core/tool-call-id.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeReasoning, REASONING_MEMBERS } from '../decode-reasoning.ts'
import { decodeCacheMark, markLast } from './decode-cache.ts'
import { decodeText, isNotEmpty, readContent } from './decode-content.ts'

/**
 * What a model said before: its reasoning, then its words, then its calls, in the only order that this format has.
 */
export function decodeAssistant(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): AssistantMessage {
  notes.others(message, ASSISTANT_MEMBERS, 'messages')
  refuseWhatIsGone(message, path, notes)
  const parts: readonly AssistantPart[] = [
    ...decodeReasoning(message, path),
    ...decodeWords(message, path, notes),
    ...decodeToolCalls(message, path),
  ]
  return {
    role: 'assistant',
    content: markLast<AssistantPart>(parts, decodeCacheMark(message, path)),
  }
}

const ASSISTANT_MEMBERS = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'cache_control',
  // Reported below.
  'audio',
  'function_call',
  // What answers have and questions do not: SDKs send answers back as they came.
  'annotations',
  'parsed',
  ...REASONING_MEMBERS,
])

function refuseWhatIsGone(message: JsonObject, path: string, notes: UntranslatedNotes): void {
  if (readObject(message, 'audio', path) !== undefined) {
    notes.refused(`${path}audio`, 'only the provider that spoke it has it.')
  }
  if (readObject(message, 'function_call', path) === undefined) return
  throw invalidRequest(
    `${path}function_call is not taken any more: tool_calls is.`,
    `${path}function_call`,
  )
}

/** Text and refusals. Empty ones say nothing, and providers refuse them. */
function decodeWords(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly AssistantPart[] {
  const content = readContent(message, path) ?? []
  const words: readonly AssistantPart[] =
    typeof content === 'string'
      ? [{ kind: 'text', text: content }]
      : content.map((part, index) => decodePart(part, `${path}content.${index}.`, notes))
  const refusal = readString(message, 'refusal', path) ?? ''
  return [...words, { kind: 'refusal' as const, text: refusal }].filter(isNotEmpty)
}

function decodePart(part: JsonObject, path: string, notes: UntranslatedNotes): AssistantPart {
  const type = needWord(part, 'type', ['text', 'refusal'], path)
  if (type === 'text') return decodeText(part, path, notes)
  return { kind: 'refusal', text: needString(part, 'refusal', path) }
}

function decodeToolCalls(message: JsonObject, path: string): readonly ToolCallPart[] {
  const calls = readObjects(message, 'tool_calls', path) ?? []
  return calls.map((call, index) => decodeToolCall(call, `${path}tool_calls.${index}.`))
}

function decodeToolCall(call: JsonObject, path: string): ToolCallPart {
  const isCustom = readWord(call, 'type', ['function', 'custom'], path) === 'custom'
  const { id, proof } = unpackToolCallId(needId(call, 'id', path))
  const { name, text } = isCustom ? decodeCustom(call, path) : decodeFunction(call, path)
  const cache = decodeCacheMark(call, path)
  return defined({ kind: 'tool-call' as const, id, name, arguments: text, proof, cache })
}

/** An id: something must be in it, since results are told apart by it. */
export function needId(owner: JsonObject, member: string, path: string): string {
  const id = needString(owner, member, path)
  if (id !== '') return id
  throw invalidRequest(`${path}${member} must not be empty.`, path + member)
}

interface NameAndArguments {
  readonly name: string
  readonly text: string
}

function decodeFunction(call: JsonObject, path: string): NameAndArguments {
  const member = needObject(call, 'function', path)
  const at = `${path}function.`
  const text = needString(member, 'arguments', at)
  const name = needString(member, 'name', at)
  if (text.trim() === '') return { name, text: '{}' }
  if (tryParseJson(text) !== undefined) return { name, text }
  throw invalidRequest(`${at}arguments must be JSON.`, `${at}arguments`)
}

function decodeCustom(call: JsonObject, path: string): NameAndArguments {
  const member = needObject(call, 'custom', path)
  const at = `${path}custom.`
  return {
    name: needString(member, 'name', at),
    text: freeformArguments(needString(member, 'input', at)),
  }
}
