import { isObject, type JsonObject, tryParseJson } from '../src/core/parse.ts'
import { brokenConnection } from './connection-failure.ts'
import { textOf } from './json.ts'
import type { Machine } from './machine.ts'
import { notKeyway, refusal } from './refusal.ts'

/** The management plane of one Keyway. */
export interface Client {
  get(path: string): Promise<JsonObject>
  /** A thing and the version of it that `If-Match` takes. */
  getVersion(path: string): Promise<{ readonly thing: JsonObject; readonly version: string | null }>
  /** Every entry of a list, page by page, or the first `most`. */
  list(path: string, most?: number): Promise<JsonObject[]>
  post(path: string, body?: object): Promise<JsonObject>
  patch(path: string, body: object, version?: string | null): Promise<JsonObject>
  delete(path: string, version?: string | null): Promise<void>
}

/** Where Keyway is, and what to prove oneself with. */
export interface Connection {
  /** Without a slash at the end. */
  readonly url: string
  readonly token: string
}

interface Sent {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: object
  readonly version?: string | null
}

const TIMEOUT_MS = 60_000
/** How long to wait before each further attempt. */
const PAUSES_MS = [200, 600, 1800]
const PAGE = 100

/** Paths are relative to `/v1/organizations`. Rejects with a Failure that says what was wrong. */
export function createClient(machine: Machine, connection: Connection): Client {
  const call = (sent: Sent): Promise<Response> => sendUntilAnswered(machine, connection, sent)
  const json = async (sent: Sent): Promise<JsonObject> => objectIn(await call(sent), connection.url)
  return {
    get: (path) => json({ method: 'GET', path }),
    async getVersion(path) {
      const response = await call({ method: 'GET', path })
      const version = response.headers.get('etag')
      return { thing: await objectIn(response, connection.url), version }
    },
    async list(path, most = Infinity) {
      const things: JsonObject[] = []
      let cursor = ''
      do {
        const limit = Math.min(PAGE, most - things.length)
        const page = await json({ method: 'GET', path: pagePath(path, limit, cursor) })
        things.push(...entriesOf(page))
        cursor = textOf(page, 'next_cursor')
      } while (cursor !== '' && things.length < most)
      return things
    },
    post: (path, body = {}) => json({ method: 'POST', path, body }),
    patch: (path, body, version = null) => json({ method: 'PATCH', path, body, version }),
    async delete(path, version = null) {
      await call({ method: 'DELETE', path, version })
    },
  }
}

function pagePath(path: string, limit: number, cursor: string): string {
  const [plain = '', query = ''] = path.split('?')
  const search = new URLSearchParams(query)
  search.set('limit', String(limit))
  if (cursor !== '') search.set('cursor', cursor)
  return `${plain}?${search.toString()}`
}

function entriesOf({ data }: JsonObject): JsonObject[] {
  return Array.isArray(data) ? data.filter((entry) => isObject(entry)) : []
}

/**
 * A read, and a POST with one key for all its attempts, are the same however often they arrive, so a broken connection or
 * a failing server is tried again. A PATCH or DELETE is not: whether it was done cannot be told.
 */
async function sendUntilAnswered(
  machine: Machine,
  connection: Connection,
  sent: Sent,
): Promise<Response> {
  const idempotencyKey = machine.newId()
  const pauses = sent.method === 'GET' || sent.method === 'POST' ? PAUSES_MS : []
  for (let attempt = 0; ; attempt++) {
    const pause = pauses[attempt]
    const answer = await sendOnce(machine, connection, { ...sent, idempotencyKey })
    const canHelp = answer instanceof Response ? answer.status >= 500 : answer.canHelp
    if (!canHelp || pause === undefined) {
      if (!(answer instanceof Response)) throw answer.failure
      if (!answer.ok) throw await refusal(answer, connection.url)
      return answer
    }
    await machine.sleep(pause)
  }
}

async function sendOnce(
  machine: Machine,
  { url, token }: Connection,
  { method, path, body, version, idempotencyKey }: Sent & { readonly idempotencyKey: string },
): Promise<Response | ReturnType<typeof brokenConnection>> {
  try {
    return await machine.fetch(`${url}/v1/organizations${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': idempotencyKey } : {}),
        ...(typeof version === 'string' ? { 'if-match': version } : {}),
      },
      body: body === undefined ? null : JSON.stringify(body),
      // The token must not be taken to wherever a redirect leads.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    return brokenConnection(error, url)
  }
}

async function objectIn(response: Response, url: string): Promise<JsonObject> {
  const body = tryParseJson(await response.text())
  if (isObject(body)) return body
  throw notKeyway(url, response.status)
}
