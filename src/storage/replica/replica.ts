import { GatewayError } from '../../core/errors.ts'
import { type Env, readSettings } from '../env.ts'
import { type Memory, memoryOf, type Shelf } from './memory.ts'
import { readText } from './read-text.ts'
import {
  type ApiKeyRecord,
  type OrganizationRecord,
  recordKey,
  type SealedProviderKey,
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

const MAX_MISS_MS = 5000
/** How long a record that has ended may take the place of one that KV does not give. docs/storage.md says so. */
const GRACE_MS = 120_000
/** How soon KV is asked again where it failed, and where its own cache may still have what was before a change. */
const SOON_MS = 5000
/** About when KV has a change everywhere. */
const SETTLED_MS = 120_000
const RETRY_AFTER_SECONDS = 5

/** The replica as this isolate sees it. */
export function replicaOf(env: Env): Replica {
  const memory = memoryOf(env.KEYWAY)
  const keptMs = readSettings(env).credentialCacheSeconds * 1000
  const from = { kv: env.KEYWAY, memory, keptMs, endsMs: keptMs === 0 ? 0 : keptMs + GRACE_MS }
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
      const nowMs = Date.now()
      const mark = { tick: memory.tick, settledMs: nowMs + SETTLED_MS }
      // The mark outlives every record that was remembered before it.
      memory.forgotten.set(organizationId, mark, nowMs + from.endsMs)
    },
  }
}

interface Source {
  readonly kv: KVNamespace
  readonly memory: Memory
  /** How long what was read is fresh. */
  readonly keptMs: number
  /** How long it is there at all. */
  readonly endsMs: number
}

async function read<Found>(
  from: Source,
  shelf: Shelf<Found>,
  name: string,
  organizationOf: (found: Found) => string,
): Promise<Found | undefined> {
  const { memory } = from
  const nowMs = Date.now()
  const known = memory.recall(shelf, name, nowMs)
  if (known !== undefined && known.freshUntilMs > nowMs) return known.record
  if (memory.misses.get(name, nowMs) !== undefined) return undefined
  memory.tick += 1
  const { tick } = memory
  try {
    // Most failures of KV are over in a moment.
    const text = await readText(from.kv, name).catch(() => readText(from.kv, name))
    return keep(from, shelf, { name, text, tick, organizationOf })
  } catch (cause) {
    return inItsPlace(memory, shelf, name, cause)
  }
}

interface Reading<Found> {
  readonly name: string
  readonly text: string | null
  readonly tick: number
  readonly organizationOf: (found: Found) => string
}

/** Remembers what KV gave. */
function keep<Found>(
  { memory, keptMs, endsMs }: Source,
  shelf: Shelf<Found>,
  { name, text, tick, organizationOf }: Reading<Found>,
): Found | undefined {
  const nowMs = Date.now()
  shelf.sweep(nowMs)
  if (text === null) {
    shelf.delete(name)
    if (tick > memory.lastForgottenTick) {
      memory.misses.set(name, tick, nowMs + Math.min(keptMs, MAX_MISS_MS))
    }
    return undefined
  }
  const record: Found = JSON.parse(text)
  const organizationId = organizationOf(record)
  const settledMs = memory.forgotten.get(organizationId, nowMs)?.settledMs ?? 0
  const freshUntilMs = nowMs + (settledMs > nowMs ? Math.min(keptMs, SOON_MS) : keptMs)
  const characters = text.length
  shelf.set(name, { record, characters, organizationId, tick, freshUntilMs }, nowMs + endsMs)
  return record
}

/** What is left of a record that KV does not give. It counts as fresh for a moment: not every call is to wait for KV. */
function inItsPlace<Found>(
  memory: Memory,
  shelf: Shelf<Found>,
  name: string,
  cause: unknown,
): Found {
  const nowMs = Date.now()
  const left = memory.recall(shelf, name, nowMs)
  if (left === undefined) {
    throw new GatewayError('unavailable', 'A stored record could not be read. Try again.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause,
    })
  }
  left.freshUntilMs = Math.max(left.freshUntilMs, nowMs + SOON_MS)
  return left.record
}
