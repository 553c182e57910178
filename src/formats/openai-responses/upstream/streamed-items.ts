import type { ChatEvent } from '../../../core/chat-events.ts'
import { freeformArguments } from '../../../core/freeform.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import { callersToolName } from '../../../core/plain-tool-name.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import type { ResponsesProfile } from '../profile.ts'
import { PARAGRAPH } from '../reasoning-item.ts'
import { encryptedReasoning, reasoningText } from './decode-answer.ts'
import { freeformNames, MAX_NAME_LENGTH } from './encode-tools.ts'

/** The items of a streamed response, read as they come. */
export interface StreamedItems {
  next(event: JsonObject): void
  /** Ends the calls that were cut off. */
  end(): void
  hasCalls(): boolean
}

/** What has been told of an item so far. */
interface Item {
  /** Its number among the calls; undefined for what is no call. */
  call?: number
  isFreeform?: boolean
  /** Some of its content came in pieces, so none is left for its end. */
  hasContent: boolean
  /** The part of a summary that the last piece belonged to. */
  part?: string
  isEnded?: boolean
}

type Emit = (event: ChatEvent) => void

export function streamedItems(
  { request, profile }: DecodeSource<ResponsesProfile>,
  emit: Emit,
): StreamedItems {
  const nameOf = callersToolName(request.tools, MAX_NAME_LENGTH)
  const freeform = freeformNames(request, profile)
  const items = new Map<unknown, Item>()
  let callCount = 0

  const itemOf = ({ output_index: index, item_id: id }: JsonObject): Item => {
    const key = index ?? id
    const known = items.get(key)
    if (known !== undefined) return known
    const item: Item = { hasContent: false }
    items.set(key, item)
    return item
  }
  const beginCall = (item: Item, wire: JsonObject): void => {
    const { type, call_id: id, name: plain } = wire
    const isCustom = type === 'custom_tool_call'
    if (item.call !== undefined || (type !== 'function_call' && !isCustom)) return
    if (typeof id !== 'string' || typeof plain !== 'string') return
    const name = nameOf(plain)
    // Some hosts show the calls of their own tools this way.
    if (isCustom && !freeform.has(name)) return
    item.call = callCount++
    item.isFreeform = isCustom
    emit({ kind: 'tool-call', call: item.call, id, name })
  }
  const addArguments = (item: Item, text: unknown): void => {
    if (item.call === undefined || typeof text !== 'string' || text === '') return
    item.hasContent = true
    emit({ kind: 'tool-arguments', call: item.call, text })
  }
  const addInput = (item: Item, text: unknown): void => {
    if (item.isFreeform !== true || typeof text !== 'string') return
    const json = JSON.stringify(text).slice(1, -1)
    addArguments(item, item.hasContent ? json : FREEFORM_HEAD + json)
  }
  const endCall = (item: Item): void => {
    if (item.call === undefined || item.isEnded === true) return
    if (item.isFreeform === true && item.hasContent) addArguments(item, FREEFORM_TAIL)
    item.isEnded = true
    emit({ kind: 'tool-call-end', call: item.call })
  }
  const addReasoning = (item: Item, text: unknown, part: string): void => {
    if (typeof text !== 'string' || text === '') return
    if (item.part !== undefined && item.part !== part) emit({ kind: 'reasoning', text: PARAGRAPH })
    item.part = part
    item.hasContent = true
    emit({ kind: 'reasoning', text })
  }
  const endItem = (item: Item, wire: JsonObject): void => {
    switch (wire['type']) {
      case 'message':
        if (!item.hasContent) emitMessage(wire, emit)
        return
      case 'reasoning': {
        if (!item.hasContent) addReasoning(item, reasoningText(wire), 'all')
        const proof = encryptedReasoning(wire, profile)
        if (proof !== undefined) emit({ kind: 'reasoning-proof', proof })
        return
      }
      case 'function_call':
      case 'custom_tool_call':
        beginCall(item, wire)
        if (!item.hasContent) addArguments(item, wire['arguments'])
        if (!item.hasContent) addInput(item, wire['input'])
        return endCall(item)
      default:
    }
  }
  return {
    next(event) {
      const { type, delta } = event
      switch (type) {
        case 'response.output_text.delta':
          return addText(itemOf(event), 'text', delta, emit)
        case 'response.refusal.delta':
          return addText(itemOf(event), 'refusal', delta, emit)
        case 'response.reasoning_summary_text.delta':
          return addReasoning(itemOf(event), delta, `summary ${String(event['summary_index'])}`)
        case 'response.reasoning_text.delta':
          return addReasoning(itemOf(event), delta, `content ${String(event['content_index'])}`)
        case 'response.function_call_arguments.delta':
          return addArguments(itemOf(event), delta)
        case 'response.custom_tool_call_input.delta':
          return addInput(itemOf(event), delta)
        case 'response.output_item.added':
          return isObject(event['item']) ? beginCall(itemOf(event), event['item']) : undefined
        case 'response.output_item.done':
          return isObject(event['item']) ? endItem(itemOf(event), event['item']) : undefined
        default:
      }
    },
    end() {
      for (const item of items.values()) endCall(item)
    },
    hasCalls: () => callCount > 0,
  }
}

const FREEFORM_HEAD = freeformArguments('').slice(0, -2)
const FREEFORM_TAIL = '"}'

function addText(item: Item, kind: 'text' | 'refusal', text: unknown, emit: Emit): void {
  if (typeof text !== 'string' || text === '') return
  item.hasContent = true
  emit({ kind, text })
}

/** A message of which nothing came in pieces. */
function emitMessage({ content }: JsonObject, emit: Emit): void {
  if (!Array.isArray(content)) return
  const parts: readonly unknown[] = content
  for (const part of parts.filter(isObject)) {
    const { type, text, refusal } = part
    if (type === 'output_text' && typeof text === 'string') emit({ kind: 'text', text })
    if (type === 'refusal' && typeof refusal === 'string') emit({ kind: 'refusal', text: refusal })
  }
}
