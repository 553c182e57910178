import { Hono } from 'hono'
import { invalidRequest } from '../../../src/core/errors.ts'
import { isObject, type JsonObject } from '../../../src/core/parse.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import { errorResponse } from '../../../src/routes/error-response.ts'
import type { ProviderCatalog } from '../../../src/routes/management/provider-catalog.ts'
import { managementRoutes } from '../../../src/routes/management/routes.ts'
import { managementOperations } from '../../../src/routes/openapi/management.ts'
import type { Env } from '../../../src/storage/env.ts'
import { ADMIN_TOKEN, kvEntries, NOW, randomBytes, testEnv } from '../../storage/world.ts'
import { describedBy } from '../../support/described.ts'

/** Two providers that exist in these tests only: what a credential may look like is not what is tested here. */
export const fakeProviders: ProviderCatalog = {
  names: ['one', 'two'],
  parseCredential: (_, value) => {
    if (typeof value !== 'string' || value.trim() === '') {
      throw invalidRequest('provider_key must be a non-empty string.', 'provider_key')
    }
    const credential = { kind: 'key', apiKey: value } as const
    return Promise.resolve({ credential, hint: value.slice(-4) })
  },
  parseSettings: (_, value) => {
    if (value === undefined) return {}
    if (isObject(value) && Object.keys(value).every((name) => name === 'base_url')) return value
    throw invalidRequest('settings takes base_url only.', 'settings.base_url')
  },
}

/** The management plane, with a world outside that is `reach`. */
function application(reach: typeof fetch) {
  const app = new Hono<{ Bindings: Env }>()
  const world = { now: () => NOW, randomBytes, fetch: reach }
  app.route('/v1/organizations', managementRoutes(fakeProviders, world))
  app.notFound((c) => c.json({ error: { code: 'not_found' } }, 404))
  app.onError((error) => errorResponse(error, 'openai', newTrace('req_test')))
  return app
}

/** What goes on behind an answer goes on by itself. */
const background = {
  waitUntil: () => undefined,
  passThroughOnException: () => undefined,
  props: {},
}

const nowhere: typeof fetch = () => Promise.reject(new Error('nothing is to be fetched'))
const standard = application(nowhere)
const requireDescribed = describedBy(managementOperations(fakeProviders.names))

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: JsonObject
  readonly headers: Headers
}

/** How a request differs from an administrator's. */
export interface Variation {
  readonly authorization?: string | null
  readonly env?: Env
  readonly headers?: Readonly<Record<string, string>>
  /** What fetching reaches; nothing where it is not there. */
  readonly fetch?: typeof fetch
}

/** Sends a request to the management plane; a body that is not text goes as JSON. What comes back is in the OpenAPI document. */
export async function send(
  method: string,
  path: string,
  body?: unknown,
  variation: Variation = {},
): Promise<Answer> {
  const { authorization = `Bearer ${ADMIN_TOKEN}`, env = testEnv(), headers = {} } = variation
  const app = variation.fetch ? application(variation.fetch) : standard
  const init: RequestInit = {
    method,
    headers: { ...headers, ...(authorization === null ? {} : { authorization }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  }
  const response = await app.request(`/v1/organizations${path}`, init, env, background)
  requireDescribed({ method, path: `/v1/organizations${path}`, response })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  const parsed: unknown = isJson ? JSON.parse(text) : {}
  if (!isObject(parsed)) throw new Error('the answer is not an object')
  return { status: response.status, text, body: parsed, headers: response.headers }
}

/** Makes something and gives its id; anything but 201 is an error. */
export async function create(path: string, body: unknown): Promise<string> {
  const answer = await send('POST', path, body)
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.text}`)
  return String(answer.body['id'])
}

export function newOrganization(): Promise<string> {
  return create('', { name: 'Acme' })
}

/** All entries of a list, page by page. */
export async function listAll(path: string, limit: number): Promise<JsonObject[]> {
  const entries: JsonObject[] = []
  let cursor = ''
  do {
    const { body } = await send('GET', `${path}?limit=${limit}${cursor}`)
    const { data, next_cursor: next } = body
    if (!Array.isArray(data)) throw new Error('data is not an array')
    if (data.length > limit) throw new Error('the page is too long')
    entries.push(...data.filter(isObject))
    cursor = typeof next === 'string' ? `&cursor=${next}` : ''
  } while (cursor !== '')
  return entries
}

export const aProviderKey = {
  provider: 'one',
  provider_key: 'sk-canary-8d1f0c2b',
  name: 'Production',
  api_key_ids: [],
}

/** What a request that must be refused gets, and whether anything was stored or said that must not be. */
export async function refusalOf(path: string, body: unknown): Promise<object> {
  const before = JSON.stringify(await kvEntries())
  const { status, body: answer, text } = await send('POST', path, body)
  const { error } = answer
  const { code, param } = isObject(error) ? error : {}
  const isStored = JSON.stringify(await kvEntries()) !== before
  return { status, code, param, isStored, tellsValue: text.includes('canary') }
}

/** What `refusalOf` is to be where the field is at fault. */
export const refused = (param: string | null): object => ({
  status: 400,
  code: 'invalid_request',
  param,
  isStored: false,
  tellsValue: false,
})
