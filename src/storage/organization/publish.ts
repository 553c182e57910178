import type { Env } from '../env.ts'
import { isOverWithin } from '../is-over-within.ts'
import type { ApiKeyRecord, OrganizationRecord, ProviderKeysRecord } from '../replica/records.ts'
import { apiKeyRecord } from './api-key-table.ts'
import type { DirectoryObject } from './directory-object.ts'
import { nextEndMs, removeEnded } from './endings.ts'
import { hasSchema } from './organization-schema.ts'
import { organizationRecord, readOrganization } from './organization-table.ts'
import {
  type DirtyKind,
  dueEntries,
  markAgain,
  nextDueMs,
  type OutboxEntry,
  postpone,
  settle,
} from './outbox.ts'
import { providerKeysRecord } from './provider-key-table.ts'

/** An invocation may call other services a thousand times; a deletion can need more, and goes on in the alarm. */
const MAX_ENTRIES_AT_ONCE = 200

/** Each holds a value of megabytes at worst, and no more connections than these are open at once in any case. */
const MAX_WRITES_AT_ONCE = 6

/** A write that is not over by then is taken for failed. */
const WRITE_LIMIT_MS = 15_000

/** Whoever made a change does not wait longer for its publication, which goes on behind the answer. */
const ANSWER_LIMIT_MS = 4_000

/** Long enough for an ordinary publication to end first, short enough to make up for a crash in the middle of one. */
const SAFETY_ALARM_MS = 5_000

/**
 * Gives the function that brings the replica up to date. It resolves when everything that was due has been tried, or has
 * taken too long to wait for: what is left stays in the outbox with an alarm set, so it never rejects for the replica's sake.
 */
export function publisherOf(storage: DurableObjectStorage, env: Env): () => Promise<void> {
  let running = Promise.resolve()
  return async () => {
    if (!hasSchema(storage.sql)) return
    storage.transactionSync(() => removeEnded(storage.sql, Date.now()))
    if (nextDueMs(storage.sql) === undefined) {
      await rest(storage)
      return
    }
    // No await since the commit: the platform writes both or neither, so no crash can lose the publication.
    const alarm = storage.setAlarm(Date.now() + SAFETY_ALARM_MS)
    // One at a time: two puts of the same key on their way at once could arrive in the wrong order.
    const drained = async (): Promise<void> => drain(storage, env)
    running = running.then(drained, drained)
    await Promise.all([alarm, isOverWithin(ANSWER_LIMIT_MS, running)])
  }
}

async function drain(storage: DurableObjectStorage, env: Env): Promise<void> {
  const { sql } = storage
  // A deletion that waited in front of this one may have ended with nothing left.
  if (!hasSchema(sql)) return
  const onTheWay = new Set<string>()
  let left = MAX_ENTRIES_AT_ONCE
  // Asked for each anew: a change that is made meanwhile is the next to go.
  const next = (): OutboxEntry | undefined =>
    left-- > 0
      ? dueEntries(sql, Date.now(), MAX_WRITES_AT_ONCE).find(({ target }) => !onTheWay.has(target))
      : undefined
  const publishRest = async (): Promise<void> => {
    for (let entry = next(); entry !== undefined; entry = next()) {
      onTheWay.add(entry.target)
      await attempt(storage, env, entry)
      onTheWay.delete(entry.target)
    }
  }
  await Promise.all(Array.from({ length: MAX_WRITES_AT_ONCE }, publishRest))
  await rest(storage)
}

async function attempt(storage: DurableObjectStorage, env: Env, entry: OutboxEntry): Promise<void> {
  const { sql } = storage
  try {
    const write = publishEntry(sql, env, entry)
    if (await isOverWithin(WRITE_LIMIT_MS, write)) {
      settle(sql, entry)
      return
    }
    // It may arrive yet, and behind a newer one: then what it wrote is out of date.
    const again = async (): Promise<void> => {
      if (!hasSchema(sql)) return removePublished(env, entry)
      markAgain(sql, entry)
      await rest(storage)
    }
    write.then(again).catch(() => undefined)
  } catch {
    // Nothing to tell anyone: the row stays, with its number of attempts.
  }
  postpone(sql, entry, Date.now())
}

/** Sees to it that the object wakes when there is something to do again, or is gone where its organization is. */
async function rest(storage: DurableObjectStorage): Promise<void> {
  const { sql } = storage
  const times = [nextDueMs(sql), nextEndMs(sql)].filter((time) => time !== undefined)
  if (times.length > 0) await storage.setAlarm(Math.max(Math.min(...times), Date.now()))
  else if (readOrganization(sql)) await storage.deleteAlarm()
  else await Promise.all([storage.deleteAlarm(), storage.deleteAll()])
}

async function publishEntry(sql: SqlStorage, env: Env, entry: OutboxEntry): Promise<void> {
  if (entry.kind === 'directory') {
    const organization = readOrganization(sql)
    await (organization ? directoryOf(env).put(organization) : removePublished(env, entry))
    return
  }
  const record = recordFor(sql, entry, entry.kind)
  await (record
    ? env.KEYWAY.put(entry.target, JSON.stringify(record))
    : removePublished(env, entry))
}

async function removePublished(
  env: Env,
  { kind, target, organization_id: id }: OutboxEntry,
): Promise<void> {
  await (kind === 'directory' ? directoryOf(env).remove(id) : env.KEYWAY.delete(target))
}

const directoryOf = (env: Env): DurableObjectStub<DirectoryObject> =>
  env.DIRECTORY.getByName('directory')

/** The newest state of a KV record, or undefined when there is to be none. */
function recordFor(
  sql: SqlStorage,
  { subject, organization_id }: OutboxEntry,
  kind: Exclude<DirtyKind, 'directory'>,
): ApiKeyRecord | OrganizationRecord | ProviderKeysRecord | undefined {
  switch (kind) {
    case 'api-key':
      return apiKeyRecord(sql, organization_id, subject)
    case 'organization':
      return organizationRecord(sql)
    case 'provider-keys':
      return providerKeysRecord(sql, subject)
    default:
      return kind satisfies never
  }
}
