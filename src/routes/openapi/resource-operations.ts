import type * as z from 'zod/mini'
import type { ErrorCode } from '../../core/errors.ts'
import { pageOfAnswers } from '../management/schemas/page.ts'
import { type Answer, type Operation, type Parameter, text } from './operation.ts'

/** What all resources of the management plane have in common. */

const ALWAYS: readonly ErrorCode[] = [
  'missing_management_token',
  'invalid_management_token',
  'permission_denied',
  'unavailable',
  'misconfigured',
  'upstream_unreachable',
  'internal_error',
]
export const READ: readonly ErrorCode[] = [...ALWAYS, 'not_found']
const WRITE: readonly ErrorCode[] = [
  ...READ,
  'invalid_json',
  'invalid_request',
  'request_too_large',
]

export const PAGE: readonly Parameter[] = [
  {
    name: 'limit',
    description: 'How many at most; 20 where it is left out.',
    schema: { type: 'integer', minimum: 1, maximum: 100 },
  },
  { name: 'cursor', description: 'The `next_cursor` of the page before.', schema: text },
]
export const IF_MATCH: Parameter = {
  name: 'If-Match',
  description: 'The `ETag` that the resource must still have.',
  schema: text,
}
export const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  description: 'Makes the request safe to send again, for 24 hours.',
  schema: text,
}

export type Schema = z.ZodMiniType

/** What one resource takes and gives. */
interface Resource {
  readonly tag: string
  readonly path: string
  readonly create: Schema
  readonly created: Schema
  readonly answer: Schema
  /** Left out where the resource is never changed. */
  readonly patch?: Schema
  /** Whether one can be read by its id. */
  readonly isReadable: boolean
  /** Whether there are only so many, or each name is taken once. */
  readonly mayConflict?: true
}

/** An operation of the management plane, with the errors that all have of its kind. */
export const management = (
  operation: Omit<Operation, 'security' | 'errors'> & { readonly errors?: readonly ErrorCode[] },
): Operation => ({
  security: 'management',
  errors: operation.method === 'get' ? READ : WRITE,
  ...operation,
})

export const answer = (
  schema: Schema,
  description: string,
  status: Answer['status'] = 200,
): Answer => ({
  status,
  description,
  schema,
})

const ETAG: Parameter = {
  name: 'ETag',
  description: 'The version of the resource, for `If-Match`.',
  schema: text,
}

/** One resource as it is. */
export const single = (...given: Parameters<typeof answer>): Answer => ({
  ...answer(...given),
  headers: [ETAG],
})

/** The operations that every resource has. */
export function resourceOperations(resource: Resource): Operation[] {
  const { tag, path } = resource
  const one = `${path}/{id}`
  const name = tag.toLowerCase().replace(/s$/, '')
  const written: readonly ErrorCode[] = resource.mayConflict ? [...WRITE, 'conflict'] : WRITE
  const operations = [
    management({
      method: 'post',
      path,
      tag,
      summary: `Create: ${name}`,
      headers: [IDEMPOTENCY_KEY],
      request: resource.create,
      answer: single(resource.created, 'Created.', 201),
      errors: [...written, 'idempotency_conflict'],
    }),
    management({
      method: 'get',
      path,
      tag,
      summary: `List: ${tag.toLowerCase()}, oldest first`,
      query: PAGE,
      answer: answer(pageOfAnswers(resource.answer), 'A page.'),
      errors: [...READ, 'invalid_request'],
    }),
    management({
      method: 'delete',
      path: one,
      tag,
      summary: `Delete: ${name}`,
      headers: [IF_MATCH],
      answer: { status: 204, description: 'Deleted.' },
      errors: [...READ, 'precondition_failed'],
    }),
  ]
  if (resource.isReadable) {
    operations.push(
      management({
        method: 'get',
        path: one,
        tag,
        summary: `Read: ${name}`,
        answer: single(resource.answer, 'It.'),
      }),
    )
  }
  if (resource.patch !== undefined) {
    operations.push(
      management({
        method: 'patch',
        path: one,
        tag,
        summary: `Change what is named: ${name}`,
        headers: [IF_MATCH],
        request: resource.patch,
        answer: single(resource.answer, 'As it is now.'),
        errors: [...written, 'precondition_failed'],
      }),
    )
  }
  return operations
}
