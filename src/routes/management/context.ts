import type { Context } from 'hono'
import type { Env } from '../../storage/env.ts'
import type { RepeatableRequest, WriteContext } from '../../storage/organization/record-access.ts'
import { readIfMatch } from './conditions.ts'
import type { Principal } from './principal.ts'
import type { ProviderCatalog } from './provider-catalog.ts'

/** What the management routes are made with. */
export interface ManagementDependencies {
  readonly providers: ProviderCatalog
  readonly now: () => Date
  readonly randomBytes: (count: number) => Uint8Array
  /** Reaches Cloudflare Access for the keys that it signs with, and nothing else. */
  readonly fetch: typeof fetch
}

/** Hono's types for these routes; the variables are set once it is known who asks. */
export interface ManagementEnv {
  Bindings: Env
  Variables: {
    principal: Principal
    /** Becomes `created_by`. */
    managedBy: string
    idempotency: RepeatableRequest | undefined
  }
}

export type ManagementContext = Context<ManagementEnv>

const MAX_USER_AGENT_CHARACTERS = 256

/** What storage needs to know to make a change in the name of this request. */
export function writeContext(c: ManagementContext, deps: ManagementDependencies): WriteContext {
  const { now, randomBytes } = deps
  const ifMatch = readIfMatch(c)
  const idempotency = c.get('idempotency')
  return {
    env: c.env,
    by: c.get('managedBy'),
    now,
    randomBytes,
    from: {
      ip: c.req.header('cf-connecting-ip') ?? null,
      userAgent: c.req.header('user-agent')?.slice(0, MAX_USER_AGENT_CHARACTERS) ?? null,
    },
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(idempotency === undefined ? {} : { idempotency }),
  }
}
