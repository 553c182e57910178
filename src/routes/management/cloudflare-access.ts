import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { hex } from '../../core/encoding.ts'
import { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/parse.ts'
import { TimedCache } from '../../core/timed-cache.ts'
import type { AccessSettings } from '../../storage/access-settings.ts'
import type { Role } from '../../storage/organization/entities.ts'
import { sha256 } from '../../storage/sealed/sha256.ts'
import type { ManagementDependencies } from './context.ts'
import { type Principal, strongest } from './principal.ts'

/**
 * People who come through Cloudflare Access, by the JWT that it adds to each request.
 * https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/validating-json/
 */

const ALGORITHM = 'RS256'
const KEYS_PATH = '/cdn-cgi/access/certs'
const KEYS_KEPT_MS = 3_600_000
/** A key id that is not known may be new: but nobody can make Keyway ask more often than this. */
const KEYS_ASKED_AGAIN_MS = 60_000
const VERIFIED_KEPT_MS = 60_000
const MAX_VERIFIED = 1_000
const MAX_JWT_CHARACTERS = 16_384

/** The team's keys, and when they were asked for. */
interface TeamKeys {
  readonly keys: JSONWebKeySet
  readonly atMs: number
}

const teamKeys = new TimedCache<TeamKeys>(10)
const verified = new TimedCache<JWTPayload>(MAX_VERIFIED)

type World = Pick<ManagementDependencies, 'fetch' | 'now'>

/** Who the JWT proves, with the roles that their email and groups have; an error where it proves nobody. */
export async function personOf(
  jwt: string,
  settings: AccessSettings,
  world: World,
): Promise<Principal> {
  const { email, groups, custom } = await payloadOf(jwt, settings, world)
  // A service token of Access has no email: machines have management tokens.
  if (typeof email !== 'string' || !email.includes('@')) throw refused()
  const person = email.toLowerCase()
  const ofProvider = isObject(custom) ? custom['groups'] : undefined
  const memberOf = new Set([...textsOf(groups), ...textsOf(ofProvider)])
  const roles = new Map<string, Role>()
  for (const { who, organization, role } of settings.grants) {
    const isTheirs = who.kind === 'email' ? who.name === person : memberOf.has(who.name)
    if (isTheirs) roles.set(organization, strongest(role, roles.get(organization)))
  }
  return { kind: 'member', id: person, roles }
}

async function payloadOf(jwt: string, settings: AccessSettings, world: World): Promise<JWTPayload> {
  if (jwt.length > MAX_JWT_CHARACTERS) throw refused()
  const nowMs = world.now().getTime()
  const { issuer, audiences } = settings
  // What was accepted for one issuer and audience is not for another.
  const name = hex(await sha256(JSON.stringify([issuer, audiences, jwt])))
  const known = verified.get(name, nowMs)
  if (known) return known
  const payload = await verify(jwt, settings, world)
  const endMs = (payload.exp ?? 0) * 1000
  verified.set(name, payload, Math.min(endMs, nowMs + VERIFIED_KEPT_MS))
  return payload
}

async function verify(jwt: string, settings: AccessSettings, world: World): Promise<JWTPayload> {
  const { issuer } = settings
  const { keys, atMs } = await keysOf(issuer, world, KEYS_KEPT_MS)
  try {
    return await verifyWith(keys, jwt, settings, world)
  } catch (error) {
    const mayBeNew = error instanceof errors.JWKSNoMatchingKey
    if (!mayBeNew || world.now().getTime() - atMs < KEYS_ASKED_AGAIN_MS) throw refused()
  }
  const fresh = await keysOf(issuer, world, KEYS_ASKED_AGAIN_MS)
  try {
    return await verifyWith(fresh.keys, jwt, settings, world)
  } catch {
    throw refused()
  }
}

async function verifyWith(
  keys: JSONWebKeySet,
  jwt: string,
  { issuer, audiences }: AccessSettings,
  { now }: World,
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(jwt, createLocalJWKSet(keys), {
    issuer,
    audience: [...audiences],
    algorithms: [ALGORITHM],
    requiredClaims: ['exp', 'iat'],
    currentDate: now(),
  })
  return payload
}

/** The team's keys, no older than they may be. Values are shared between requests, promises never. */
async function keysOf(issuer: string, { fetch, now }: World, keptMs: number): Promise<TeamKeys> {
  const nowMs = now().getTime()
  const known = teamKeys.get(issuer, nowMs)
  if (known && nowMs - known.atMs < keptMs) return known
  const keys = await fetchKeys(`${issuer}${KEYS_PATH}`, fetch)
  const fetched = { keys, atMs: nowMs }
  teamKeys.set(issuer, fetched, nowMs + KEYS_KEPT_MS)
  return fetched
}

async function fetchKeys(url: string, fetchAt: typeof fetch): Promise<JSONWebKeySet> {
  try {
    const response = await fetchAt(url, { redirect: 'manual' })
    const body: unknown = response.ok ? await response.json() : undefined
    if (isKeySet(body)) return body
  } catch {
    // What went wrong on the way is the same to the caller as a wrong answer.
  }
  throw new GatewayError('upstream_unreachable', 'The keys of Cloudflare Access cannot be read.')
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return isObject(value) && Array.isArray(value['keys']) && value['keys'].every(isObject)
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : []
}

function refused(): GatewayError {
  return new GatewayError(
    'invalid_management_token',
    'The Cloudflare Access proof is not valid here, or has expired.',
  )
}
