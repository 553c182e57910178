import type { StoredCredential } from '../core/credentials.ts'
import { GatewayError, invalidRequest } from '../core/errors.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import type { JsonObject } from '../core/parse.ts'
import type { ProviderKey, StoredProviderKey } from './entities.ts'
import { readSettings } from './env.ts'
import type { Env } from './env.ts'
import { objectOf } from './json-column.ts'
import type { MasterKeys } from './master-keys.ts'
import type { Page, PageRequest } from './page.ts'
import { changeRecord, newId, recordOf, valueOf } from './record-access.ts'
import type { WriteContext } from './record-access.ts'
import type { SealedProviderKey } from './records.ts'
import { open, seal } from './sealed.ts'
import type { SealBinding } from './sealed.ts'

/** What a new provider key is made of. The credential has been checked; it is sealed before it leaves the Worker. */
export interface NewProviderKey {
  readonly provider: string
  readonly credential: StoredCredential
  readonly hint: string | null
  readonly name: string
  readonly api_key_ids: readonly string[]
  readonly priority: number
  readonly models: readonly string[]
  readonly disabled: boolean
  readonly settings: JsonObject
}

const PROVIDER_KEY = 'provider key'

/** Makes a provider key; every `api_key_ids` entry must be an API key of the organization. */
export async function createProviderKey(
  context: WriteContext,
  organizationId: string,
  { credential, ...input }: NewProviderKey,
): Promise<ProviderKey> {
  const { env, by } = context
  const id = newId('pk', context)
  const createdAt = context.now().toISOString()
  const key: StoredProviderKey = {
    id,
    ...input,
    settings: JSON.stringify(input.settings),
    created_at: createdAt,
    created_by: by,
    updated_at: createdAt,
    last_used_at: null,
    last_error: null,
  }
  const reply = await changeRecord(env, organizationId, async (record) => {
    const binding = credentialBinding(organizationId, id)
    const { masterKeys } = readSettings(env)
    return record.createProviderKey(
      key,
      await seal(masterKeys, binding, JSON.stringify(credential)),
    )
  })
  if (reply.kind === 'unknown-api-key') {
    const field = `api_key_ids[${reply.index}]`
    throw invalidRequest(`${field} is not the id of an API key of this organization.`, field)
  }
  return providerKeyOf(valueOf(reply, PROVIDER_KEY))
}

/** One provider key, without its credential. */
export async function getProviderKey(
  env: Env,
  organizationId: string,
  id: string,
): Promise<ProviderKey> {
  const reply = await recordOf(env, organizationId).getProviderKey(id)
  return providerKeyOf(valueOf(reply, PROVIDER_KEY))
}

/** The organization's provider keys, oldest first. */
export async function listProviderKeys(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<ProviderKey>> {
  const reply = await recordOf(env, organizationId).listProviderKeys(page)
  const { items, next } = valueOf(reply, PROVIDER_KEY)
  return { items: items.map(providerKeyOf), next }
}

/** Removes a provider key with its credential. */
export async function deleteProviderKey(
  env: Env,
  organizationId: string,
  id: string,
): Promise<void> {
  const reply = await changeRecord(
    env,
    organizationId,
    async (record) => await record.deleteProviderKey(id),
  )
  valueOf(reply, PROVIDER_KEY)
}

/** What a provider key stores: its credential, or where that is. Hold it no longer than the request takes. */
export async function openCredential(
  masterKeys: MasterKeys,
  organizationId: string,
  { id, sealed }: SealedProviderKey,
): Promise<StoredCredential> {
  const text = await open(masterKeys, credentialBinding(organizationId, id), sealed)
  const credential = tryParseJson(text)
  if (isCredential(credential)) return credential
  throw new GatewayError('internal_error', 'A stored credential has no kind.')
}

/** What opens under this binding was checked in full by its provider's parser before it was sealed. */
function isCredential(value: unknown): value is StoredCredential {
  return isObject(value) && typeof value['kind'] === 'string'
}

function credentialBinding(organizationId: string, providerKeyId: string): SealBinding {
  return { organizationId, recordId: providerKeyId, purpose: 'provider-key' }
}

/** In the contract's order of fields. */
function providerKeyOf(stored: StoredProviderKey): ProviderKey {
  return {
    id: stored.id,
    provider: stored.provider,
    name: stored.name,
    created_at: stored.created_at,
    created_by: stored.created_by,
    api_key_ids: stored.api_key_ids,
    priority: stored.priority,
    models: stored.models,
    disabled: stored.disabled,
    hint: stored.hint,
    settings: objectOf(stored.settings),
    updated_at: stored.updated_at,
    last_used_at: stored.last_used_at,
    last_error: stored.last_error,
  }
}
