import type {
  AssistantPart,
  ChatMessage,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
  UserPart,
} from '../../../core/chat.ts'
import { GatewayError, invalidRequest } from '../../../core/errors.ts'
import { freeformArguments } from '../../../core/freeform.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { needString, needWord, readObjects, readString } from '../../../core/read.ts'
import { unpackToolCallId } from '../../../core/tool-call-id.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeReasoningItem } from '../reasoning-item.ts'
import { nameInNamespace } from '../tool-name.ts'
import { decodeContent, decodePart } from './decode-content.ts'
import { turnsOfItems } from './turns-of-items.ts'

/**
 * The items of a conversation as messages, in order. Items of the assistant that follow each other (reasoning, messages,
 * calls) are one turn of its, and results stand directly behind the turn of their calls, whatever came between.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 */
export function decodeInput(body: JsonObject, notes: UntranslatedNotes): readonly ChatMessage[] {
  const { input } = body
  if (typeof input === 'string') return [{ role: 'user', content: [{ kind: 'text', text: input }] }]
  const conversation = turnsOfItems()
  for (const [index, item] of (readObjects(body, 'input') ?? []).entries()) {
    const path = `input.${index}`
    const decoded = decodeItem(item, `${path}.`, notes)
    if ('parts' in decoded) conversation.addParts(decoded.parts, path)
    else if (decoded.role === 'tool') conversation.addResult(decoded, path)
    else conversation.addMessage(decoded)
  }
  return conversation.messages()
}

/** A message, or what is added to the assistant's turn. */
type Decoded = SystemMessage | UserMessage | ToolMessage | TurnParts
interface TurnParts {
  readonly parts: readonly AssistantPart[]
}
const NOTHING: TurnParts = { parts: [] }

function decodeItem(item: JsonObject, path: string, notes: UntranslatedNotes): Decoded {
  const type = readString(item, 'type', path) ?? typeOf(item)
  if (OWN_TYPES.has(type)) notes.others(item, ITEM_MEMBERS, 'input')
  switch (type) {
    case 'message':
      return decodeMessage(item, path, notes)
    case 'reasoning': {
      const part = decodeReasoningItem(item, path)
      return { parts: part === undefined ? [] : [part] }
    }
    case 'function_call':
      return decodeCall(item, needString(item, 'arguments', path), path)
    case 'custom_tool_call':
      return decodeCall(item, freeformArguments(needString(item, 'input', path)), path)
    case 'function_call_output':
    case 'custom_tool_call_output':
      return decodeOutput(item, path, notes)
    case 'item_reference':
      throw new GatewayError(
        'unsupported_parameter',
        `${path.slice(0, -1)} refers to an item of an earlier response. Keyway keeps none: send the item itself, as clients do where store is false.`,
        { param: path.slice(0, -1) },
      )
    // The tools that these bring are read with the others.
    case 'additional_tools':
    case 'tool_search_output':
      return NOTHING
    case 'tool_search_call':
      notes.changed(type)
      return NOTHING
    default:
      notes.refused(
        `${path}type`,
        `items of type ${plainType(type)} belong to tools of OpenAI's own.`,
      )
      return NOTHING
  }
}

const OWN_TYPES = new Set([
  'message',
  'reasoning',
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
])
/** What these items are made of; how they came to be says nothing to another model. */
const ITEM_MEMBERS = new Set([
  'type',
  'id',
  'status',
  'role',
  'phase',
  'content',
  'summary',
  'encrypted_content',
  'call_id',
  'namespace',
  'name',
  'arguments',
  'input',
  'output',
  'caller',
])

/** Messages and references may come without their type. */
function typeOf(item: JsonObject): string {
  return item['role'] === undefined && item['id'] !== undefined ? 'item_reference' : 'message'
}

/** The type as an error may repeat it: what is no plain word could be anything. */
function plainType(type: string): string {
  return /^[a-z][a-z0-9_]{0,39}$/.test(type) ? type : 'this'
}

function decodeMessage(item: JsonObject, path: string, notes: UntranslatedNotes): Decoded {
  const role = needWord(item, 'role', ['user', 'assistant', 'system', 'developer'], path)
  if (role === 'assistant') return { parts: decodeAssistant(item, path, notes) }
  const content = decodeContent(item, 'content', path, notes)
  if (content.length === 0) return NOTHING
  if (role === 'user') return { role, content }
  return { role: 'system', content: content.map((part) => onlyText(part, `${path}content`)) }
}

function decodeAssistant(
  item: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly AssistantPart[] {
  const { content } = item
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  const parts = readObjects(item, 'content', path)
  if (parts === undefined) throw invalidRequest(`${path}content is missing.`, `${path}content`)
  return parts
    .map((part, index): AssistantPart => {
      const place = `${path}content.${index}`
      if (part['type'] !== 'refusal') return onlyText(decodePart(part, `${place}.`, notes), place)
      return { kind: 'refusal', text: needString(part, 'refusal', `${place}.`) }
    })
    .filter((part) => 'text' in part && part.text !== '')
}

function onlyText(part: UserPart, place: string): TextPart {
  if (part.kind === 'text') return part
  throw invalidRequest(`${place} must be text.`, place)
}

/** A model's call. Gemini's signatures come back in the ids of its calls. */
function decodeCall(item: JsonObject, text: string, path: string): TurnParts {
  const identity = unpackToolCallId(needString(item, 'call_id', path))
  const namespace = readString(item, 'namespace', path)
  const name = nameInNamespace(namespace, needString(item, 'name', path))
  return { parts: [{ kind: 'tool-call', ...identity, name, arguments: text }] }
}

function decodeOutput(item: JsonObject, path: string, notes: UntranslatedNotes): ToolMessage {
  const { id } = unpackToolCallId(needString(item, 'call_id', path))
  return { role: 'tool', callId: id, content: decodeContent(item, 'output', path, notes) }
}
