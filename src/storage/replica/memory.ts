import { TimedCache } from '../../core/timed-cache.ts'
import type { ApiKeyRecord, OrganizationRecord, ProviderKeysRecord } from './records.ts'

/** What an isolate remembers of the replica. */

const MAX_RECORDS = 5_000
/** Characters of the records' text, on three shelves of an isolate that has 128 MB for everybody's streams. */
const MAX_CHARACTERS = { apiKeys: 2 ** 21, organizations: 2 ** 23, providerKeys: 3 * 2 ** 22 }
// Apart from the records: a flood of keys that do not exist must not drive out those that do.
const MAX_MISSES = 5_000
const MAX_FORGOTTEN = 5_000

/** A record, and the tick at which its reading began. */
export interface Remembered<Found> {
  readonly record: Found
  readonly characters: number
  readonly organizationId: string
  readonly tick: number
  freshUntilMs: number
}

/** That an organization was forgotten at a tick, and when KV will have settled. */
interface Forgotten {
  readonly tick: number
  readonly settledMs: number
}

export type Shelf<Found> = TimedCache<Remembered<Found>>

function newShelf<Found>(maxSize: number): Shelf<Found> {
  return new TimedCache(MAX_RECORDS, { maxSize, sizeOf: ({ characters }) => characters })
}

/**
 * Ticks order readings and forgettings. What was read before its organization was forgotten is stale, even where the
 * reading ended afterwards. Values are shared between requests, promises never: the platform may drop a promise with
 * the request that made it.
 */
export class Memory {
  tick = 0
  lastForgottenTick = 0
  readonly apiKeys = newShelf<ApiKeyRecord>(MAX_CHARACTERS.apiKeys)
  readonly organizations = newShelf<OrganizationRecord>(MAX_CHARACTERS.organizations)
  readonly providerKeys = newShelf<ProviderKeysRecord>(MAX_CHARACTERS.providerKeys)
  readonly misses = new TimedCache<number>(MAX_MISSES)
  readonly forgotten = new TimedCache<Forgotten>(MAX_FORGOTTEN)

  /** What is known of a name and was not forgotten, fresh or not. */
  recall<Found>(shelf: Shelf<Found>, name: string, nowMs: number): Remembered<Found> | undefined {
    const known = shelf.get(name, nowMs)
    if (known === undefined) return undefined
    const forgottenTick = this.forgotten.get(known.organizationId, nowMs)?.tick ?? 0
    return known.tick > forgottenTick ? known : undefined
  }
}

const memories = new WeakMap<KVNamespace, Memory>()

/** The one memory that this isolate has of a KV namespace. */
export function memoryOf(kv: KVNamespace): Memory {
  const known = memories.get(kv)
  if (known) return known
  const memory = new Memory()
  memories.set(kv, memory)
  return memory
}
