import type { Context } from 'hono'
import type { Env } from '../../storage/env.ts'
import type { WriteContext } from '../../storage/record-access.ts'
import type { ProviderCatalog } from './provider-catalog.ts'

/** What the management routes are made with. */
export interface ManagementDependencies {
  readonly providers: ProviderCatalog
  readonly now: () => Date
  readonly randomBytes: (count: number) => Uint8Array
}

/** Hono's types for these routes; `managedBy` is set once the token has been accepted. */
export interface ManagementEnv {
  Bindings: Env
  Variables: { managedBy: string }
}

export type ManagementContext = Context<ManagementEnv>

/** What storage needs to know to make a change in the name of this request. */
export function writeContext(c: ManagementContext, deps: ManagementDependencies): WriteContext {
  const { now, randomBytes } = deps
  return { env: c.env, by: c.get('managedBy'), now, randomBytes }
}
