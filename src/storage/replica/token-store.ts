import { isObject, tryParseJson } from '../../core/parse.ts'
import { type Env, readSettings } from '../env.ts'
import { open, seal, type SealBinding } from '../sealed/sealed.ts'
import { readText } from './read-text.ts'
import { recordKey } from './records.ts'

/** A token that a provider issued for a credential, and when it ends. */
export interface StoredToken {
  readonly token: string
  readonly expiresAtMs: number
}

/** Minted tokens of one organization that outlive an isolate. A store that fails costs an exchange, never a request. */
export interface StoredTokens {
  get(name: string): Promise<StoredToken | undefined>
  put(name: string, token: StoredToken): Promise<void>
  delete(name: string): Promise<void>
}

/** KV takes no shorter one. */
const MIN_TTL_SECONDS = 60

/** The sealed tokens of an organization in KV; `name` is a hash of the credential that they were minted for. */
export function tokenStoreOf(env: Env, organizationId: string): StoredTokens {
  const { masterKeys } = readSettings(env)
  const binding = (name: string): SealBinding => ({
    organizationId,
    recordId: name,
    purpose: 'minted-token',
  })
  const key = (name: string): string => recordKey.token(organizationId, name)
  return {
    get: (name) =>
      orNothing(async () => {
        const sealed = await readText(env.KEYWAY, key(name))
        return sealed === null ? undefined : tokenOf(await open(masterKeys, binding(name), sealed))
      }),
    put: (name, token) =>
      orNothing(async () => {
        const secondsLeft = Math.floor((token.expiresAtMs - Date.now()) / 1000)
        if (secondsLeft < MIN_TTL_SECONDS) return
        const sealed = await seal(masterKeys, binding(name), JSON.stringify(token))
        await env.KEYWAY.put(key(name), sealed, { expirationTtl: secondsLeft })
      }),
    delete: (name) => orNothing(() => env.KEYWAY.delete(key(name))),
  }
}

async function orNothing<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work()
  } catch {
    return undefined
  }
}

function tokenOf(text: string): StoredToken | undefined {
  const value = tryParseJson(text)
  if (!isObject(value)) return undefined
  const { token, expiresAtMs } = value
  return typeof token === 'string' && typeof expiresAtMs === 'number'
    ? { token, expiresAtMs }
    : undefined
}
