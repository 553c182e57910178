import type * as z from 'zod/mini'
import type { ErrorCode } from '../../core/errors.ts'
import * as apiKeys from '../management/schemas/api-keys.ts'
import * as auditLog from '../management/schemas/audit-log.ts'
import * as endpoints from '../management/schemas/endpoints.ts'
import * as organizations from '../management/schemas/organizations.ts'
import { pageOfAnswers } from '../management/schemas/page.ts'
import * as providerKeys from '../management/schemas/provider-keys.ts'
import * as routes from '../management/schemas/routes.ts'
import * as tokens from '../management/schemas/tokens.ts'
import * as usage from '../management/schemas/usage.ts'
import { GROUPS } from '../../storage/usage.ts'
import type { Answer, JsonSchema, Operation, Parameter } from './operation.ts'

const ALWAYS: readonly ErrorCode[] = [
  'missing_management_token',
  'invalid_management_token',
  'permission_denied',
]
const READ: readonly ErrorCode[] = [...ALWAYS, 'not_found']
const WRITE: readonly ErrorCode[] = [
  ...READ,
  'invalid_json',
  'invalid_request',
  'request_too_large',
]

const text: JsonSchema = { type: 'string' }
const PAGE: readonly Parameter[] = [
  {
    name: 'limit',
    description: 'How many at most; 20 where it is left out.',
    schema: { type: 'integer', minimum: 1, maximum: 100 },
  },
  { name: 'cursor', description: 'The `next_cursor` of the page before.', schema: text },
]
const IF_MATCH: Parameter = {
  name: 'If-Match',
  description: 'The `ETag` that the resource must still have.',
  schema: text,
}
const IDEMPOTENCY_KEY: Parameter = {
  name: 'Idempotency-Key',
  description: 'Makes the request safe to send again, for 24 hours.',
  schema: text,
}

type Schema = z.ZodMiniType

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
}

const management = (
  operation: Omit<Operation, 'security' | 'errors'> & { readonly errors?: readonly ErrorCode[] },
): Operation => ({
  security: 'management',
  errors: operation.method === 'get' ? READ : WRITE,
  ...operation,
})

const answer = (schema: Schema, description: string, status: Answer['status'] = 200): Answer => ({
  status,
  description,
  schema,
})

/** The operations that every resource has. */
function resourceOperations(resource: Resource): Operation[] {
  const { tag, path } = resource
  const one = `${path}/{id}`
  const name = tag.toLowerCase().replace(/s$/, '')
  const operations = [
    management({
      method: 'post',
      path,
      tag,
      summary: `Create: ${name}`,
      headers: [IDEMPOTENCY_KEY],
      request: resource.create,
      answer: answer(resource.created, 'Created.', 201),
      errors: [...WRITE, 'idempotency_conflict'],
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
        answer: answer(resource.answer, 'It.'),
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
        answer: answer(resource.answer, 'As it is now.'),
        errors: [...WRITE, 'precondition_failed'],
      }),
    )
  }
  return operations
}

const ORGANIZATIONS = '/v1/organizations'
const ORGANIZATION = `${ORGANIZATIONS}/{org}`

/** The operations of an organization itself, whose path has no id behind it. */
const organizationOperations: readonly Operation[] = resourceOperations({
  tag: 'Organizations',
  path: ORGANIZATIONS,
  create: organizations.newOrganization,
  created: organizations.organizationAnswer,
  answer: organizations.organizationAnswer,
  patch: organizations.organizationPatch,
  isReadable: true,
}).map((operation) => ({ ...operation, path: operation.path.replace('{id}', '{org}') }))

/** An operation that is none of the usual ones. */
const action = (
  tag: string,
  path: string,
  summary: string,
  result: Answer,
  request?: Schema,
): Operation =>
  management({
    method: 'post',
    path,
    tag,
    summary,
    answer: result,
    ...(request === undefined ? {} : { request, isBodyOptional: true }),
  })

