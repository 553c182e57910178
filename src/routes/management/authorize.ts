import type { MiddlewareHandler } from 'hono'
import { readIdempotencyKey } from './conditions.ts'
import type { ManagementEnv } from './context.ts'
import { requireRole } from './principal.ts'

/**
 * Who may do what in an organization, in one place and not route by route: reading takes a viewer, everything else an
 * admin, so that a route that is added later is never open by mistake.
 */
export const requireRoleForMethod: MiddlewareHandler<ManagementEnv> =
  async function requireRoleForMethod(c, next) {
    const needed = isReading(c.req.method) ? 'viewer' : 'admin'
    requireRole(c.get('principal'), c.req.param('org') ?? '', needed)
    await next()
  }

/** Tokens are given and revoked by owners only: an admin could otherwise make itself one. */
export const requireOwnerForWriting: MiddlewareHandler<ManagementEnv> =
  async function requireOwnerForWriting(c, next) {
    const needed = isReading(c.req.method) ? 'viewer' : 'owner'
    requireRole(c.get('principal'), c.req.param('org') ?? '', needed)
    await next()
  }

/** Notes the `Idempotency-Key`, once it is known that the request may be made at all. */
export const noteIdempotencyKey: MiddlewareHandler<ManagementEnv> =
  async function noteIdempotencyKey(c, next) {
    c.set('idempotency', await readIdempotencyKey(c))
    await next()
  }

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}
