import * as z from 'zod/mini'
import { type ErrorCode, ERRORS } from '../../core/errors.ts'
import { type Direction, jsonSchemaOf } from './json-schema.ts'
import {
  type Answer,
  type JsonSchema,
  type Operation,
  type Parameter,
  REQUEST_ID,
  text,
  UPSTREAM_REQUEST_ID,
} from './operation.ts'

const ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'The shape of the OpenAI surfaces, the native surface and the management plane.',
  properties: {
    error: {
      type: 'object',
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        code: { type: ['string', 'null'] },
        param: { type: ['string', 'null'] },
      },
      required: ['message', 'type', 'code', 'param'],
    },
  },
  required: ['error'],
}

const ANTHROPIC_ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'The shape of the Anthropic surface; the code is in `x-keyway-error-code`.',
  properties: {
    type: { const: 'error' },
    error: {
      type: 'object',
      properties: { type: { type: 'string' }, message: { type: 'string' } },
      required: ['type', 'message'],
    },
    request_id: { type: 'string' },
  },
  required: ['type', 'error', 'request_id'],
}

const SECURITY = {
  'api-key': [{ apiKey: [] }, { apiKeyHeader: [] }],
  management: [{ managementToken: [] }, { cloudflareAccess: [] }],
  connector: [{ connectorToken: [] }],
  none: [],
} as const

/** The OpenAPI 3.1 document of some operations. https://spec.openapis.org/oas/v3.1.1 */
export function openApiDocument(operations: readonly Operation[]): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  for (const operation of operations) {
    const { path, method } = operation
    paths[path] = { ...paths[path], [method]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keyway',
      version: '0.1.0',
      description: 'Your keys, every model, from the edge.',
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Error: ERROR_SCHEMA, AnthropicError: ANTHROPIC_ERROR_SCHEMA },
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, kw_….' },
        apiKeyHeader: { type: 'apiKey', in: 'header', name: 'x-keyway-api-key' },
        managementToken: {
          type: 'http',
          scheme: 'bearer',
          description: "The deployment's ADMIN_TOKEN or a management token, kwm_….",
        },
        cloudflareAccess: {
          type: 'apiKey',
          in: 'header',
          name: 'cf-access-jwt-assertion',
          description: 'What Cloudflare Access says of a person, where the deployment trusts it.',
        },
        connectorToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'A connector token, kwc_….',
        },
      },
    },
  }
}

function describe(operation: Operation): JsonSchema {
  const { answer, request } = operation
  const inPath = Array.from(operation.path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name)
  const parameters = [
    ...inPath.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(operation.query ?? []).map((parameter) => parameterIn('query', parameter)),
    ...(operation.headers ?? []).map((parameter) => parameterIn('header', parameter)),
  ]
  return {
    operationId: operationId(operation),
    tags: [operation.tag],
    summary: operation.summary,
    security: SECURITY[operation.security],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(request === undefined
      ? {}
      : {
          requestBody: {
            required: operation.isBodyOptional !== true,
            content: jsonContent(schemaOf(request, 'input')),
          },
        }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...contentOf(answer),
        ...headersOf([...(hasRequestId(operation) ? [REQUEST_ID] : []), ...(answer.headers ?? [])]),
      },
      ...errorResponses(operation),
    },
  }
}

function contentOf({ schema, otherType }: Answer): JsonSchema {
  if (schema === undefined) return {}
  const other = otherType === undefined ? {} : { [otherType]: { schema: text } }
  return { content: { ...jsonContent(schemaOf(schema, 'output')), ...other } }
}

const hasRequestId = ({ security }: Operation): boolean =>
  security === 'api-key' || security === 'management'

/** The headers of an answer, which OpenAPI names by key. */
function headersOf(headers: readonly Parameter[] = []): JsonSchema {
  if (headers.length === 0) return {}
  const entries = headers.map(({ name, description, schema }) => [name, { description, schema }])
  return { headers: Object.fromEntries(entries) }
}

/** What says which error it is; and how long to wait, or that sending the same again does not help. */
const errorHeaders = (
  codes: readonly ErrorCode[],
  security: Operation['security'],
): readonly Parameter[] => [
  REQUEST_ID,
  { name: 'x-keyway-error-code', description: 'Keyway’s code.', schema: text },
  ...(security === 'api-key' ? [UPSTREAM_REQUEST_ID] : []),
  ...(codes.some((code) => ERRORS[code].retryable)
    ? [{ name: 'retry-after', description: 'Seconds to wait.', schema: { type: 'integer' } }]
    : []),
  ...(codes.some((code) => !ERRORS[code].retryable)
    ? [{ name: 'x-should-retry', description: 'Do not try again.', schema: { const: 'false' } }]
    : []),
]

function parameterIn(place: 'query' | 'header', { name, description, schema }: Parameter) {
  return { name, in: place, required: false, description, schema }
}

/** `post /v1/organizations/{org}/api-keys` is `postV1OrganizationsOrgApiKeys`. */
function operationId({ method, path }: Operation): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return [method, ...words.map((word) => word[0]?.toUpperCase() + word.slice(1))].join('')
}

const jsonContent = (schema: JsonSchema): JsonSchema => ({ 'application/json': { schema } })

/** The schema that validates, as JSON Schema: what a caller sends, or what an answer holds. */
function schemaOf(schema: z.ZodMiniType | JsonSchema, io: Direction): JsonSchema {
  if (!(schema instanceof z.ZodMiniType)) return schema
  return jsonSchemaOf(schema, io)
}

/** One response a status, naming every code that comes with it. */
function errorResponses({ errors, tag, security }: Operation): Record<string, JsonSchema> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errors) {
    const isOverload = tag === 'Anthropic' && code === 'upstream_overloaded'
    const status = isOverload ? 529 : ERRORS[code].status
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  const name = tag === 'Anthropic' ? 'AnthropicError' : 'Error'
  const content = jsonContent({ $ref: `#/components/schemas/${name}` })
  return Object.fromEntries(
    Array.from(byStatus, ([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\``).join(', '),
        content,
        ...headersOf(errorHeaders(codes, security)),
      },
    ]),
  )
}
