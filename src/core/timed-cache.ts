interface Entry<Value> {
  readonly value: Value
  readonly untilMs: number
}

/** How much the values may weigh together, in whatever `sizeOf` counts. */
interface Weight<Value> {
  readonly maxSize: number
  readonly sizeOf: (value: Value) => number
}

const WEIGHTLESS: Weight<unknown> = { maxSize: Infinity, sizeOf: () => 0 }

/** A bounded map whose entries end. When it is full, the ones written longest ago go. The clock is an argument. */
export class TimedCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #maxEntries: number
  readonly #weight: Weight<Value>
  #weighs = 0

  constructor(maxEntries: number, weight: Weight<Value> = WEIGHTLESS) {
    this.#maxEntries = maxEntries
    this.#weight = weight
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.untilMs > nowMs) return entry.value
    this.delete(key)
    return undefined
  }

  /** A value that alone weighs too much is not kept. */
  set(key: string, value: Value, untilMs: number): void {
    this.delete(key)
    const { maxSize, sizeOf } = this.#weight
    const size = sizeOf(value)
    if (size > maxSize) return
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#maxEntries && this.#weighs + size <= maxSize) break
      this.delete(oldest)
    }
    this.#entries.set(key, { value, untilMs })
    this.#weighs += size
  }

  /** Drops what has ended, oldest first, up to the first that has not: it costs no more than what it drops. */
  sweep(nowMs: number): void {
    for (const [key, { untilMs }] of this.#entries) {
      if (untilMs > nowMs) return
      this.delete(key)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#weighs -= this.#weight.sizeOf(entry.value)
  }

  clear(): void {
    this.#entries.clear()
    this.#weighs = 0
  }
}
