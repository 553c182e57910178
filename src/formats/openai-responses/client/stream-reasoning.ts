import type { ReasoningPart, ReasoningProof } from '../../../core/chat.ts'
import { reasoningItem } from '../output-items.ts'
import {
  type EventWriter,
  itemAdded,
  itemDone,
  itemFields,
  type ItemPlace,
  type OpenItem,
} from './stream-writer.ts'

/** Reasoning while it is written: one part of a summary. */
export interface OpenReasoning extends OpenItem {
  readonly kind: 'reasoning'
  add(text: string): string
  /** What proves it is shown when it ends. */
  prove(proof: ReasoningProof): void
}

export function openReasoning(write: EventWriter, place: ItemPlace): OpenReasoning {
  const fields = `${itemFields(place)},"summary_index":0`
  const item = (part: ReasoningPart, status: Parameters<typeof reasoningItem>[2]) =>
    reasoningItem(place.id, part, status)
  let added = itemAdded(write, place, item({ kind: 'reasoning', text: '' }, 'in_progress'))
  let summary = ''
  let proof: ReasoningProof | undefined
  const openSummary = (): string => {
    const before = added
    added = ''
    const part = `${fields},"part":{"type":"summary_text","text":""}`
    return before + write('response.reasoning_summary_part.added', part)
  }
  const closeSummary = (): string => {
    if (summary === '') return added
    const text = JSON.stringify(summary)
    return (
      write('response.reasoning_summary_text.done', `${fields},"text":${text}`) +
      write(
        'response.reasoning_summary_part.done',
        `${fields},"part":{"type":"summary_text","text":${text}}`,
      )
    )
  }
  return {
    kind: 'reasoning',
    place,
    add(text) {
      const opened = summary === '' ? openSummary() : ''
      summary += text
      const delta = `${fields},"delta":${JSON.stringify(text)}`
      return opened + write('response.reasoning_summary_text.delta', delta)
    },
    prove(value) {
      proof = value
    },
    close(status) {
      const before = closeSummary()
      const part: ReasoningPart = {
        kind: 'reasoning',
        text: summary,
        ...(proof === undefined ? {} : { proof }),
      }
      return itemDone(write, place, item(part, status), before)
    },
  }
}
