/** Headers to be read. */
export interface HeaderValues extends Iterable<[name: string, value: string]> {
  get(name: string): string | null
  has(name: string): boolean
}

/**
 * A request's headers, taken out of the runtime at once: each look into its own costs a crossing, and a request is looked
 * at two dozen times. Names are asked for in lower case.
 */
export function headerSnapshot(headers: Headers): HeaderValues {
  const values = new Map(headers)
  return {
    get: (name) => values.get(name) ?? null,
    has: (name) => values.has(name),
    [Symbol.iterator]: () => values[Symbol.iterator](),
  }
}
