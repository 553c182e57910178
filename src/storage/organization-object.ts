import { DurableObject } from 'cloudflare:workers'
import {
  apiKeyHashes,
  deleteApiKey,
  findApiKey,
  insertApiKey,
  listApiKeys,
} from './api-key-table.ts'
import type { ApiKey, Organization, Reply, StoredProviderKey } from './entities.ts'
import type { Env } from './env.ts'
import { applySchema, hasSchema } from './organization-schema.ts'
import { deleteEverything, insertOrganization, readOrganization } from './organization-table.ts'
import { outboxOf } from './outbox.ts'
import type { Page, PageRequest } from './page.ts'
import {
  deleteProviderKey,
  findProviderKey,
  insertProviderKey,
  listProviderKeys,
  providersWithKeys,
} from './provider-key-table.ts'
import { publisherOf } from './publish.ts'

const UNKNOWN = { kind: 'unknown-organization' } as const
const NOT_FOUND = { kind: 'not-found' } as const

type UnknownApiKey = { readonly kind: 'unknown-api-key'; readonly index: number }

/**
 * The record of one organization. Every change is one transaction together with what it makes out of date in KV; the
 * answer comes after the first attempt to publish it. An organization that does not exist leaves no trace.
 */
export class OrganizationObject extends DurableObject<Env> {
  readonly #sql: SqlStorage
  readonly #publish: () => Promise<void>

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#publish = publisherOf(ctx.storage, env)
    if (hasSchema(this.#sql)) ctx.storage.transactionSync(() => applySchema(this.#sql))
  }

  /** Tries again what could not be published. */
  override async alarm(): Promise<void> {
    await this.#publish()
  }

  /** Makes the organization; false when there is one already. */
  async create(organization: Organization): Promise<boolean> {
    return this.#commit((): boolean => {
      if (hasSchema(this.#sql)) return false
      applySchema(this.#sql)
      insertOrganization(this.#sql, organization)
      outboxOf(this.#sql, organization.id).organization()
      return true
    })
  }

  get(): Reply<Organization> {
    return this.#read((organization) => organization)
  }

  /** Removes the organization, all that it owns, and every trace of it in KV and in the directory. */
  async delete(): Promise<Reply<null>> {
    return this.#change<Reply<null>>((outbox) => {
      for (const hash of apiKeyHashes(this.#sql)) outbox.apiKey(hash)
      for (const provider of providersWithKeys(this.#sql)) outbox.providerKeys(provider)
      outbox.organization()
      deleteEverything(this.#sql)
      return { kind: 'ok', value: null }
    })
  }

  async createApiKey(key: ApiKey, hash: string): Promise<Reply<ApiKey>> {
    return this.#change<Reply<ApiKey>>((outbox) => {
      insertApiKey(this.#sql, key, hash)
      outbox.apiKey(hash)
      return { kind: 'ok', value: key }
    })
  }

  getApiKey(id: string): Reply<ApiKey> {
    return this.#read(() => findApiKey(this.#sql, id))
  }

  listApiKeys(page: PageRequest): Reply<Page<ApiKey>> {
    return this.#read(() => listApiKeys(this.#sql, page))
  }

  /** Provider keys that name this API key keep naming it: an emptied list would open them to the organization. */
  async deleteApiKey(id: string): Promise<Reply<null>> {
    return this.#change<Reply<null>>((outbox) => {
      const hash = deleteApiKey(this.#sql, id)
      if (hash === undefined) return NOT_FOUND
      outbox.apiKey(hash)
      return { kind: 'ok', value: null }
    })
  }

  /** `unknown-api-key` gives the position of an `api_key_ids` entry that is not one of the organization's keys. */
  async createProviderKey(
    key: StoredProviderKey,
    sealed: string,
  ): Promise<Reply<StoredProviderKey> | UnknownApiKey> {
    return this.#change<Reply<StoredProviderKey> | UnknownApiKey>((outbox) => {
      const index = key.api_key_ids.findIndex((apiKeyId) => !findApiKey(this.#sql, apiKeyId))
      if (index >= 0) return { kind: 'unknown-api-key', index }
      insertProviderKey(this.#sql, key, sealed)
      outbox.providerKeys(key.provider)
      return { kind: 'ok', value: key }
    })
  }

  getProviderKey(id: string): Reply<StoredProviderKey> {
    return this.#read(() => findProviderKey(this.#sql, id))
  }

  listProviderKeys(page: PageRequest): Reply<Page<StoredProviderKey>> {
    return this.#read(() => listProviderKeys(this.#sql, page))
  }

  async deleteProviderKey(id: string): Promise<Reply<null>> {
    return this.#change<Reply<null>>((outbox) => {
      const provider = deleteProviderKey(this.#sql, id)
      if (provider === undefined) return NOT_FOUND
      outbox.providerKeys(provider)
      return { kind: 'ok', value: null }
    })
  }

  #organization(): Organization | undefined {
    return hasSchema(this.#sql) ? readOrganization(this.#sql) : undefined
  }

  #read<Value>(find: (organization: Organization) => Value | undefined): Reply<Value> {
    const organization = this.#organization()
    if (!organization) return UNKNOWN
    const value = find(organization)
    return value === undefined ? NOT_FOUND : { kind: 'ok', value }
  }

  /** A change of what the organization owns; `outbox` is told what it makes out of date. */
  async #change<Answer>(
    change: (outbox: ReturnType<typeof outboxOf>) => Answer,
  ): Promise<Answer | typeof UNKNOWN> {
    const organization = this.#organization()
    if (!organization) return UNKNOWN
    return this.#commit(() => change(outboxOf(this.#sql, organization.id)))
  }

  async #commit<Answer>(change: () => Answer): Promise<Answer> {
    const answer = this.ctx.storage.transactionSync(change)
    await this.#publish()
    return answer
  }
}
