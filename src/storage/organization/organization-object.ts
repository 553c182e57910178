import { DurableObject } from 'cloudflare:workers'
import type { Ask, Terms } from '../../limits/terms.ts'
import type { Env } from '../env.ts'
import type { KeyUse } from '../use/key-use.ts'
import type { UsageBatch } from '../use/usage-log.ts'
import { keepReplacedHash } from './api-key-table.ts'
import { applyDelete, applyInsert, applyUpdate, mayChange, type Scope } from './apply-change.ts'
import { type AuditFilter, listAudit, writeAuditNote } from './audit-table.ts'
import type { Change, ChangeReply, Reply, StoredEntity } from './change.ts'
import {
  applyConnectorToken,
  type ConnectorPlace,
  endpointsWithConnectors,
  findConnectorPlace,
  liveConnectorHashes,
  type NewConnectorToken,
} from './connector-tokens.ts'
import { findEndpointRecord } from './endpoint-table.ts'
import type { Organization } from './entities.ts'
import { parsedObject } from './json-column.ts'
import { recordKeyUse } from './key-use-table.ts'
import { type LimitLedgers, limitLedgersOf } from './limit-ledgers.ts'
import { applySchema, hasSchema } from './organization-schema.ts'
import { deleteEverything, markEverythingStale, readOrganization } from './organization-table.ts'
import type { Page, PageRequest } from './page.ts'
import { findSealedKey } from './provider-key-table.ts'
import { publisherOf } from './publish.ts'
import { readUsage, type UsageQuery, type UsageReport } from './read-usage.ts'
import {
  replaceSealed,
  type ResealedValue,
  type SealedState,
  sealedState,
} from './sealed-columns.ts'
import { findRow, listRows, publicFields } from './table.ts'
import { type ResourceName, tables } from './tables.ts'
import { findToken, type KnownToken } from './token-table.ts'
import { addUsage } from './usage-table.ts'

const UNKNOWN = { kind: 'unknown-organization' } as const

/** A part of the organization that is not the organization itself. */
type Owned = Exclude<ResourceName, 'organization'>

/**
 * The record of one organization. Every change is one transaction together with what it makes out of date in KV; the
 * answer comes after the first attempt to publish it. An organization that does not exist leaves no trace.
 */
export class OrganizationObject extends DurableObject<Env> {
  readonly #sql: SqlStorage
  readonly #publish: () => Promise<void>
  readonly #ledgers: LimitLedgers

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#publish = publisherOf(ctx.storage, env)
    this.#ledgers = limitLedgersOf(this.#sql)
    if (hasSchema(this.#sql)) ctx.storage.transactionSync(() => applySchema(this.#sql))
  }

  /** Tries again what could not be published, and ends what has come to its end. */
  override async alarm(): Promise<void> {
    await this.#publish()
  }

  /** Makes the organization, unless there is one already that another request made. */
  async create(fields: string, change: Change): Promise<ChangeReply> {
    const input = parsedObject(fields)
    return this.#commit((): ChangeReply => {
      applySchema(this.#sql)
      const scope = { sql: this.#sql, organizationId: String(input['id']) }
      return applyInsert(scope, tables.organization, { fields: input, change })
    })
  }

  get(): Reply<StoredEntity> {
    return this.#within(({ id }) => this.#entity('organization', id))
  }

  async update(fields: string, change: Change): Promise<ChangeReply> {
    const input = parsedObject(fields)
    return this.#change((scope) =>
      applyUpdate(scope, tables.organization, { id: scope.organizationId, fields: input, change }),
    )
  }

