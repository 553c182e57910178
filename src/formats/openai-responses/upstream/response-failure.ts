import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { StreamedError } from '../../../core/wire-format.ts'

/** What the codes of failures would be as an answer's status, where they are not the provider's own fault. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  context_length_exceeded: 400,
  invalid_prompt: 400,
  server_is_overloaded: 503,
  slow_down: 503,
}

/** What a failed response, or an `error` event, says of its failure: in itself, or in an `error` that may be a string. */
export function failureOf(said: JsonObject): StreamedError {
  const error = isObject(said['error']) ? said['error'] : said
  const { code, type, param } = error
  const message = typeof said['error'] === 'string' ? said['error'] : error['message']
  const known = typeof code === 'string' ? code : undefined
  const status = known === undefined ? undefined : statusOf(known)
  return {
    message: typeof message === 'string' && message !== '' ? message : 'The response failed.',
    ...(known === undefined ? {} : { code: known }),
    ...(typeof type === 'string' && error !== said ? { type } : {}),
    ...(typeof param === 'string' ? { param } : {}),
    ...(status === undefined ? {} : { status }),
  }
}

function statusOf(code: string): number | undefined {
  if (/^invalid_|image/.test(code)) return 400
  return Object.hasOwn(STATUS_OF_CODE, code) ? STATUS_OF_CODE[code] : undefined
}
