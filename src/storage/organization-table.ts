import type { Organization } from './entities.ts'
import type { Metering, OrganizationRecord } from './records.ts'

type Row = { id: string; name: string; metering: Metering; created_at: string }

/** The organization, or undefined when it was deleted. */
export function readOrganization(sql: SqlStorage): Organization | undefined {
  const [row] = sql.exec<Row>(`SELECT id, name, metering, created_at FROM organization`).toArray()
  return row
}

/** Writes the one row there is. */
export function insertOrganization(sql: SqlStorage, organization: Organization): void {
  const { id, name, metering, created_at } = organization
  sql.exec(`INSERT INTO organization VALUES (?, ?, ?, ?)`, id, name, metering, created_at)
}

/** Removes the organization and everything that it owns; what is left to publish stays. */
export function deleteEverything(sql: SqlStorage): void {
  sql.exec(`DELETE FROM provider_keys; DELETE FROM api_keys; DELETE FROM organization;`)
}

/** What the data plane knows of an organization. */
export function organizationRecord({ id, name, metering }: Organization): OrganizationRecord {
  return { id, name, metering }
}