  /**
   * Removes the organization, all that it owns, and every trace of it in KV and in the directory. The answer lists the
   * endpoints that connectors may be online for.
   */
  async delete(change: Change): Promise<ChangeReply> {
    return this.#change(({ sql, organizationId: id }) => {
      const row = findRow(sql, tables.organization, id)
      if (!row) return UNKNOWN
      if (!mayChange(change, row)) return { kind: 'other-version' }
      const json = JSON.stringify(endpointsWithConnectors(sql))
      markEverythingStale(sql, id)
      deleteEverything(sql)
      return { kind: 'ok', value: { json, version: 0, replayed: null } }
    })
  }

  async insertOwned(resource: Owned, fields: string, change: Change): Promise<ChangeReply> {
    const input = parsedObject(fields)
    return this.#change((scope) => applyInsert(scope, tables[resource], { fields: input, change }))
  }

  findOwned(resource: Owned, id: string): Reply<StoredEntity> {
    return this.#within(() => this.#entity(resource, id))
  }

  /** What the data plane would get of a provider key. */
  findSealedProviderKey(id: string): Reply<{ provider: string; json: string }> {
    return this.#within(() => findSealedKey(this.#sql, id))
  }

  /** What the data plane gets of an endpoint, as JSON. */
  findEndpointRecord(id: string): Reply<string> {
    return this.#within(() => findEndpointRecord(this.#sql, id))
  }

  listOwned(resource: Owned, page: PageRequest): Reply<Page<string>> {
    return this.#within(() => {
      const { items, next } = listRows(this.#sql, tables[resource], page)
      return { items: items.map((row) => textOf(resource, row)), next }
    })
  }

  /** Changes the fields that are named; what is not named stays. */
  async updateOwned(
    resource: Owned,
    { id, fields }: { id: string; fields: string },
    change: Change,
  ): Promise<ChangeReply> {
    const input = parsedObject(fields)
    return this.#change((scope) =>
      applyUpdate(scope, tables[resource], { id, fields: input, change }),
    )
  }

  /** Provider keys that name an API key keep naming it: an emptied list would open them to the organization. */
  async deleteOwned(resource: Owned, id: string, change: Change): Promise<ChangeReply> {
    return this.#change((scope) => applyDelete(scope, tables[resource], { id, change }))
  }

  /** Gives an API key a new hash; the one before works until `validUntil`. */
  async rotateApiKey(
    id: string,
    next: { hash: string; hint: string; validUntil: string },
    change: Change,
  ): Promise<ChangeReply> {
    const { hash, hint, validUntil } = next
    return this.#change((scope) =>
      applyUpdate(scope, tables.api_key, {
        id,
        fields: { hash, hint },
        alongside: (before) => keepReplacedHash(this.#sql, before, validUntil),
        change,
      }),
    )
  }

  async addConnectorToken(
    id: string,
    token: NewConnectorToken,
    change: Change,
  ): Promise<ChangeReply> {
    return this.#change((scope) => applyConnectorToken(scope, id, { token, change }))
  }

  /** The endpoint that a connector's token is of. */
  findConnectorPlace(hash: string): Reply<ConnectorPlace> {
    return this.#within(() => findConnectorPlace(this.#sql, hash))
  }

  liveConnectorHashes(endpointId: string): Reply<string[]> {
    return this.#within(() => liveConnectorHashes(this.#sql, endpointId))
  }

  /** The management token with this hash, be it expired or not. */
  findToken(hash: string): Reply<KnownToken> {
    return this.#within(() => findToken(this.#sql, hash))
  }

  sealedState(masterKeyId: string): Reply<SealedState> {
    return this.#within(() => sealedState(this.#sql, masterKeyId))
  }

  /** Puts new seals in the place of old ones; gives the number of those that were still as they were. */
  async replaceSealed(values: readonly ResealedValue[], change: Change): Promise<Reply<number>> {
    return this.#change<Reply<number>>((scope) => {
      const value = replaceSealed(scope, values)
      const note = {
        resource: 'organization',
        id: scope.organizationId,
        after: { resealed: value },
      }
      writeAuditNote(this.#sql, change, note)
      return { kind: 'ok', value }
    })
  }

  /** Publishes everything once more, for a replica that has lost something; gives the number of records in KV. */
  async republish(change: Change): Promise<Reply<number>> {
    return this.#change<Reply<number>>(({ sql, organizationId: id }) => {
      const value = markEverythingStale(sql, id, Date.now())
      writeAuditNote(sql, change, { resource: 'organization', id, after: { republished: value } })
      return { kind: 'ok', value }
    })
  }

  auditLog(filter: AuditFilter, page: PageRequest): Reply<Page<string>> {
    return this.#within(() => listAudit(this.#sql, filter, page))
  }

  #entity(resource: ResourceName, id: string): StoredEntity | undefined {
    const row = findRow(this.#sql, tables[resource], id)
    return row && { json: textOf(resource, row), version: Number(row['version']) }
  }

  /** What the data plane tells of the keys' use; no change of the record, so nothing of it is published. */
  keysWereUsed(use: KeyUse): void {
    if (this.#organization()) this.ctx.storage.transactionSync(() => recordKeyUse(this.#sql, use))
  }

  /** Counts requests, once however often the batch is told. */
  addUsage(batch: UsageBatch): void {
    if (this.#organization()) addUsage(this.ctx.storage, batch, Date.now())
  }

  /** Lends a share of what an API key may use. */
  lend(apiKeyId: string, ask: Ask): Reply<Terms> {
    return this.#within(() => this.#ledgers.lend(apiKeyId, ask, Date.now()))
  }

  usage(query: UsageQuery): Reply<UsageReport> {
    return this.#within(() => readUsage(this.#sql, query))
  }

  #organization(): Organization | undefined {
    return hasSchema(this.#sql) ? readOrganization(this.#sql) : undefined
  }

  /** Asks an organization that exists, or has it note what is no change of what it owns. */
  #within<Value>(find: (organization: Organization) => Value | undefined): Reply<Value> {
    const organization = this.#organization()
    if (!organization) return UNKNOWN
    const value = find(organization)
    return value === undefined ? { kind: 'not-found' } : { kind: 'ok', value }
  }

  /** A change of what the organization owns. */
  async #change<Answer>(change: (scope: Scope) => Answer): Promise<Answer | typeof UNKNOWN> {
    const organization = this.#organization()
    if (!organization) return UNKNOWN
    return this.#commit(() => change({ sql: this.#sql, organizationId: organization.id }))
  }

  async #commit<Answer>(change: () => Answer): Promise<Answer> {
    const answer = this.ctx.storage.transactionSync(change)
    await this.#publish()
    return answer
  }
}

function textOf(resource: ResourceName, row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(publicFields(tables[resource], row))
}
