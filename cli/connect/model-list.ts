import { buffer } from 'node:stream/consumers'
import { isObject, tryParseJson } from '../../src/core/parse.ts'
import { textOf } from '../json.ts'
import type { Credential } from './credential.ts'
import { toModel } from './model-headers.ts'
import type { ModelServer } from './model-server.ts'

/** What the model server answered, as far as it was read. */
export interface ModelAnswer {
  readonly status: number
  readonly body: string
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/** Asks the model server something small, as a call through the tunnel would. Rejects with what Node's client says. */
export function askModel(
  { server, credential }: { readonly server: ModelServer; readonly credential: Credential },
  {
    path,
    body,
    timeoutMs,
  }: { readonly path: string; readonly body?: object; readonly timeoutMs: number },
): Promise<ModelAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<ModelAnswer>()
  const method = body === undefined ? 'GET' : 'POST'
  const received = [
    ['accept', 'application/json'],
    ['content-type', 'application/json'],
  ] as const
  const headers = toModel(received, server.target.host, credential)
  const request = server.request({ method, path, headers }, () => undefined)
  const timer = setTimeout(() => {
    request.destroy(Object.assign(new Error('No answer in time'), { code: 'NO_ANSWER' }))
  }, timeoutMs)
  let isAnswered = false
  request.on('error', reject)
  request.on('close', () => {
    clearTimeout(timer)
    // Such as after a 101, which is neither an answer nor an error.
    if (!isAnswered) reject(new Error('No answer'))
  })
  request.on('response', (response) => {
    isAnswered = true
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) response.destroy()
    })
    buffer(response).then(
      (whole) => resolve({ status: response.statusCode ?? 0, body: whole.toString() }),
      reject,
    )
  })
  request.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}

/** The names in a list of models as OpenAI's `GET /v1/models` gives it; undefined when it is none. */
export function modelNames(body: string): string[] | undefined {
  const list = tryParseJson(body)
  const data: unknown = isObject(list) ? list['data'] : undefined
  if (!Array.isArray(data)) return undefined
  return data.filter(isObject).flatMap((model) => textOf(model, 'id') || [])
}
