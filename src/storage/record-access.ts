import { ORGANIZATION_ID } from '../core/api-key-format.ts'
import { randomBase62 } from '../core/encoding.ts'
import { GatewayError } from '../core/errors.ts'
import type { Reply } from './entities.ts'
import type { Env } from './env.ts'
import type { OrganizationObject } from './organization-object.ts'
import { replicaOf } from './replica.ts'

/** What a change of the record needs to know: where, who makes it, and the platform's clock and randomness. */
export interface WriteContext {
  readonly env: Env
  /** Becomes `created_by`. */
  readonly by: string
  readonly now: () => Date
  readonly randomBytes: (count: number) => Uint8Array
}

/** A new id such as `pk_4cG7…`: the prefix and 16 random base-62 digits. */
export function newId(prefix: 'org' | 'key' | 'pk', { randomBytes }: WriteContext): string {
  return `${prefix}_${randomBase62(16, randomBytes)}`
}

/** The Durable Object of an organization; a text that cannot be an id is not found without waking one. */
export function recordOf(env: Env, organizationId: string): DurableObjectStub<OrganizationObject> {
  if (!ORGANIZATION_ID.test(organizationId)) throw unknownOrganization()
  return env.ORGANIZATION.getByName(organizationId)
}

/** Makes a change, after which this isolate's data plane sees the organization anew, however the change ended. */
export async function changeRecord<Answer>(
  env: Env,
  organizationId: string,
  change: (record: DurableObjectStub<OrganizationObject>) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await change(recordOf(env, organizationId))
  } finally {
    replicaOf(env).forget(organizationId)
  }
}

/** The value of a reply; `what` names the thing that is not found. */
export function valueOf<Value>(reply: Reply<Value>, what: string): Value {
  switch (reply.kind) {
    case 'ok':
      return reply.value
    case 'unknown-organization':
      throw unknownOrganization()
    case 'not-found':
      throw new GatewayError('not_found', `The organization has no ${what} with this id.`)
    default:
      return reply satisfies never
  }
}

function unknownOrganization(): GatewayError {
  return new GatewayError('not_found', 'There is no organization with this id.')
}
