/** A bounded map whose entries end. When it is full, the one written longest ago goes. The clock is an argument. */
export class TimedCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>()
  readonly #maxEntries: number

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs > nowMs) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: string, value: Value, untilMs: number): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#maxEntries) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, { value, untilMs })
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}
