import type {
  AssistantMessage,
  ChatMessage,
  ReasoningPart,
  SystemMessage,
  ToolCallPart,
  ToolMessage,
  UserMessage,
  UserPart,
} from '../../../core/chat.ts'
import { failedResultText } from '../../../core/failed-result.ts'
import { freeformInput } from '../../../core/freeform.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { plainName } from '../../../core/plain-name.ts'
import { type PairedResult, toolCallPairs } from '../../../core/tool-call-pairs.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import type { MessagePart } from '../output-items.ts'
import type { ResponsesProfile } from '../profile.ts'
import { encodeParts } from './encode-content.ts'
import { MAX_NAME_LENGTH } from './encode-tools.ts'

type Target = EncodeTarget<ResponsesProfile>

/**
 * The conversation as input items, in order. Items have no ids: those are for items that OpenAI keeps.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 */
export function encodeItems(
  messages: readonly ChatMessage[],
  freeform: ReadonlySet<string>,
  target: Target,
): readonly JsonObject[] {
  const pairs = toolCallPairs((id) => plainName(id))
  const items: JsonObject[] = []
  let results: ToolMessage[] = []
  const addResults = (): void => {
    for (const pair of pairs.close(results)) {
      items.push(encodeResult(pair, freeform.has(pair.call.name), target))
    }
    results = []
  }
  for (const message of messages) {
    if (message.role === 'tool') {
      results.push(message)
      continue
    }
    addResults()
    if (message.role === 'assistant') {
      items.push(...encodeTurn(message, { ...target, freeform, idOf: (call) => pairs.open(call) }))
    } else items.push(...encodeMessage(message, target))
  }
  addResults()
  return items
}

function encodeMessage(
  message: SystemMessage | UserMessage,
  target: Target,
): readonly JsonObject[] {
  const content = encodeParts(message.content, target)
  if (message.role === 'user' && message.name !== undefined) target.compat.changed('name')
  if (content.length === 0) return []
  return [{ role: message.role === 'user' ? 'user' : target.profile.systemRole, content }]
}

interface TurnTarget extends Target {
  readonly freeform: ReadonlySet<string>
  readonly idOf: (call: ToolCallPart) => string
}

/** A turn of the assistant. Its reasoning comes before the item that it led to, and never without one. */
function encodeTurn({ content }: AssistantMessage, target: TurnTarget): readonly JsonObject[] {
  const items: JsonObject[] = []
  let reasoning: JsonObject[] = []
  let parts: JsonObject[] | undefined
  const say = ({ kind, text }: MessagePart): void => {
    if (parts === undefined) {
      parts = []
      items.push(...reasoning, { role: 'assistant', content: parts })
      reasoning = []
    }
    parts.push(kind === 'refusal' ? { type: kind, refusal: text } : { type: 'output_text', text })
  }
  for (const part of content) {
    if ('cache' in part && part.cache?.breakpoint !== undefined) {
      target.compat.changed('prompt_cache_breakpoint')
    }
    if (part.kind === 'text' || part.kind === 'refusal') {
      if (part.text !== '') say(part)
      continue
    }
    const item =
      part.kind === 'reasoning' ? encodeReasoning(part, target) : encodeCall(part, target)
    if (item === undefined) continue
    parts = undefined
    if (part.kind === 'reasoning') reasoning.push(item)
    else {
      items.push(...reasoning, item)
      reasoning = []
    }
  }
  return items
}

/** Reasoning of the model's own family; other models' means nothing to it. */
function encodeReasoning(
  { text, proof }: ReasoningPart,
  { profile }: Target,
): JsonObject | undefined {
  const isOwn = proof?.family === profile.family && proof.kind === 'encrypted'
  if (!isOwn || !profile.hasEncryptedReasoning) return undefined
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  return { type: 'reasoning', summary, encrypted_content: proof.value }
}

function encodeCall(call: ToolCallPart, { freeform, idOf }: TurnTarget): JsonObject {
  const named = { call_id: idOf(call), name: plainName(call.name, MAX_NAME_LENGTH) }
  if (freeform.has(call.name)) {
    return { type: 'custom_tool_call', ...named, input: freeformInput(call.arguments) }
  }
  const text = call.arguments === '' ? '{}' : call.arguments
  return { type: 'function_call', ...named, arguments: text }
}

function encodeResult(
  { id, result }: PairedResult,
  isFreeform: boolean,
  target: Target,
): JsonObject {
  const content = result.isError === true ? asError(result.content) : result.content
  const parts = encodeParts(content, target)
  const texts = parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
  const isText = texts.length === parts.length && !parts.some(isMarked)
  return {
    type: isFreeform ? 'custom_tool_call_output' : 'function_call_output',
    call_id: id,
    output: isText ? texts.join('\n\n') : parts,
  }
}

const isMarked = (part: JsonObject): boolean => part['prompt_cache_breakpoint'] !== undefined

/** The dialect has no other way to say that a call failed. */
function asError(content: readonly UserPart[]): readonly UserPart[] {
  const [first, ...rest] = content
  return first?.kind === 'text' && first.text !== ''
    ? [{ ...first, text: failedResultText(first.text) }, ...rest]
    : [{ kind: 'text', text: failedResultText() }, ...content]
}
