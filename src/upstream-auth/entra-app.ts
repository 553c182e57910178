import type { EntraApp } from '../core/credentials.ts'
import { invalidRequest } from '../core/errors.ts'
import { isObject, refuseUnknownMembers, requireString, tryParseJson } from '../core/parse.ts'
import { headerSafeKey } from './static-key.ts'

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
/** A tenant's id, or a domain of it. It becomes part of a path. */
const TENANT = /^(?=.{1,253}$)[\da-z](?:[\da-z-]*[\da-z])?(?:\.[\da-z](?:[\da-z-]*[\da-z])?)+$/i
const SCOPE = /^[\x21-\x7e]{1,500}\/\.default$/

/**
 * `{tenant_id, client_id, client_secret, scope}`, or its text: an app registration that asks in its own name.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function parseEntraApp(value: unknown): EntraApp {
  const path = 'api_key'
  const object = typeof value === 'string' ? tryParseJson(value) : value
  const members = ['tenant_id', 'client_id', 'client_secret', 'scope']
  if (!isObject(object)) {
    throw invalidRequest(
      `${path} must be a JSON object (or its text) of ${members.join(', ')}.`,
      path,
    )
  }
  refuseUnknownMembers(object, members, path)
  const matching = (member: string, pattern: RegExp, demand: string): string => {
    const text = requireString(object, member, path).trim()
    if (pattern.test(text)) return text
    throw invalidRequest(`${path}.${member} must ${demand}.`, `${path}.${member}`)
  }
  const secret = requireString(object, 'client_secret', path)
  return {
    tenantId: matching(
      'tenant_id',
      new RegExp(`${UUID.source}|${TENANT.source}`, 'i'),
      'be a UUID or a domain name',
    ),
    clientId: matching('client_id', UUID, 'be a UUID'),
    clientSecret: headerSafeKey(secret, `${path}.client_secret`),
    scope: matching('scope', SCOPE, 'end with /.default, such as api://<app id>/.default'),
  }
}
