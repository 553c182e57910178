import { Hono } from 'hono/tiny'
import { listAuditLog } from '../../storage/resources/audit-log.ts'
import type { ManagementEnv } from './context.ts'
import { pageAnswer, readPage } from './paging.ts'
import { checked } from './read-body.ts'
import { auditQuery } from './schemas/audit-log.ts'

/** What was changed in an organization, by whom and from where. It can be read, and nothing else. */
export function auditLogRoutes(): Hono<ManagementEnv> {
  const app = new Hono<ManagementEnv>()
  app.get('/:org/audit-log', async (c) => {
    const page = readPage(c, 'audit-log')
    const { limit: _, cursor: __, ...query } = c.req.query()
    const wanted = checked(auditQuery, query)
    const filter = {
      actor: wanted.actor ?? null,
      action: wanted.action ?? null,
      resource: wanted.resource ?? null,
      since: stamp(wanted.since),
      until: stamp(wanted.until),
    }
    const organizationId = c.req.param('org')
    return c.json(
      pageAnswer('audit-log', await listAuditLog(c.env, { organizationId, filter }, page)),
    )
  })
  return app
}

/** As the log writes times, so that they compare as texts. */
function stamp(time: string | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
