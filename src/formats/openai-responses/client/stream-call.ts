import { freeformReader } from '../../../core/freeform.ts'
import { callItem, shownArguments, type ShownCall } from '../output-items.ts'
import {
  type EventWriter,
  itemAdded,
  itemDone,
  itemFields,
  type ItemPlace,
  type OpenItem,
} from './stream-writer.ts'

/** A call of a tool while it is written. Calls can be written side by side. */
export interface OpenCall extends OpenItem {
  /** What tells of the new item. */
  readonly added: string
  add(text: string): string
}

/** A call with JSON for arguments, which are shown as they come. */
export function openFunctionCall(write: EventWriter, place: ItemPlace, call: ShownCall): OpenCall {
  const fields = itemFields(place)
  let text = ''
  const delta = (piece: string): string => {
    text += piece
    const json = JSON.stringify(piece)
    return write('response.function_call_arguments.delta', `${fields},"delta":${json}`)
  }
  return {
    place,
    added: itemAdded(write, place, callItem(place.id, call, 'in_progress')),
    add: (piece) => (piece === '' ? '' : delta(piece)),
    close(status) {
      const shown = shownArguments(text, status)
      const missing = shown === text ? '' : delta(shown)
      const done = `${fields},"arguments":${JSON.stringify(shown)}`
      const before = missing + write('response.function_call_arguments.done', done)
      const item = callItem(place.id, { ...call, arguments: shown }, status)
      return itemDone(write, place, item, before)
    },
  }
}

/** A call of a tool that takes text: it is read out of the arguments while they come. */
export function openCustomCall(write: EventWriter, place: ItemPlace, call: ShownCall): OpenCall {
  const fields = itemFields(place)
  const reader = freeformReader()
  let text = ''
  let input = ''
  const delta = (piece: string): string => {
    if (piece === '') return ''
    input += piece
    const json = JSON.stringify(piece)
    return write('response.custom_tool_call_input.delta', `${fields},"delta":${json}`)
  }
  return {
    place,
    added: itemAdded(write, place, callItem(place.id, call, 'in_progress')),
    add(piece) {
      text += piece
      return delta(reader.next(piece))
    },
    close(status) {
      const last = delta(reader.end())
      const done = `${fields},"input":${JSON.stringify(input)}`
      const before = last + write('response.custom_tool_call_input.done', done)
      return itemDone(
        write,
        place,
        callItem(place.id, { ...call, arguments: text }, status),
        before,
      )
    },
  }
}
