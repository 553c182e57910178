import { newApiKey } from '../core/api-key-format.ts'
import type { ApiKey } from './entities.ts'
import type { Env } from './env.ts'
import type { Page, PageRequest } from './page.ts'
import { changeRecord, newId, recordOf, valueOf } from './record-access.ts'
import type { WriteContext } from './record-access.ts'
import { hashApiKey } from './sha256.ts'

/** What a new API key is made of. */
export interface NewApiKey {
  readonly name: string
  readonly expires_at: string | null
  readonly providers: readonly string[]
  readonly models: readonly string[]
  readonly disabled: boolean
}

/** An API key together with the key itself, which exists nowhere else. */
export interface IssuedApiKey extends ApiKey {
  readonly key: string
}

const API_KEY = 'API key'

/** Makes an API key. The answer is the only place where the key itself ever is. */
export async function createApiKey(
  context: WriteContext,
  organizationId: string,
  input: NewApiKey,
): Promise<IssuedApiKey> {
  const reply = await changeRecord(context.env, organizationId, async (record) => {
    const key = newApiKey(organizationId, context.randomBytes)
    const apiKey: ApiKey = {
      id: newId('key', context),
      name: input.name,
      hint: key.slice(-4),
      expires_at: input.expires_at,
      providers: input.providers,
      models: input.models,
      disabled: input.disabled,
      created_at: context.now().toISOString(),
      created_by: context.by,
      last_used_at: null,
    }
    return { key, reply: await record.createApiKey(apiKey, await hashApiKey(key)) }
  })
  const { id, ...rest } = valueOf(reply.reply, API_KEY)
  return { id, key: reply.key, ...rest }
}

/** One API key, without the key itself. */
export async function getApiKey(env: Env, organizationId: string, id: string): Promise<ApiKey> {
  return valueOf(await recordOf(env, organizationId).getApiKey(id), API_KEY)
}

/** The organization's API keys, oldest first. */
export async function listApiKeys(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<ApiKey>> {
  return valueOf(await recordOf(env, organizationId).listApiKeys(page), API_KEY)
}

/** Removes an API key. It stops working here at once, and everywhere as soon as the replica has caught up. */
export async function deleteApiKey(env: Env, organizationId: string, id: string): Promise<void> {
  const reply = await changeRecord(
    env,
    organizationId,
    async (record) => await record.deleteApiKey(id),
  )
  valueOf(reply, API_KEY)
}