/** What people and scripts manage organizations with; schemas are those that validate. */
export function managementOperations(providers: readonly string[]): readonly Operation[] {
  // Only the form of these schemas is read: no time is compared.
  const world = { providers, now: () => new Date(0) }
  return [
    ...organizationOperations,
    action(
      'Organizations',
      `${ORGANIZATION}/reseal`,
      'Seal every stored secret with the first master key',
      answer(organizations.resealAnswer, 'How many were sealed anew.'),
    ),
    ...resourceOperations({
      tag: 'API keys',
      path: `${ORGANIZATION}/api-keys`,
      create: apiKeys.newApiKey(world),
      created: apiKeys.issuedApiKeyAnswer,
      answer: apiKeys.apiKeyAnswer,
      patch: apiKeys.apiKeyPatch(world),
      isReadable: true,
    }),
    action(
      'API keys',
      `${ORGANIZATION}/api-keys/{id}/rotate`,
      'Give the key a new secret; the old one works until the overlap ends',
      answer(apiKeys.issuedApiKeyAnswer, 'The key, with its new secret.'),
      apiKeys.rotation,
    ),
    ...resourceOperations({
      tag: 'Provider keys',
      path: `${ORGANIZATION}/provider-keys`,
      create: providerKeys.newProviderKey(providers),
      created: providerKeys.providerKeyAnswer,
      answer: providerKeys.providerKeyAnswer,
      patch: providerKeys.providerKeyPatch,
      isReadable: true,
    }),
    action(
      'Provider keys',
      `${ORGANIZATION}/provider-keys/{id}/test`,
      'Call the provider with the key, cheaply, and say what it answered',
      { status: 200, description: 'What it answered.', schema: providerKeys.providerKeyTestAnswer },
    ),
    ...resourceOperations({
      tag: 'Endpoints',
      path: `${ORGANIZATION}/endpoints`,
      create: endpoints.newEndpoint,
      created: endpoints.endpointAnswer,
      answer: endpoints.endpointAnswer,
      patch: endpoints.endpointPatch,
      isReadable: true,
    }),
    action(
      'Endpoints',
      `${ORGANIZATION}/endpoints/{id}/connector-token`,
      'Issue a token that a connector dials in with; two may be live at once',
      answer(endpoints.connectorTokenAnswer, 'The token, shown once.', 201),
      endpoints.connectorTokenRequest,
    ),
    action(
      'Endpoints',
      `${ORGANIZATION}/endpoints/{id}/test`,
      'Call the endpoint, cheaply, and say what came of it',
      { status: 200, description: 'What came of it.', schema: endpoints.endpointTestAnswer },
    ),
    ...resourceOperations({
      tag: 'Routes',
      path: `${ORGANIZATION}/routes`,
      create: routes.newRoute(providers),
      created: routes.routeAnswer,
      answer: routes.routeAnswer,
      patch: routes.routePatch(providers),
      isReadable: true,
    }),
    ...resourceOperations({
      tag: 'Tokens',
      path: `${ORGANIZATION}/tokens`,
      create: tokens.newToken(world.now),
      created: tokens.issuedTokenAnswer,
      answer: tokens.tokenAnswer,
      isReadable: false,
    }),
    management({
      method: 'get',
      path: `${ORGANIZATION}/usage`,
      tag: 'Usage',
      summary: 'What requests came to, counted in groups',
      query: USAGE,
      answer: answer(usage.usageAnswer, 'The counts; with `format=csv` the groups as text/csv.'),
      errors: [...READ, 'invalid_request'],
    }),
    management({
      method: 'get',
      path: `${ORGANIZATION}/audit-log`,
      tag: 'Audit log',
      summary: 'Who changed what, newest first',
      query: [...PAGE, ...['actor', 'action', 'resource', 'since', 'until'].map(filter)],
      answer: answer(pageOfAnswers(auditLog.auditEntryAnswer), 'A page.'),
      errors: [...READ, 'invalid_request'],
    }),
  ]
}

const USAGE: readonly Parameter[] = [
  {
    name: 'from',
    description: 'The first moment that counts; 30 days before `to` where it is left out.',
    schema: { type: 'string', format: 'date-time' },
  },
  {
    name: 'to',
    description: 'The first moment that does not count any more; now where it is left out.',
    schema: { type: 'string', format: 'date-time' },
  },
  {
    name: 'group_by',
    description: `Some of ${GROUPS.join(', ')}, with commas between them.`,
    schema: text,
  },
  { name: 'format', description: '`json` or `csv`.', schema: { enum: ['json', 'csv'] } },
]

const filter = (name: string): Parameter => ({
  name,
  description: 'Only entries that match.',
  schema: text,
})
