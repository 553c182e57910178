import type { JsonObject } from '../../core/parse.ts'
import type { Refusal } from './table.ts'

/** Where model servers look for their key. */
const KEY_HEADERS = new Set(['authorization', 'api-key', 'x-api-key'])

/** What cannot be meant together, in the row as it would be after the change. */
export function contradiction(row: JsonObject): Refusal | undefined {
  const { reach, base_url: baseUrl, auth, sealed_api_key: key } = row
  const hasUrl = typeof baseUrl === 'string'
  if (reach === 'url' && !hasUrl) return refused('base_url', 'is missing: reach is url.')
  if (reach === 'connector' && hasUrl) {
    return refused('base_url', 'must be null where reach is connector: it knows its own target.')
  }
  if ((auth === 'none' || auth === 'caller') && typeof key === 'string') {
    return refused('auth', 'must say where the api_key goes, or api_key must be null.')
  }
  if (auth === 'entra' && typeof key !== 'string') {
    return refused('api_key', 'must be the app that tokens are minted for: auth is entra.')
  }
  const names = Array.isArray(row['header_names']) ? row['header_names'] : []
  const keys = names.filter((name) => KEY_HEADERS.has(String(name)))
  const hasKey = typeof key === 'string' || auth === 'caller'
  if (keys.length > 1 || (keys.length === 1 && hasKey)) {
    return refused('headers', 'must hold no second key for the model: some servers refuse two.')
  }
  return undefined
}

/** A key and Entra's credential do not go the same way: one that is changed for the other is changed with `auth`. */
export function halfChange(
  row: JsonObject,
  { auth, sealed_api_key: key }: JsonObject,
): Refusal | undefined {
  const { auth: before, sealed_api_key: stored } = row
  if (auth === undefined && before === 'entra' && typeof key === 'string') {
    return refused('auth', 'must be said again with a new api_key: it is entra.')
  }
  const isOther = auth !== undefined && (auth === 'entra') !== (before === 'entra')
  if (isOther && key === undefined && typeof stored === 'string') {
    return refused('api_key', 'must be said anew: what is stored is for another auth.')
  }
  return undefined
}

/** What is stored, and the field that it is given in. */
const SECRETS = [
  ['sealed_api_key', 'api_key'],
  ['sealed_headers', 'headers'],
] as const

/**
 * A secret was given for one server: whoever may change the address, but does not know the secret, must not have it sent
 * to another one. Where connectors dial in, it goes to whoever holds one of their tokens.
 */
export function strayingSecret(row: JsonObject, fields: JsonObject): Refusal | undefined {
  if (serverOf({ ...row, ...fields }) === serverOf(row)) return undefined
  const straying = SECRETS.find(
    ([column]) => typeof row[column] === 'string' && fields[column] === undefined,
  )
  return straying && refused(straying[1], 'must be said again for another address, or be null.')
}

/** A token for an endpoint that no connector dials in for. */
export function idleToken(
  { reach }: JsonObject,
  { connector_hashes: issued }: JsonObject,
): Refusal | undefined {
  if (issued === undefined || reach === 'connector') return undefined
  const message = 'reach of this endpoint is url: no connector dials in for it.'
  return { kind: 'refused', code: 'conflict', message, param: 'reach' }
}

function serverOf({ reach, base_url: baseUrl }: JsonObject): string {
  return typeof baseUrl === 'string' ? new URL(baseUrl).origin : String(reach)
}

function refused(param: string, demand: string): Refusal {
  return { kind: 'refused', code: 'invalid_request', message: `${param} ${demand}`, param }
}
