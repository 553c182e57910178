/** Which part of a list is wanted: rows are numbered in the order they were made, so a page never shifts. */
export interface PageRequest {
  /** The number of the last row already seen; 0 at the start. */
  readonly after: number
  readonly limit: number
}

/** A part of a list, oldest first. */
export interface Page<Item> {
  readonly items: readonly Item[]
  /** What to ask `after` for the rest, or null at the end. */
  readonly next: number | null
}

/** Makes a page of rows that were selected with one more than the limit. */
export function pageOf<Row extends { seq: number }, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  return { items: shown.map(itemOf), next: last ? last.seq : null }
}
