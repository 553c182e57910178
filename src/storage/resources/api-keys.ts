import { newApiKey } from '../../core/api-key-format.ts'
import type { KeyLimits } from '../../limits/key-limits.ts'
import type { Env } from '../env.ts'
import type { ApiKey, Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import { newId, type WriteContext } from '../organization/record-access.ts'
import { issueSecret } from './issue-secret.ts'
import { owned, type Patch, type Place } from './owned.ts'

/** What a new API key is made of. */
export interface NewApiKey {
  readonly name: string
  readonly expires_at: string | null
  readonly providers: readonly string[]
  readonly models: readonly string[]
  /** None where it is null, or not there. */
  readonly limits?: KeyLimits | null
  readonly disabled: boolean
}

/** An API key together with the key itself, which exists nowhere else. */
export interface IssuedApiKey extends ApiKey {
  readonly key: string
}

const API_KEY = 'API key'
const apiKeys = owned<ApiKey>('api_key', API_KEY)

/** Makes an API key. The answer is the only place where the key itself ever is. */
export async function createApiKey(
  context: WriteContext,
  organizationId: string,
  input: NewApiKey,
): Promise<Versioned<IssuedApiKey>> {
  const issued = await issueSecret<ApiKey>(context, {
    organizationId,
    what: API_KEY,
    action: 'create',
    make: (randomBytes) => newApiKey(organizationId, randomBytes),
    write: async (record, secret, change) => {
      const made = { created_at: change.at, created_by: context.by }
      const fields = { id: newId('key', context), ...secret, ...input, ...made }
      return await record.insertOwned('api_key', JSON.stringify(fields), change)
    },
  })
  return withKey(issued)
}

/** One API key, without the key itself. */
export function getApiKey(env: Env, place: Place): Promise<Versioned<ApiKey>> {
  return apiKeys.find(env, place)
}

/** The organization's API keys, oldest first. */
export function listApiKeys(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<ApiKey>> {
  return apiKeys.list(env, organizationId, page)
}

/** Changes what is named of an API key. */
export function updateApiKey(
  context: WriteContext,
  place: Place,
  fields: Patch<NewApiKey>,
): Promise<Versioned<ApiKey>> {
  return apiKeys.update(context, place, fields)
}

/** Gives an API key a new secret under the same id; the old one works until the overlap has passed. */
export async function rotateApiKey(
  context: WriteContext,
  { organizationId, id }: Place,
  overlapSeconds: number,
): Promise<Versioned<IssuedApiKey>> {
  const issued = await issueSecret<ApiKey>(context, {
    organizationId,
    what: API_KEY,
    action: 'rotate',
    make: (randomBytes) => newApiKey(organizationId, randomBytes),
    write: async (record, secret, change) => {
      const validUntil = new Date(Date.parse(change.at) + overlapSeconds * 1000).toISOString()
      return await record.rotateApiKey(id, { ...secret, validUntil }, change)
    },
  })
  return withKey(issued)
}

/** Removes an API key. It stops working as soon as the replica has caught up. */
export function deleteApiKey(context: WriteContext, place: Place): Promise<void> {
  return apiKeys.remove(context, place)
}

function withKey({
  secret,
  entity,
}: {
  secret: string
  entity: Versioned<ApiKey>
}): Versioned<IssuedApiKey> {
  const { id, ...rest } = entity
  return { id, key: secret, ...rest }
}
