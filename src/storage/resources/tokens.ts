import { newToken, organizationOfToken } from '../../core/token-format.ts'
import type { Env } from '../env.ts'
import type { ManagementToken, Role, Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import { askRecord, newId, type WriteContext } from '../organization/record-access.ts'
import { hashSecret } from '../sealed/sha256.ts'
import { issueSecret } from './issue-secret.ts'
import { owned, type Place } from './owned.ts'

/** What a new management token is made of. */
export interface NewManagementToken {
  readonly name: string
  readonly role: Role
  readonly expires_at: string | null
}

/** A management token together with the token itself, which exists nowhere else. */
export interface IssuedToken extends ManagementToken {
  readonly token: string
}

/** Who holds a management token that may be used. */
export interface TokenHolder {
  readonly id: string
  readonly organizationId: string
  readonly role: Role
}

const TOKEN = 'token'
const tokens = owned<ManagementToken>('token', TOKEN)

/** Makes a management token. The answer is the only place where the token itself ever is. */
export async function createToken(
  context: WriteContext,
  organizationId: string,
  input: NewManagementToken,
): Promise<Versioned<IssuedToken>> {
  const { secret, entity } = await issueSecret<ManagementToken>(context, {
    organizationId,
    what: TOKEN,
    action: 'create',
    make: (randomBytes) => newToken('kwm_', organizationId, randomBytes),
    write: async (record, next, change) => {
      const made = { created_at: change.at, created_by: context.by }
      const fields = { id: newId('tok', context), ...next, ...input, ...made }
      return await record.insertOwned('token', JSON.stringify(fields), change)
    },
  })
  const { id, ...rest } = entity
  return { id, token: secret, ...rest }
}

/** The organization's management tokens, oldest first. */
export function listTokens(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<ManagementToken>> {
  return tokens.list(env, organizationId, page)
}

/** Revokes a management token. It ends with the answer, everywhere. */
export function deleteToken(context: WriteContext, place: Place): Promise<void> {
  return tokens.remove(context, place)
}

/** Who holds this token; undefined where it is not one, was revoked or has expired. */
export async function holderOf(
  env: Env,
  token: string,
  now: Date,
): Promise<TokenHolder | undefined> {
  const organizationId = organizationOfToken('kwm_', token)
  if (organizationId === undefined) return undefined
  // Asked of the record itself: a revoked token must not live on in a replica or in an isolate's memory.
  const hash = await hashSecret(token)
  const reply = await askRecord(env, organizationId, async (record) => await record.findToken(hash))
  if (reply.kind !== 'ok') return undefined
  const { id, role, expires_at } = reply.value
  if (expires_at !== null && Date.parse(expires_at) <= now.getTime()) return undefined
  return { id, organizationId, role }
}
