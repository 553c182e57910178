import type { JsonObject } from '../../../core/parse.ts'

/** Writes events of one stream, numbered from 0. `fields` are the event's other members as JSON, each after a comma. */
export type EventWriter = (type: string, fields: string) => string

export function eventWriter(): EventWriter {
  let number = 0
  return (type, fields) =>
    `event: ${type}\ndata: {"type":"${type}","sequence_number":${number++}${fields}}\n\n`
}

/** Where an item stands, for the events that tell of it. */
export interface ItemPlace {
  readonly id: string
  readonly index: number
}

/** An item that is still being written. */
export interface OpenItem {
  readonly place: ItemPlace
  /** The text of the events that end it, and the item as it stays in the response. */
  close(status: 'completed' | 'incomplete'): ClosedItem
}

export interface ClosedItem {
  readonly text: string
  readonly json: string
}

export function itemAdded(write: EventWriter, { index }: ItemPlace, item: JsonObject): string {
  const fields = `,"output_index":${index},"item":${JSON.stringify(item)}`
  return write('response.output_item.added', fields)
}

/** The end of an item; `before` is the text of the events that end what is in it. */
export function itemDone(
  write: EventWriter,
  { index }: ItemPlace,
  item: JsonObject,
  before: string,
): ClosedItem {
  const json = JSON.stringify(item)
  const fields = `,"output_index":${index},"item":${json}`
  return { text: before + write('response.output_item.done', fields), json }
}

/** The members that name an item in the events of its parts. */
export function itemFields({ id, index }: ItemPlace): string {
  return `,"item_id":${JSON.stringify(id)},"output_index":${index}`
}
