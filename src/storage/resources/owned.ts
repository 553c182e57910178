import type { Env } from '../env.ts'
import type { Versioned } from '../organization/entities.ts'
import type { Page, PageRequest } from '../organization/page.ts'
import {
  askRecord,
  changedOf,
  changeOf,
  changeRecord,
  entitiesOf,
  entityOf,
  valueOf,
  type WriteContext,
} from '../organization/record-access.ts'
import type { ResourceName } from '../organization/tables.ts'

/** Where one thing of an organization is. */
export interface Place {
  readonly organizationId: string
  readonly id: string
}

/** What is to be changed: a field that is not there, or undefined, stays as it is. */
export type Patch<Fields> = { readonly [Name in keyof Fields]?: Fields[Name] | undefined }

/** Reading and changing one kind of thing that organizations own. */
export interface Owned<Entity> {
  find(env: Env, place: Place): Promise<Versioned<Entity>>
  list(env: Env, organizationId: string, page: PageRequest): Promise<Page<Entity>>
  insert(context: WriteContext, organizationId: string, fields: object): Promise<Versioned<Entity>>
  /** Changes what is named. */
  update(context: WriteContext, place: Place, fields: object): Promise<Versioned<Entity>>
  remove(context: WriteContext, place: Place): Promise<void>
}

/** `what` names the thing in errors. */
export function owned<Entity>(
  resource: Exclude<ResourceName, 'organization'>,
  what: string,
): Owned<Entity> {
  return {
    async find(env, { organizationId, id }) {
      const reply = await askRecord(
        env,
        organizationId,
        async (record) => await record.findOwned(resource, id),
      )
      return entityOf<Entity>(valueOf(reply, what))
    },
    async list(env, organizationId, page) {
      const reply = await askRecord(
        env,
        organizationId,
        async (record) => await record.listOwned(resource, page),
      )
      return entitiesOf<Entity>(valueOf(reply, what))
    },
    async insert(context, organizationId, fields) {
      const json = JSON.stringify(fields)
      const change = changeOf(context, 'create')
      const reply = await changeRecord(
        context.env,
        organizationId,
        async (record) => await record.insertOwned(resource, json, change),
      )
      return entityOf<Entity>(changedOf(reply, what))
    },
    async update(context, { organizationId, id }, fields) {
      const json = JSON.stringify(fields)
      const change = changeOf(context, 'update')
      const reply = await changeRecord(
        context.env,
        organizationId,
        async (record) => await record.updateOwned(resource, { id, fields: json }, change),
      )
      return entityOf<Entity>(changedOf(reply, what))
    },
    async remove(context, { organizationId, id }) {
      const change = changeOf(context, 'delete')
      const reply = await changeRecord(
        context.env,
        organizationId,
        async (record) => await record.deleteOwned(resource, id, change),
      )
      changedOf(reply, what)
    },
  }
}
