import type { Env } from '../env.ts'
import type { Route, Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import { newId, type WriteContext } from '../organization/record-access.ts'
import type { RouteStickiness, RouteStrategy } from '../replica/records.ts'
import { owned, type Patch, type Place } from './owned.ts'

/** What may be said of a route. */
export interface RouteFields {
  readonly name: string
  readonly strategy: RouteStrategy
  readonly sticky: RouteStickiness
  readonly hedge_after_ms: number | null
  readonly timeouts: object
  readonly targets: readonly object[]
}

const routes = owned<Route>('route', 'route')

/** Makes a route. */
export function createRoute(
  context: WriteContext,
  organizationId: string,
  fields: RouteFields,
): Promise<Versioned<Route>> {
  const at = context.now().toISOString()
  const made = { created_at: at, created_by: context.by, updated_at: at }
  return routes.insert(context, organizationId, { id: newId('rt', context), ...fields, ...made })
}

/** One route. */
export function getRoute(env: Env, place: Place): Promise<Versioned<Route>> {
  return routes.find(env, place)
}

/** The organization's routes, oldest first. */
export function listRoutes(
  env: Env,
  organizationId: string,
  page: PageRequest,
): Promise<Page<Route>> {
  return routes.list(env, organizationId, page)
}

/** Changes what is named of a route. */
export function updateRoute(
  context: WriteContext,
  place: Place,
  fields: Patch<RouteFields>,
): Promise<Versioned<Route>> {
  return routes.update(context, place, fields)
}

/** Removes a route: its name means nothing any more. */
export function deleteRoute(context: WriteContext, place: Place): Promise<void> {
  return routes.remove(context, place)
}
