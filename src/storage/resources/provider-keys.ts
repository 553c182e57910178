import type { StoredCredential } from '../../core/credentials.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { type Env, readSettings } from '../env.ts'
import type { CredentialSource, ProviderKey, Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import { askRecord, newId, valueOf, type WriteContext } from '../organization/record-access.ts'
import type { SealedProviderKey } from '../replica/records.ts'
import type { MasterKeys } from '../sealed/master-keys.ts'
import { open, seal, type SealBinding } from '../sealed/sealed.ts'
import { owned, type Patch, type Place } from './owned.ts'

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

const providerKeys = owned<ProviderKey>('provider_key', 'provider key')

/** What may be changed of a provider key. A new credential takes the place of the old one under the same id. */
export interface ProviderKeyPatch extends Patch<
  Omit<NewProviderKey, 'provider' | 'credential' | 'hint'>
> {
  readonly replacement?: { readonly credential: StoredCredential; readonly hint: string | null }
}

/** Makes a provider key; every `api_key_ids` entry must be an API key of the organization. */
export async function createProviderKey(
  context: WriteContext,
  organizationId: string,
  { credential, ...input }: NewProviderKey,
): Promise<Versioned<ProviderKey>> {
  const id = newId('pk', context)
  const at = context.now().toISOString()
  const sealed = await sealCredential(context, { organizationId, id }, credential)
  const source = sourceOf(credential)
  const made = { created_at: at, created_by: context.by, updated_at: at }
  return providerKeys.insert(context, organizationId, { id, ...input, sealed, source, ...made })
}

/** One provider key, without its credential. */
export function getProviderKey(env: Env, place: Place): Promise<Versioned<ProviderKey>> {
  return providerKeys.find(env, place)
}

/** One provider key with its credential, still sealed, straight from the record: for trying it out. */
export async function getSealedProviderKey(
  env: Env,
  { organizationId, id }: Place,
): Promise<{ readonly provider: string; readonly key: SealedProviderKey }> {
  const reply = await askRecord(
    env,
    organizationId,
    async (record) => await record.findSealedProviderKey(id),
  )
  const { provider, json } = valueOf(reply, 'provider key')
  const key: SealedProviderKey = JSON.parse(json)
  return { provider, key }
}

/** The organization's provider keys, oldest first. */
export function listProviderKeys(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<ProviderKey>> {
  return providerKeys.list(env, organizationId, page)
}

/** Changes what is named of a provider key. */
export async function updateProviderKey(
  context: WriteContext,
  place: Place,
  { replacement, ...fields }: ProviderKeyPatch,
): Promise<Versioned<ProviderKey>> {
  if (!replacement) return providerKeys.update(context, place, fields)
  const { credential, hint } = replacement
  const sealed = await sealCredential(context, place, credential)
  const source = sourceOf(credential)
  // What the old credential was refused for says nothing of the new one.
  const unknown = { last_error: null, health: null }
  return providerKeys.update(context, place, { ...fields, sealed, hint, source, ...unknown })
}

/** Removes a provider key with its credential. */
export function deleteProviderKey(context: WriteContext, place: Place): Promise<void> {
  return providerKeys.remove(context, place)
}

function sourceOf(credential: StoredCredential): CredentialSource | null {
  if (credential.kind === 'env') return { source: 'env', name: credential.name }
  return credential.kind === 'passthrough' ? { source: 'passthrough' } : null
}

function sealCredential(
  { env }: WriteContext,
  { organizationId, id }: Place,
  credential: StoredCredential,
): Promise<string> {
  const { masterKeys } = readSettings(env)
  return seal(masterKeys, credentialBinding(organizationId, id), JSON.stringify(credential))
}

/** What a provider key that was read from the replica stores: its credential, or where that is. Hold it no longer than the request takes. */
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
