import { ORGANIZATION_ID } from '../../core/api-key-format.ts'
import { randomBase62 } from '../../core/encoding.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/parse.ts'
import type { Env } from '../env.ts'
import { replicaOf } from '../replica/replica.ts'
import type { Change, ChangeReply, Changed, Reply, SecretOrigin, StoredEntity } from './change.ts'
import type { Versioned } from './entities.ts'
import type { OrganizationObject } from './organization-object.ts'
import type { Page } from './page.ts'

/** What a change of the record needs to know: where, who makes it, and the platform's clock and randomness. */
export interface WriteContext {
  readonly env: Env
  /** Becomes `created_by`: `admin`, the id of a management token, or a person's email address. */
  readonly by: string
  readonly now: () => Date
  readonly randomBytes: (count: number) => Uint8Array
  /** Where the request came from, for the audit log. */
  readonly from?: { readonly ip: string | null; readonly userAgent: string | null }
  /** The versions that may be changed; any where it is not there. */
  readonly ifMatch?: readonly number[]
  readonly idempotency?: RepeatableRequest
}

/** A request that may come twice and is one change. */
export interface RepeatableRequest {
  /** As the client sent it; it is never stored. */
  readonly key: string
  /** Hash of who asks and the key. */
  readonly keyHash: string
  /** Hash of method, path and body. */
  readonly fingerprint: string
}

/** A new id such as `pk_4cG7…`: the prefix and 16 random base-62 digits. */
export function newId(
  prefix: 'org' | 'key' | 'pk' | 'ep' | 'rt' | 'tok',
  { randomBytes }: WriteContext,
): string {
  return `${prefix}_${randomBase62(16, randomBytes)}`
}

/**
 * The Durable Object of an organization, for whoever makes up for its failures; a text that cannot be an id is not found
 * without waking one.
 */
export function recordOf(env: Env, organizationId: string): DurableObjectStub<OrganizationObject> {
  if (!ORGANIZATION_ID.test(organizationId)) throw unknownOrganization()
  return env.ORGANIZATION.getByName(organizationId)
}

/** Asks the record. Throws `unavailable` where its object is for a while not as it is expected to be. */
export async function askRecord<Answer>(
  env: Env,
  organizationId: string,
  ask: (record: DurableObjectStub<OrganizationObject>) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask(recordOf(env, organizationId))
  } catch (error) {
    throw isPassing(error) ? unavailable(error) : error
  }
}

/** Makes a change, after which this isolate's data plane sees the organization anew, however the change ended. Throws as `askRecord`. */
export async function changeRecord<Answer>(
  env: Env,
  organizationId: string,
  change: (record: DurableObjectStub<OrganizationObject>) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await askRecord(env, organizationId, change)
  } finally {
    replicaOf(env).forget(organizationId)
  }
}

/**
 * Whether it helps to wait. After a deployment an object that is in use may run the code before for some minutes, which knows
 * neither the newest columns nor the newest methods.
 * https://developers.cloudflare.com/durable-objects/deployments/durable-objects-code-updates/
 */
function isPassing(error: unknown): boolean {
  if (!isObject(error)) return false
  const { retryable, overloaded, message } = error
  return retryable === true || overloaded === true || OLD_CODE.test(String(message))
}

const OLD_CODE = /has no column for a field$|^The RPC receiver does not implement/

function unavailable(cause: unknown): GatewayError {
  return new GatewayError(
    'unavailable',
    "The organization's record is busy, or Keyway is being updated. Try again in a few seconds.",
    { cause, retryAfterSeconds: 5 },
  )
}

/** What goes along with a change to the record. `secret` says what the answer's secret was derived with. */
export function changeOf(
  context: WriteContext,
  action: string,
  secret: SecretOrigin | null = null,
): Change {
  const { by, now, from, ifMatch, idempotency } = context
  return {
    actor: by,
    at: now().toISOString(),
    ip: from?.ip ?? null,
    userAgent: from?.userAgent ?? null,
    action,
    ifMatch: ifMatch ?? null,
    idempotency: idempotency
      ? { keyHash: idempotency.keyHash, fingerprint: idempotency.fingerprint, secret }
      : null,
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

/** What a change came to; one that was not made is the error that says why. */
export function changedOf(reply: ChangeReply, what: string): Changed {
  switch (reply.kind) {
    case 'refused':
      throw new GatewayError(reply.code, reply.message, { param: reply.param })
    case 'other-version':
      throw new GatewayError(
        'precondition_failed',
        `The ${what} has changed since. Read it again and send its new ETag as If-Match.`,
      )
    case 'other-request':
      throw new GatewayError(
        'idempotency_conflict',
        'This Idempotency-Key was used for another request. Use a new one.',
      )
    case 'ok':
    case 'unknown-organization':
    case 'not-found':
      return valueOf(reply, what)
    default:
      return reply satisfies never
  }
}

/** A thing as it came from the record, which wrote it as its table's columns describe it. */
export function entityOf<Entity>({ json, version }: StoredEntity): Versioned<Entity> {
  const entity: Entity = JSON.parse(json)
  return { ...entity, version }
}

/** A page of things as they came from the record. */
export function entitiesOf<Entity>({ items, next }: Page<string>): Page<Entity> {
  const entities: Entity[] = items.map((json) => JSON.parse(json))
  return { items: entities, next }
}

/** The same for an organization that never was and for one that the caller may not know of. */
export function unknownOrganization(): GatewayError {
  return new GatewayError('not_found', 'There is no organization with this id.')
}
