/**
 * When keys were last used and what last went wrong with them, gathered in an isolate and told to the organization's
 * record now and then: a use costs a request an entry in a map. Pure: the clock is an argument.
 */

import { type Due, newDue, promiseToTake, wasTaken } from './due.ts'
import type { HealthNews } from './key-health.ts'

/** What last went wrong with a provider key or a private endpoint. Nothing that an upstream or a caller said is in it. */
export interface KeyError {
  readonly at: string
  /** The upstream's status; null where it gave none. */
  readonly status: number | null
  readonly message: string
}

/** One provider key, or private endpoint, that a request was tried with. */
export interface ProviderKeyUse {
  readonly id: string
  /** The name of the credential that it was used with; undefined where that says nothing. */
  readonly credential?: string | undefined
  /** A key whose credential is not to be had is not sent anywhere. Of an endpoint: whether it answered. */
  readonly wasTried: boolean
  /** Undefined where all was well. */
  readonly fault?: Omit<KeyError, 'at'>
  /** Undefined where nothing is known of it. */
  readonly health?: HealthNews | undefined
}

/** The keys that one request used. */
export interface RequestUse {
  readonly organizationId: string
  readonly apiKeyId: string
  readonly providerKeys: readonly ProviderKeyUse[]
}

/** What is told to the record: times and errors by the key's id. */
export interface KeyUse {
  readonly apiKeys: Readonly<Record<string, string>>
  /** Of provider keys when they were tried, of endpoints when they answered. */
  readonly providerKeys: Readonly<Record<string, string>>
  readonly errors: Readonly<Record<string, KeyError>>
  /** The names of the credentials that errors and health are about. What is told of one that was replaced is no news of the key. */
  readonly credentials?: Readonly<Record<string, string>>
  /** In the order in which it happened, once for each model. Not there where there is no news. */
  readonly health?: Readonly<Record<string, readonly ToldHealth[]>>
}

/** What happened to a key's health, and when. */
export interface ToldHealth {
  readonly at: string
  readonly news: HealthNews
}

export interface KeyUseLog {
  /** Notes the use; gives the milliseconds after which `take` is due, or undefined where that is seen to already. */
  note(use: RequestUse, nowMs: number): number | undefined
  /** All that was noted of an organization since the last time. */
  take(organizationId: string, nowMs: number): KeyUse | undefined
}

interface Pending extends Due {
  readonly apiKeys: Map<string, number>
  readonly providerKeys: Map<string, number>
  readonly errors: Map<string, KeyError>
  readonly credentials: Map<string, string>
  readonly health: Map<string, readonly NotedHealth[]>
}

interface NotedHealth {
  readonly atMs: number
  readonly news: HealthNews
}

export interface KeyUseLimits {
  /** How far apart two takings of one organization are. */
  readonly intervalMs: number
  readonly maxOrganizations: number
  /** Of each kind, in one organization; as many are due at once. */
  readonly maxKeys: number
}

/** An empty log. Where nobody takes and it is full, the oldest entries go: they are told again when the key is used again. */
export function keyUseLog({ intervalMs, maxOrganizations, maxKeys }: KeyUseLimits): KeyUseLog {
  const organizations = new Map<string, Pending>()

  const pendingOf = (organizationId: string): Pending => {
    const known = organizations.get(organizationId)
    if (known !== undefined) return known
    const pending: Pending = {
      ...newDue(),
      apiKeys: new Map(),
      providerKeys: new Map(),
      errors: new Map(),
      credentials: new Map(),
      health: new Map(),
    }
    setBounded(organizations, { key: organizationId, value: pending }, maxOrganizations)
    return pending
  }

  return {
    note({ organizationId, apiKeyId, providerKeys }, nowMs) {
      const pending = pendingOf(organizationId)
      setBounded(pending.apiKeys, { key: apiKeyId, value: nowMs }, maxKeys)
      for (const { id, credential, wasTried, fault, health } of providerKeys) {
        if (credential !== undefined) noteCredential(pending, { id, credential }, maxKeys)
        if (wasTried) setBounded(pending.providerKeys, { key: id, value: nowMs }, maxKeys)
        if (health !== undefined) {
          const value = withNews(pending.health.get(id) ?? [], { atMs: nowMs, news: health })
          setBounded(pending.health, { key: id, value }, maxKeys)
        }
        if (fault === undefined) continue
        const error = { at: new Date(nowMs).toISOString(), ...fault }
        setBounded(pending.errors, { key: id, value: error }, maxKeys)
      }
      const isFull = Math.max(pending.apiKeys.size, pending.providerKeys.size) >= maxKeys
      return promiseToTake(pending, { intervalMs, isFull }, nowMs)
    },

    take(organizationId, nowMs) {
      const pending = organizations.get(organizationId)
      if (pending === undefined || pending.apiKeys.size === 0) return undefined
      const use: KeyUse = {
        apiKeys: timesOf(pending.apiKeys),
        providerKeys: timesOf(pending.providerKeys),
        errors: Object.fromEntries(pending.errors),
        ...(pending.credentials.size === 0
          ? {}
          : { credentials: Object.fromEntries(pending.credentials) }),
        ...(pending.health.size === 0 ? {} : { health: toldOf(pending.health) }),
      }
      const { apiKeys, providerKeys, errors, credentials, health } = pending
      for (const map of [apiKeys, providerKeys, errors, credentials, health]) map.clear()
      wasTaken(pending, nowMs)
      return use
    },
  }
}

/** What was found with one credential is nothing of another under the same id. */
function noteCredential(
  { credentials, errors, health }: Pending,
  { id, credential }: { readonly id: string; readonly credential: string },
  maxKeys: number,
): void {
  const known = credentials.get(id)
  if (known !== undefined && known !== credential) {
    errors.delete(id)
    health.delete(id)
  }
  setBounded(credentials, { key: id, value: credential }, maxKeys)
}

/** Of one key, what happened last is told for so many models. */
const MAX_MODELS = 8

/** News of one model is none of another. That a key answered says less than what is to be told of it already. */
function withNews(known: readonly NotedHealth[], noted: NotedHealth): readonly NotedHealth[] {
  if (noted.news.kind === 'answered') return known.length === 0 ? [noted] : known
  const model = modelOf(noted.news)
  const others = known.filter(({ news }) => modelOf(news) !== model && news.kind !== 'answered')
  return [...others, noted].slice(-MAX_MODELS)
}

function modelOf(news: HealthNews): string | null | undefined {
  if (news.kind === 'answered') return undefined
  return news.kind === 'troubled' ? news.health.model : news.model
}

function setBounded<Value>(
  map: Map<string, Value>,
  { key, value }: { readonly key: string; readonly value: Value },
  maxEntries: number,
): void {
  if (!map.has(key) && map.size >= maxEntries) {
    const oldest = map.keys().next()
    if (!oldest.done) map.delete(oldest.value)
  }
  map.set(key, value)
}

function timesOf(map: ReadonlyMap<string, number>): Record<string, string> {
  return Object.fromEntries(Array.from(map, ([id, ms]) => [id, new Date(ms).toISOString()]))
}

function toldOf(map: Pending['health']): Record<string, readonly ToldHealth[]> {
  return Object.fromEntries(
    Array.from(map, ([id, all]) => [
      id,
      all.map(({ atMs, news }) => ({ at: new Date(atMs).toISOString(), news })),
    ]),
  )
}
