import { callersToolName } from '../../../core/callers-tool-name.ts'
import type { ChatEvent } from '../../../core/chat-events.ts'
import type { ReasoningProof } from '../../../core/chat.ts'
import { FREEFORM_HEAD, FREEFORM_TAIL } from '../../../core/freeform.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { DecodeSource } from '../../../core/translation.ts'
import type { ResponsesProfile } from '../profile.ts'
import { PARAGRAPH } from '../reasoning-item.ts'
import { freeformNames, MAX_NAME_LENGTH } from './encode-tools.ts'

/**
 * The items of a response, read as they come; of one that is whole, as if each came in one piece. All its messages are
 * one answer, each a paragraph of it. Where a form of the answer was asked for, what the model says on its way there (its
 * commentary) would spoil it, so that counts as reasoning.
 */
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
  /** A message beside the answer. */
  isAside?: boolean
  /** Some of its content came in pieces, so none is left for its end. */
  hasContent: boolean
  /** The part of the reasoning that the last piece belonged to. */
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
  /** Whose text, and whose reasoning that nothing proves yet, came last. */
  let lastText: Item | undefined
  let lastReasoning: Item | undefined

  const itemOf = ({ output_index: index, item_id: id }: JsonObject): Item => {
    const key = index ?? id
    const known = items.get(key)
    if (known !== undefined) return known
    const item: Item = { hasContent: false }
    items.set(key, item)
    return item
  }
  const begin = (item: Item, wire: JsonObject): void => {
    if (wire['type'] === 'message') {
      item.isAside = wire['phase'] === 'commentary' && request.outputFormat !== undefined
    } else beginCall(item, wire)
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
    const goesOn = lastReasoning === item && item.part === part
    if (lastReasoning !== undefined && !goesOn) emit({ kind: 'reasoning', text: PARAGRAPH })
    lastReasoning = item
    item.part = part
    item.hasContent = true
    emit({ kind: 'reasoning', text })
  }
  const addText = (item: Item, text: unknown): void => {
    if (item.isAside === true) return addReasoning(item, text, 'aside')
    if (typeof text !== 'string' || text === '') return
    if (lastText !== undefined && lastText !== item) emit({ kind: 'text', text: PARAGRAPH })
    lastText = item
    item.hasContent = true
    emit({ kind: 'text', text })
  }
  const addRefusal = (item: Item, text: unknown): void => {
    if (typeof text !== 'string' || text === '') return
    item.hasContent = true
    emit({ kind: 'refusal', text })
  }
  /** A message of which nothing came in pieces. */
  const addParts = (item: Item, { content }: JsonObject): void => {
    for (const { type, text, refusal } of objectsOf(content)) {
      if (type === 'output_text') addText(item, text)
      if (type === 'refusal') addRefusal(item, refusal)
    }
  }
  const endItem = (item: Item, wire: JsonObject): void => {
    switch (wire['type']) {
      case 'message':
        if (item.hasContent) return
        begin(item, wire)
        return addParts(item, wire)
      case 'reasoning': {
        if (!item.hasContent) addReasoning(item, reasoningText(wire), 'all')
        const proof = encryptedReasoning(wire, profile)
        if (proof === undefined) return
        lastReasoning = undefined
        return emit({ kind: 'reasoning-proof', proof })
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
          return addText(itemOf(event), delta)
        case 'response.refusal.delta':
          return addRefusal(itemOf(event), delta)
        case 'response.reasoning_summary_text.delta':
          return addReasoning(itemOf(event), delta, `summary ${String(event['summary_index'])}`)
        case 'response.reasoning_text.delta':
          return addReasoning(itemOf(event), delta, `content ${String(event['content_index'])}`)
        case 'response.function_call_arguments.delta':
          return addArguments(itemOf(event), delta)
        case 'response.custom_tool_call_input.delta':
          return addInput(itemOf(event), delta)
        case 'response.output_item.added':
          return isObject(event['item']) ? begin(itemOf(event), event['item']) : undefined
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

/** What is shown of reasoning: its summary, and what the models of some hosts show of it in full. */
function reasoningText(item: JsonObject): string {
  return [...objectsOf(item['summary']), ...objectsOf(item['content'])]
    .flatMap(({ text }) => (typeof text === 'string' && text !== '' ? [text] : []))
    .join(PARAGRAPH)
}

function encryptedReasoning(
  { encrypted_content: value }: JsonObject,
  { family }: ResponsesProfile,
): ReasoningProof | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return { family, kind: 'encrypted', value }
}

function objectsOf(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value)) return []
  const items: readonly unknown[] = value
  return items.filter(isObject)
}
