import type { Env } from '../env.ts'
import type { Organization, Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import {
  askRecord,
  changedOf,
  changeOf,
  changeRecord,
  entityOf,
  newId,
  valueOf,
  type WriteContext,
} from '../organization/record-access.ts'
import type { Metering } from '../replica/records.ts'
import type { Patch } from './owned.ts'

/** What a new organization is made of. */
export interface NewOrganization {
  readonly name: string
  readonly metering: Metering
}

const RECORD = 'organization'

/** Makes an organization. A request that is repeated is led to the organization that it made. */
export async function createOrganization(
  context: WriteContext,
  { name, metering }: NewOrganization,
): Promise<Versioned<Organization>> {
  const id = await newOrganizationId(context)
  const change = changeOf(context, 'create')
  const fields = JSON.stringify({ id, name, metering, created_at: change.at })
  const reply = await changeRecord(
    context.env,
    id,
    async (record) => await record.create(fields, change),
  )
  return entityOf<Organization>(changedOf(reply, RECORD))
}

/** One organization. */
export async function getOrganization(env: Env, id: string): Promise<Versioned<Organization>> {
  return entityOf<Organization>(
    valueOf(await askRecord(env, id, async (record) => await record.get()), RECORD),
  )
}

/** All organizations, oldest first. */
export async function listOrganizations(env: Env, page: PageRequest): Promise<Page<Organization>> {
  return env.DIRECTORY.getByName('directory').list(page)
}

/** Changes what is named of an organization. */
export async function updateOrganization(
  context: WriteContext,
  id: string,
  fields: Patch<NewOrganization>,
): Promise<Versioned<Organization>> {
  const json = JSON.stringify(fields)
  const reply = await changeRecord(
    context.env,
    id,
    async (record) => await record.update(json, changeOf(context, 'update')),
  )
  return entityOf<Organization>(changedOf(reply, RECORD))
}

/**
 * Removes an organization with all that it owns, here and in the replica. The answer has the ids of the endpoints whose
 * connectors may be online, for nobody now.
 */
export async function deleteOrganization(
  context: WriteContext,
  id: string,
): Promise<readonly string[]> {
  const reply = await changeRecord(
    context.env,
    id,
    async (record) => await record.delete(changeOf(context, 'delete')),
  )
  const endpointIds: readonly string[] = JSON.parse(changedOf(reply, RECORD).json)
  return endpointIds
}

/** Puts everything of an organization into the replica and the directory once more; gives the number of records. */
export async function republishOrganization(
  context: WriteContext,
  id: string,
): Promise<{ readonly republished: number }> {
  const reply = await changeRecord(
    context.env,
    id,
    async (record) => await record.republish(changeOf(context, 'republish')),
  )
  return { republished: valueOf(reply, RECORD) }
}

/** The directory knows which organization a repeated request made: its own record cannot be found without the id. */
async function newOrganizationId(context: WriteContext): Promise<string> {
  const id = newId('org', context)
  if (!context.idempotency) return id
  const { keyHash } = context.idempotency
  const directory = context.env.DIRECTORY.getByName('directory')
  return directory.claim({ keyHash, id, at: context.now().toISOString() })
}
