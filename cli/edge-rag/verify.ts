import { isObject, type JsonObject, tryParseJson } from '../../src/core/parse.ts'
import { brokenConnection } from '../connection-failure.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { textOf } from '../json.ts'
import { fieldText } from '../kubectl.ts'
import type { Machine } from '../machine.ts'
import { notKeyway } from '../refusal.ts'
import { INSTALLED_KEY, type Place } from './place.ts'

/** The key under test, and where it was found. */
export interface Tested {
  readonly url: string
  readonly key: string
  readonly place: Place
}

const TIMEOUT_MS = 60_000

/** Calls Keyway with the key as Edge RAG would. Throws when it is refused. */
export async function verifyKey(
  machine: Machine,
  tested: Tested,
  model: string | undefined,
): Promise<JsonObject> {
  if (tested.key === INSTALLED_KEY) {
    throw new Failure(
      EXIT.refused,
      `${fieldText(tested.place)} still holds the placeholder of the installation.`,
      { code: 'placeholder', advice: 'keyway edge-rag set-key --api-key "Edge RAG" --create' },
    )
  }
  const models = await call(machine, tested, '/v1/models')
  const { data } = models
  const result = { ok: true, secret: fieldText(tested.place), models: lengthOf(data) }
  if (model === undefined) return result
  await call(machine, tested, '/v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: 'Say OK.' }],
  })
  return { ...result, answered: model }
}

const lengthOf = (data: unknown): number => (Array.isArray(data) ? data.length : 0)

async function call(
  machine: Machine,
  { url, key, place }: Tested,
  path: string,
  body?: object,
): Promise<JsonObject> {
  const response = await send(machine, url + path, key, body)
  const answer = tryParseJson(await response.text())
  if (response.ok && isObject(answer)) return answer
  const error = isObject(answer) ? answer['error'] : undefined
  if (!isObject(error)) throw notKeyway(url, response.status)
  const isKeyRefused = response.status === 401
  const what = isKeyRefused ? `Keyway refuses the key in ${fieldText(place)}` : `${path} failed`
  throw new Failure(EXIT.refused, `${what}: ${textOf(error, 'message')}`, {
    code: textOf(error, 'code'),
    status: response.status,
    requestId: response.headers.get('x-keyway-request-id') ?? '',
    ...(isKeyRefused
      ? { advice: 'keyway edge-rag set-key --api-key NAME puts a good one there.' }
      : {}),
  })
}

async function send(
  machine: Machine,
  url: string,
  key: string,
  body: object | undefined,
): Promise<Response> {
  try {
    return await machine.fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    throw brokenConnection(error, new URL(url).origin).failure
  }
}
