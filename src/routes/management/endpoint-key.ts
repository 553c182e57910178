import type { EntraApp } from '../../core/credentials.ts'
import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { parseEntraApp } from '../../upstream-auth/entra-app.ts'

const KEY = /^[\x21-\x7e]{1,4096}$/

type Given = string | JsonObject | null
type Taken = string | EntraApp | null

/** What an endpoint is given as its key: a text that a header can hold, or an app of Entra's where `auth` says so. */
export function endpointKey(auth: string | undefined, key: Given): Taken
export function endpointKey(auth: string | undefined, key: Given | undefined): Taken | undefined
export function endpointKey(auth: string | undefined, key: Given | undefined): Taken | undefined {
  if (key === null || key === undefined) return key
  if (auth === 'entra') return parseEntraApp(key)
  // It would be sent as it is, secret and all.
  if (typeof key !== 'string' || isObject(tryParseJson(key))) {
    throw invalidRequest('auth must be entra along with an api_key that is an object.', 'auth')
  }
  if (KEY.test(key)) return key
  throw invalidRequest('api_key must be 1 to 4096 visible ASCII characters.', 'api_key')
}
