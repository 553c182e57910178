import type { ErrorCode } from '../../core/errors.ts'
import { GROUPS } from '../../storage/resources/usage.ts'
import * as apiKeys from '../management/schemas/api-keys.ts'
import * as auditLog from '../management/schemas/audit-log.ts'
import * as endpoints from '../management/schemas/endpoints.ts'
import * as organizations from '../management/schemas/organizations.ts'
import { pageOfAnswers } from '../management/schemas/page.ts'
import * as providerKeys from '../management/schemas/provider-keys.ts'
import * as routes from '../management/schemas/routes.ts'
import * as tokens from '../management/schemas/tokens.ts'
import * as usage from '../management/schemas/usage.ts'
import {
  type Answer,
  type JsonSchema,
  type Operation,
  type Parameter,
  text,
  time,
} from './operation.ts'
import {
  answer,
  IDEMPOTENCY_KEY,
  IF_MATCH,
  management,
  PAGE,
  READ,
  resourceOperations,
  type Schema,
  single,
} from './resource-operations.ts'

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

/** One that gives a secret: it can be sent again, and changes only what is still as it was. */
const issuing = (operation: Operation, ...more: readonly ErrorCode[]): Operation => ({
  ...operation,
  headers: [IDEMPOTENCY_KEY, IF_MATCH],
  errors: [...operation.errors, 'idempotency_conflict', 'precondition_failed', ...more],
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
    action(
      'Organizations',
      `${ORGANIZATION}/republish`,
      'Write everything that the data plane reads to KV once more',
      answer(organizations.republishAnswer, 'How many records there are.'),
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
    issuing(
      action(
        'API keys',
        `${ORGANIZATION}/api-keys/{id}/rotate`,
        'Give the key a new secret; the old one works until the overlap ends',
        single(apiKeys.issuedApiKeyAnswer, 'The key, with its new secret.'),
        apiKeys.rotation,
      ),
    ),
    ...resourceOperations({
      tag: 'Provider keys',
      path: `${ORGANIZATION}/provider-keys`,
      create: providerKeys.newProviderKey(providers),
      created: providerKeys.providerKeyAnswer,
      answer: providerKeys.providerKeyAnswer,
      patch: providerKeys.providerKeyPatch,
      isReadable: true,
      mayConflict: true,
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
      mayConflict: true,
    }),
    issuing(
      action(
        'Endpoints',
        `${ORGANIZATION}/endpoints/{id}/connector-token`,
        'Issue a token that a connector dials in with; two may be live at once',
        single(endpoints.connectorTokenAnswer, 'The token, shown once.', 201),
        endpoints.connectorTokenRequest,
      ),
      'conflict',
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
      mayConflict: true,
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
      answer: {
        ...answer(usage.usageAnswer, 'The counts; with `format=csv` the groups alone.'),
        otherType: 'text/csv',
      },
      errors: [...READ, 'invalid_request'],
    }),
    management({
      method: 'get',
      path: `${ORGANIZATION}/audit-log`,
      tag: 'Audit log',
      summary: 'Who changed what, newest first',
      query: [
        ...PAGE,
        ...['actor', 'action', 'resource'].map(filter(text)),
        ...['since', 'until'].map(filter(time)),
      ],
      answer: answer(pageOfAnswers(auditLog.auditEntryAnswer), 'A page.'),
      errors: [...READ, 'invalid_request'],
    }),
  ]
}

const USAGE: readonly Parameter[] = [
  {
    name: 'from',
    description:
      'The first moment that counts; 30 days before `to` where it is left out, and then whole days count, unless it is grouped by another unit.',
    schema: time,
  },
  {
    name: 'to',
    description: 'The first moment that does not count any more; now where it is left out.',
    schema: time,
  },
  {
    name: 'group_by',
    description: `Some of ${GROUPS.join(', ')}, with commas between them.`,
    schema: text,
  },
  { name: 'format', description: '`json` or `csv`.', schema: { enum: ['json', 'csv'] } },
]

const filter =
  (schema: JsonSchema) =>
  (name: string): Parameter => ({ name, description: 'Only entries that match.', schema })
