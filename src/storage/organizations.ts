import { GatewayError } from '../core/errors.ts'
import type { Organization } from './entities.ts'
import type { Env } from './env.ts'
import type { Page, PageRequest } from './page.ts'
import { changeRecord, newId, recordOf, valueOf } from './record-access.ts'
import type { WriteContext } from './record-access.ts'
import type { Metering } from './records.ts'

/** What a new organization is made of. */
export interface NewOrganization {
  readonly name: string
  readonly metering: Metering
}

/** Makes an organization. */
export async function createOrganization(
  context: WriteContext,
  { name, metering }: NewOrganization,
): Promise<Organization> {
  const id = newId('org', context)
  const organization = { id, name, metering, created_at: context.now().toISOString() }
  const created = await changeRecord(context.env, id, (record) => record.create(organization))
  if (!created) throw new GatewayError('internal_error', 'The new id is taken. Try again.')
  return organization
}

/** One organization. */
export async function getOrganization(env: Env, id: string): Promise<Organization> {
  return valueOf(await recordOf(env, id).get(), 'record')
}

/** All organizations, oldest first. */
export async function listOrganizations(env: Env, page: PageRequest): Promise<Page<Organization>> {
  return env.DIRECTORY.getByName('directory').list(page)
}

/** Removes an organization with all that it owns, here and in the replica. */
export async function deleteOrganization(env: Env, id: string): Promise<void> {
  valueOf(await changeRecord(env, id, async (record) => await record.delete()), 'record')
}
