import { randomText } from '../random.ts'
import { wordsOf, type Piece, type Reply } from '../reply.ts'
import { encryptReasoning, itemIds, type ItemIds, type ReasoningOwner } from './openai-items.ts'

/** One event of the Responses API, still without its number. */
export interface ResponseEvent {
  type: string
  [member: string]: unknown
}

/** What an answer's items look like. */
export interface OutputStyle {
  isStored: boolean
  /** Whether the model reasons: another one's thoughts are not shown. */
  isReasoning: boolean
  owner: ReasoningOwner
  showsSummary: boolean
  showsEncrypted: boolean
}

interface TextPart {
  type: 'output_text'
  annotations: never[]
  logprobs: never[]
  text: string
}
type MessagePart = TextPart | { type: 'refusal'; refusal: string }

/** One item of an answer, and the parts that its text came in. */
export type OutputItem = { id: string } & (
  | { type: 'message'; status: string; role: 'assistant'; content: MessagePart[] }
  | { type: 'function_call'; status: string; arguments: string; call_id: string; name: string }
  | {
      type: 'reasoning'
      summary: { type: 'summary_text'; text: string }[]
      encrypted_content?: string
    }
)

const outputText = (text: string): TextPart => ({
  type: 'output_text',
  annotations: [],
  logprobs: [],
  text,
})

const shownPieces = ({ pieces }: Reply, { isReasoning }: OutputStyle) =>
  pieces.filter(({ kind }) => isReasoning || kind !== 'reasoning')

/** The items of an answer: each piece is one. */
export function outputOf(reply: Reply, style: OutputStyle): OutputItem[] {
  const pieces = shownPieces(reply, style)
  const ids = itemIds(
    pieces.some(({ kind }) => kind === 'reasoning'),
    style.isStored,
  )
  const last = pieces.at(-1)
  const cutOff = reply.finish === 'length' ? last : undefined
  return pieces.map((piece) =>
    itemOf(piece, { ...style, ids, status: piece === cutOff ? 'incomplete' : 'completed' }),
  )
}

function itemOf(piece: Piece, style: OutputStyle & { ids: ItemIds; status: string }): OutputItem {
  const { ids, status } = style
  switch (piece.kind) {
    case 'reasoning': {
      const text = wordsOf(piece)
      const shows = style.showsSummary && !piece.isRedacted
      return {
        id: ids.next('rs'),
        type: 'reasoning',
        summary: shows ? [{ type: 'summary_text', text }] : [],
        ...(style.showsEncrypted && { encrypted_content: encryptReasoning(style.owner, text) }),
      }
    }
    case 'call':
      return {
        id: ids.next('fc'),
        type: 'function_call',
        status,
        arguments: wordsOf(piece) || '{}',
        call_id: piece.id ?? `call_${randomText(24)}`,
        name: piece.name,
      }
    case 'text':
      return messageOf(ids, status, outputText(wordsOf(piece)))
    case 'refusal':
      return messageOf(ids, status, { type: 'refusal', refusal: wordsOf(piece) })
    default:
      return piece satisfies never
  }
}

const messageOf = (ids: ItemIds, status: string, part: MessagePart): OutputItem => ({
  id: ids.next('msg'),
  type: 'message',
  status,
  role: 'assistant',
  content: [part],
})

/** The events in which an item comes. */
export function itemEvents(item: OutputItem, index: number, reply: Reply): ResponseEvent[] {
  const place = { item_id: item.id, output_index: index }
  const parts = partsOf(item, reply)
  return [
    { type: 'response.output_item.added', output_index: index, item: opened(item) },
    ...innerEvents(item, place, parts),
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

/** The parts in which the item's text is streamed. */
function partsOf(item: OutputItem, { pieces }: Reply): readonly string[] {
  const words =
    item.type === 'message'
      ? item.content.map((part) => ('text' in part ? part.text : part.refusal)).join('')
      : item.type === 'function_call'
        ? item.arguments
        : item.summary.map(({ text }) => text).join('')
  if (words === '') return []
  return pieces.find((piece) => wordsOf(piece) === words)?.parts ?? [words]
}

function opened(item: OutputItem): object {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] }
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' }
  return { ...item, summary: [] }
}

function innerEvents(item: OutputItem, place: object, parts: readonly string[]): ResponseEvent[] {
  switch (item.type) {
    case 'message':
      return item.content.flatMap((part) => partEvents(part, { ...place, content_index: 0 }, parts))
    case 'function_call': {
      const type = 'response.function_call_arguments'
      return [
        ...parts.map((delta) => ({ type: `${type}.delta`, ...place, delta })),
        { type: `${type}.done`, ...place, arguments: item.arguments },
      ]
    }
    case 'reasoning':
      return item.summary.flatMap((part) =>
        summaryEvents(part, { ...place, summary_index: 0 }, parts),
      )
    default:
      return item satisfies never
  }
}

function partEvents(part: MessagePart, place: object, parts: readonly string[]): ResponseEvent[] {
  if (part.type === 'refusal') {
    return [
      { type: 'response.content_part.added', ...place, part: { ...part, refusal: '' } },
      ...parts.map((delta) => ({ type: 'response.refusal.delta', ...place, delta })),
      { type: 'response.refusal.done', ...place, refusal: part.refusal },
      { type: 'response.content_part.done', ...place, part },
    ]
  }
  return [
    { type: 'response.content_part.added', ...place, part: outputText('') },
    ...parts.map((delta) => ({
      type: 'response.output_text.delta',
      ...place,
      delta,
      logprobs: [],
      obfuscation: randomText(12),
    })),
    { type: 'response.output_text.done', ...place, text: part.text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
  ]
}

function summaryEvents(
  part: { type: 'summary_text'; text: string },
  place: object,
  parts: readonly string[],
): ResponseEvent[] {
  const type = 'response.reasoning_summary'
  return [
    { type: `${type}_part.added`, ...place, part: { ...part, text: '' } },
    ...parts.map((delta) => ({ type: `${type}_text.delta`, ...place, delta })),
    { type: `${type}_text.done`, ...place, text: part.text },
    { type: `${type}_part.done`, ...place, part },
  ]
}
