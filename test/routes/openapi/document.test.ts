import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import app from '../../../src/index.ts'
import { providerCatalog } from '../../../src/providers/catalog.ts'
import { loadControlPlane } from '../../../src/routes/control-plane.ts'
import { dataPlaneOperations } from '../../../src/routes/openapi/data-plane.ts'
import { openApiDocument } from '../../../src/routes/openapi/document.ts'
import { managementOperations } from '../../../src/routes/openapi/management.ts'

const operations = [...dataPlaneOperations, ...managementOperations(providerCatalog.names)]

/** A route of the application and a path of the document, in the same words. */
const worded = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path
    .replaceAll(/:(\w+)(?:\{[^}]*\})?/g, '{$1}')
    .replace(/\/native\/\{provider\}\/\*$/, '/native/{provider}/{path}')
    .replace(/(.)\/$/, '$1')}`

/** What OpenAPI can describe, less TRACE, which no `fetch` sends. https://spec.openapis.org/oas/v3.1.1#path-item-object */
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']

/** The methods that the application's own router leads to a route. */
const methodsOf = (path: string): readonly string[] =>
  METHODS.filter((method) => app.router.match(method, path)[0].length > 0)

/** The routes that answer; middleware is mounted for every path below its own. */
const routed = new Set(
  [
    // What hands everything on has its routes behind it.
    ...app.routes.filter(({ method, path }) => method !== 'ALL' || path.startsWith('/native/')),
    ...(await loadControlPlane()).routes,
  ]
    .filter(({ path }) => !path.endsWith('*') || path.startsWith('/native/'))
    .flatMap(({ method, path }) =>
      method === 'ALL'
        ? methodsOf(path.replace(/\*$/, 'v1')).map((each) => worded(each, path))
        : [worded(method, path)],
    ),
)
const documented = new Set(operations.map(({ method, path }) => worded(method, path)))

describe('the document and the routes', () => {
  test('agree: every route is documented', () => {
    expect([...routed].filter((route) => !documented.has(route))).toEqual([])
  })

  test('agree: every documented operation has a route', () => {
    expect([...documented].filter((route) => !routed.has(route))).toEqual([])
  })

  test('are described once each, under an id of their own', () => {
    expect(documented.size).toBe(operations.length)
    const document = openApiDocument(operations)
    const ids = Object.values(document['paths'] as Record<string, object>).flatMap((methods) =>
      Object.values(methods).map((described: { operationId: string }) => described.operationId),
    )
    expect(new Set(ids).size).toBe(operations.length)
  })
})

const ON_ERRORS = ['x-keyway-request-id', 'x-keyway-error-code', 'x-keyway-upstream-request-id']

test('answers are described with their headers, and refusals that may be tried again with how long to wait', () => {
  const document = openApiDocument(operations) as {
    paths: Record<string, Record<string, { responses: Record<string, { headers?: object }> }>>
  }
  const responses = document.paths['/v1/messages']?.['post']?.responses ?? {}
  expect(responses['200']?.headers).toHaveProperty('x-keyway-attempts')
  expect(responses['200']?.headers).toHaveProperty('ratelimit')
  expect(responses['200']?.headers).toHaveProperty('x-keyway-upstream-request-id')
  expect(Object.keys(responses['429']?.headers ?? {})).toEqual([...ON_ERRORS, 'retry-after'])
  expect(Object.keys(responses['400']?.headers ?? {})).toEqual([...ON_ERRORS, 'x-should-retry'])
})

interface Described {
  readonly security: readonly object[]
  readonly parameters?: readonly { readonly name: string; readonly schema: object }[]
  readonly responses: Record<string, { readonly headers?: object; readonly content?: object }>
}

describe('the management plane', () => {
  const { paths } = openApiDocument(operations) as {
    paths: Record<string, Partial<Record<string, Described>>>
  }
  const at = (method: string, path: string): Described =>
    paths[`/v1/organizations/{org}${path}`]?.[method] ?? expect.fail(path)

  test('says the version of each single resource, and the id of every request', () => {
    for (const [method, path, status] of [
      ['get', '/api-keys/{id}', 200],
      ['patch', '/routes/{id}', 200],
      ['post', '/tokens', 201],
      ['post', '/api-keys/{id}/rotate', 200],
      ['post', '/endpoints/{id}/connector-token', 201],
    ] as const) {
      const { headers = {} } = at(method, path).responses[status] ?? {}
      expect(Object.keys(headers), path).toEqual(['x-keyway-request-id', 'ETag'])
    }
    const { headers = {} } = at('get', '/api-keys').responses['200'] ?? {}
    expect(Object.keys(headers)).toEqual(['x-keyway-request-id'])
  })

  test('gives usage as CSV, too', () => {
    const { content = {} } = at('get', '/usage').responses['200'] ?? {}
    expect(Object.keys(content)).toEqual(['application/json', 'text/csv'])
  })

  test('wants times where it compares them', () => {
    const { parameters = [] } = at('get', '/audit-log')
    for (const wanted of ['since', 'until']) {
      expect(parameters.find(({ name }) => name === wanted)?.schema).toEqual({
        type: 'string',
        format: 'date-time',
      })
    }
  })

  test('lets people in by Cloudflare Access', () => {
    expect(at('get', '/api-keys').security).toContainEqual({ cloudflareAccess: [] })
    expect(openApiDocument(operations)).toMatchObject({
      components: { securitySchemes: { cloudflareAccess: { name: 'cf-access-jwt-assertion' } } },
    })
  })
})

test('bodies are described by the schemas that validate them', () => {
  const document = openApiDocument(operations) as {
    paths: Record<
      string,
      Record<string, { requestBody?: { content: { 'application/json': { schema: object } } } }>
    >
  }
  const create = document.paths['/v1/organizations/{org}/provider-keys']?.['post']
  expect(create?.requestBody?.content['application/json'].schema).toMatchObject({
    type: 'object',
    required: expect.arrayContaining(['provider', 'name', 'api_key_ids']),
    additionalProperties: false,
    properties: {
      settings: {
        description: expect.stringContaining('location, token for google_vertex_ai; base_url for'),
      },
    },
  })
})

test('errors are documented by status, with the codes that come with it', () => {
  const document = openApiDocument(operations) as {
    paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>>
  }
  const chat = document.paths['/v1/chat/completions']?.['post']?.responses
  expect(chat?.['403']?.description).toContain('`upstream_rejected_key`')
  expect(document.paths['/v1/messages']?.['post']?.responses).toHaveProperty('529')
})

test('the Worker serves it', async () => {
  const response = await app.request('/openapi.json', {}, {}, createExecutionContext())
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ openapi: '3.1.0' })
})
