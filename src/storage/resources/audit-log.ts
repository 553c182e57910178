import type { Env } from '../env.ts'
import type { AuditFilter } from '../organization/audit-table.ts'
import type { AuditEntry } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import { askRecord, entitiesOf, valueOf } from '../organization/record-access.ts'

export type { AuditFilter } from '../organization/audit-table.ts'

/** What was changed in an organization, newest first. */
export async function listAuditLog(
  env: Env,
  { organizationId, filter }: { organizationId: string; filter: AuditFilter },
  page: PageRequest,
): Promise<Page<AuditEntry>> {
  const reply = await askRecord(
    env,
    organizationId,
    async (record) => await record.auditLog(filter, page),
  )
  return entitiesOf<AuditEntry>(valueOf(reply, 'audit log'))
}
