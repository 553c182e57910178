import type { MiddlewareHandler } from 'hono'
import { API_KEY_PREFIX } from '../../core/api-key-format.ts'
import { GatewayError } from '../../core/errors.ts'
import { readSettings } from '../../storage/env.ts'
import { holderOf } from '../../storage/resources/tokens.ts'
import { sha256 } from '../../storage/sealed/sha256.ts'
import { personOf } from './cloudflare-access.ts'
import type { ManagementContext, ManagementDependencies, ManagementEnv } from './context.ts'
import { nameOf, type Principal } from './principal.ts'

/** Lets nobody by without the deployment's ADMIN_TOKEN, a management token, or a proof from Cloudflare Access. */
export function requirePrincipal(deps: ManagementDependencies): MiddlewareHandler<ManagementEnv> {
  return async function authenticateManagement(c, next) {
    const principal = await principalOf(c, deps)
    c.set('principal', principal)
    c.set('managedBy', nameOf(principal))
    await next()
  }
}

async function principalOf(c: ManagementContext, deps: ManagementDependencies): Promise<Principal> {
  const { adminToken, access } = readSettings(c.env)
  const proof = c.req.header('cf-access-jwt-assertion')
  // A token that was sent is meant; Access adds its proof to every request that goes through it.
  if (access && proof !== undefined && c.req.header('authorization') === undefined) {
    requireSameOrigin(c)
    return personOf(proof, access, deps)
  }
  const token = bearerToken(c.req.header('authorization'))
  if (await isSame(token, adminToken)) return { kind: 'administrator' }
  const holder = await holderOf(c.env, token, deps.now())
  if (!holder) throw invalid(token)
  const { id, organizationId, role } = holder
  return { kind: 'member', id, roles: new Map([[organizationId, role]]) }
}

/**
 * A browser sends Access's cookie along with whatever another site makes it send, so a person's change must come from
 * a page of this host. Reading needs no such care: the other site cannot see the answer.
 */
function requireSameOrigin(c: ManagementContext): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  const isOwn = origin === undefined || origin === new URL(c.req.url).origin
  if (isOwn && (site === undefined || site === 'same-origin' || site === 'none')) return
  throw new GatewayError('permission_denied', 'A change must come from a page of this host.')
}

function bearerToken(header = ''): string {
  const [scheme = '', ...words] = header.trim().split(/\s+/)
  const isBearer = scheme.toLowerCase() === 'bearer'
  if (scheme === '' || (isBearer && words.length === 0)) {
    throw new GatewayError(
      'missing_management_token',
      'Managing needs the header "Authorization: Bearer …" with the ADMIN_TOKEN or a management token.',
    )
  }
  // Another scheme carries no token of ours; nothing equals the empty one, since ADMIN_TOKEN is not empty.
  return isBearer && words.length === 1 ? (words[0] ?? '') : ''
}

/** Compares digests: they are as long as each other, and how far two of them agree tells nothing of the texts. */
async function isSame(given: string, expected: string): Promise<boolean> {
  const [a, b] = await Promise.all([sha256(given), sha256(expected)])
  return crypto.subtle.timingSafeEqual(a, b)
}

function invalid(token: string): GatewayError {
  const message = token.startsWith(API_KEY_PREFIX)
    ? 'This is an API key. It calls models; managing needs the ADMIN_TOKEN or a management token.'
    : 'The management token is not known, has expired, or was revoked.'
  return new GatewayError('invalid_management_token', message)
}
