import * as z from 'zod/mini'
import { headerSnapshot } from '../../src/gateway/caller/header-values.ts'
import { readBody } from '../../src/gateway/caller/read-body.ts'
import { readModelCall } from '../../src/gateway/caller/read-model-call.ts'
import { readRequestOptions } from '../../src/gateway/caller/request-options.ts'
import { readIdempotencyKey } from '../../src/routes/management/conditions.ts'
import type { ManagementContext } from '../../src/routes/management/context.ts'
import { readPage } from '../../src/routes/management/paging.ts'
import { readText } from '../../src/routes/management/read-body.ts'
import { rotation } from '../../src/routes/management/schemas/api-keys.ts'
import { newEndpoint } from '../../src/routes/management/schemas/endpoints.ts'
import { newProviderKey } from '../../src/routes/management/schemas/provider-keys.ts'
import { newRoute } from '../../src/routes/management/schemas/routes.ts'

const PROVIDERS = ['openai']

/** Something as large as it is asked to be, or one that is less than nothing. */
const letters = (count: number): string => 'x'.repeat(Math.max(count, 0))
const many = <Item>(count: number, item: (index: number) => Item): readonly Item[] =>
  Array.from({ length: Math.max(count, 0) }, (_, index) => item(index))
const members = (count: number, value: unknown): object =>
  Object.fromEntries(many(count, (index) => [`field${index}`, value]))

/** Whether it is taken: what is not is a refusal, however it is said. */
async function isTaken(work: () => unknown): Promise<boolean> {
  try {
    await work()
    return true
  } catch {
    return false
  }
}

const bodyOf = (bytes: number): Request =>
  new Request('http://keyway.example', { method: 'POST', body: new Uint8Array(bytes).fill(0x20) })

const takes =
  (schema: z.ZodMiniType, valueOf: (amount: number) => object) =>
  (amount: number): boolean =>
    z.safeParse(schema, valueOf(amount)).success

const providerKey = (fields: (amount: number) => object) =>
  takes(newProviderKey(PROVIDERS), (amount) => ({
    provider: 'openai',
    provider_key: 'sk-0123456789',
    name: 'Production',
    api_key_ids: [],
    ...fields(amount),
  }))

const endpoint = (fields: (amount: number) => object) =>
  takes(newEndpoint, (amount) => ({ name: 'lab', reach: 'connector', ...fields(amount) }))

const route = (fields: (amount: number) => object) =>
  takes(newRoute(PROVIDERS), (amount) => ({
    name: 'assistant',
    targets: [{ model: 'openai/gpt-6-sol' }],
    ...fields(amount),
  }))

const target = (fields: (amount: number) => object) =>
  route((amount) => ({ targets: [{ model: 'openai/gpt-6-sol', ...fields(amount) }] }))

const managing = (
  query: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
) =>
  ({
    req: {
      method: 'POST',
      path: '/',
      raw: bodyOf(0),
      query: (name: string) => query[name],
      header: (name: string) => headers[name],
    },
    get: () => 'admin',
  }) as unknown as ManagementContext

/** Whether so much is taken. */
type Takes = (amount: number) => boolean | Promise<boolean>

/** The sizes of docs/api.md, each with whether so much is taken where it is read. */
export const SIZES: ReadonlyMap<string, Takes> = new Map<string, Takes>([
  ['body of a call', (bytes) => isTaken(() => readBody(bodyOf(bytes), new Headers()))],
  ['body of a request to the control plane', (bytes) => isTaken(() => readText(bodyOf(bytes)))],
  [
    'characters of `model` in a call',
    (count) => {
      const request = new Response(JSON.stringify({ model: letters(count) }))
      return isTaken(() => readModelCall(request, headerSnapshot(new Headers())))
    },
  ],
  [
    'strings in `x-keyway-metadata`',
    (count) => {
      const headers = new Headers({ 'x-keyway-metadata': JSON.stringify(members(count, 'a')) })
      return isTaken(() => readRequestOptions(headerSnapshot(headers)))
    },
  ],
  [
    '`?limit=` of a list (20 where nothing is said)',
    (limit) => isTaken(() => readPage(managing({ limit: String(limit) }), 'routes')),
  ],
  [
    'characters of an `Idempotency-Key`',
    (count) =>
      isTaken(() => readIdempotencyKey(managing({}, { 'idempotency-key': letters(count) }))),
  ],
  ['characters of a `name`', providerKey((count) => ({ name: letters(count) }))],
  [
    'entries of `api_key_ids`, `models`',
    providerKey((count) => ({
      api_key_ids: many(count, () => 'key_1'),
      models: many(count, () => 'gpt-*'),
    })),
  ],
  ['characters of each', providerKey((count) => ({ models: [letters(count)] }))],
  ['`priority` of a provider key', providerKey((priority) => ({ priority }))],
  ['`overlap_seconds` of a rotation', takes(rotation, (overlap_seconds) => ({ overlap_seconds }))],
  ["characters of an endpoint's name", endpoint((count) => ({ name: letters(count) }))],
  ['`headers` of an endpoint', endpoint((count) => ({ headers: members(count, 'a') }))],
  ['characters of each value', endpoint((count) => ({ headers: { field: letters(count) } }))],
  [
    '`targets` of a route',
    route((count) => ({ targets: many(count, () => ({ model: 'openai/gpt-6-sol' })) })),
  ],
  ['`weight` of a target', target((weight) => ({ weight }))],
  ['characters of `overrides`, as JSON', target((count) => ({ overrides: jsonOf(count) }))],
  [
    'fields in `parameters.max`, in `parameters.rename`',
    (count) =>
      target((fields) => ({ parameters: { max: members(fields, 1) } }))(count) &&
      target((fields) => ({ parameters: { rename: renames(fields) } }))(count),
  ],
  ['`hedge_after_ms` of a route', route((hedge_after_ms) => ({ hedge_after_ms }))],
  [
    'each of `timeouts`',
    route((ms) => ({ timeouts: { first_byte_ms: ms, idle_ms: ms, total_ms: ms } })),
  ],
])

/** An object that is as many characters of JSON. */
function jsonOf(characters: number): object {
  const around = JSON.stringify({ a: '' }).length
  return characters < around ? {} : { a: letters(characters - around) }
}

const renames = (count: number): object =>
  Object.fromEntries(many(count, (index) => [`field${index}`, `other${index}`]))
