import { GatewayError } from '../../core/errors.ts'
import { TimedCache } from '../../core/timed-cache.ts'
import { readSettings } from '../env.ts'
import type { Env } from '../env.ts'
import { recordKey } from './records.ts'
import type {
  ApiKeyRecord,
  OrganizationRecord,
  ProviderKeysRecord,
  SealedProviderKey,
} from './records.ts'

/** How the data plane reads: the isolate's memory, then KV. The reads are independent: do them all at once. */
export interface Replica {
  apiKey(hash: string): Promise<ApiKeyRecord | undefined>
  organization(id: string): Promise<OrganizationRecord | undefined>
  /** In choosing order; empty when there are none. */
  providerKeys(organizationId: string, provider: string): Promise<readonly SealedProviderKey[]>
  /** Makes this isolate look at KV again for everything of an organization, and for everything that was not there. */
  forget(organizationId: string): void
}

/** The shortest that KV allows. */
const KV_CACHE_SECONDS = 30
const MAX_MISS_SECONDS = 5
const MAX_RECORDS = 5_000
// Apart from the records: a flood of keys that do not exist must not drive out those that do.
const MAX_MISSES = 5_000
const MAX_FORGOTTEN = 5_000

/** A record, and the tick at which its reading began. */
interface Remembered<Found> {
  readonly record: Found
  readonly organizationId: string
  readonly tick: number
}

type Shelf<Found> = TimedCache<Remembered<Found>>

/**
 * Ticks order readings and forgettings. What was read before its organization was forgotten is stale, even where the
 * reading ended afterwards. Values are shared between requests, promises never: the platform may drop a promise with
 * the request that made it.
 */
class Memory {
  tick = 0
  lastForgottenTick = 0
  readonly apiKeys: Shelf<ApiKeyRecord> = new TimedCache(MAX_RECORDS)
  readonly organizations: Shelf<OrganizationRecord> = new TimedCache(MAX_RECORDS)
  readonly providerKeys: Shelf<ProviderKeysRecord> = new TimedCache(MAX_RECORDS)
  readonly misses = new TimedCache<number>(MAX_MISSES)
  readonly forgotten = new TimedCache<number>(MAX_FORGOTTEN)
}

const memories = new WeakMap<KVNamespace, Memory>()

/** The replica as this isolate sees it. */
export function replicaOf(env: Env): Replica {
  const memory = memoryOf(env.KEYWAY)
  const keptMs = readSettings(env).credentialCacheSeconds * 1000
  const from = { kv: env.KEYWAY, memory, keptMs }
  return {
    apiKey: (hash) =>
      read(from, memory.apiKeys, recordKey.apiKey(hash), (found) => found.organization_id),
    organization: (id) => read(from, memory.organizations, recordKey.organization(id), () => id),
    providerKeys: async (organizationId, provider) => {
      const name = recordKey.providerKeys(organizationId, provider)
      const found = await read(from, memory.providerKeys, name, () => organizationId)
      return found?.keys ?? []
    },
    forget: (organizationId) => {
      memory.tick += 1
      memory.lastForgottenTick = memory.tick
      memory.misses.clear()
      // The mark outlives every record that was remembered before it.
      memory.forgotten.set(organizationId, memory.tick, Date.now() + keptMs)
    },
  }
}

function memoryOf(kv: KVNamespace): Memory {
  const known = memories.get(kv)
  if (known) return known
  const memory = new Memory()
  memories.set(kv, memory)
  return memory
}

interface Source {
  readonly kv: KVNamespace
  readonly memory: Memory
  readonly keptMs: number
}

async function read<Found>(
  { kv, memory, keptMs }: Source,
  shelf: Shelf<Found>,
  name: string,
  organizationOf: (found: Found) => string,
): Promise<Found | undefined> {
  const remembered = shelf.get(name, Date.now())
  if (remembered && isFresh(memory, remembered)) return remembered.record
  if (memory.misses.get(name, Date.now()) !== undefined) return undefined
  memory.tick += 1
  const { tick } = memory
  const record = await readKv<Found>(kv, name)
  if (record !== undefined) {
    const organizationId = organizationOf(record)
    shelf.set(name, { record, organizationId, tick }, Date.now() + keptMs)
  } else if (tick > memory.lastForgottenTick) {
    memory.misses.set(name, tick, Date.now() + Math.min(keptMs, MAX_MISS_SECONDS * 1000))
  }
  return record
}

function isFresh<Found>(memory: Memory, { organizationId, tick }: Remembered<Found>): boolean {
  return tick > (memory.forgotten.get(organizationId, Date.now()) ?? 0)
}

async function readKv<Found>(kv: KVNamespace, name: string): Promise<Found | undefined> {
  try {
    const options = { type: 'json', cacheTtl: KV_CACHE_SECONDS } as const
    return (await kv.get<Found>(name, options)) ?? undefined
  } catch (cause) {
    throw new GatewayError('internal_error', 'A stored record could not be read. Try again.', {
      cause,
    })
  }
}
