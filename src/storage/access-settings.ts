import { ORGANIZATION_ID } from '../core/api-key-format.ts'
import { GatewayError } from '../core/errors.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import type { Env } from './env.ts'
import type { Role } from './organization/entities.ts'

/** How people come in through Cloudflare Access, and what each may do. */
export interface AccessSettings {
  /** `https://{team}.cloudflareaccess.com`, which is also where the team's keys are. */
  readonly issuer: string
  /** The audience tags of the Access applications that Keyway is behind. */
  readonly audiences: readonly string[]
  readonly grants: readonly AccessGrant[]
}

/** A role in one organization, for a person or for a group. */
export interface AccessGrant {
  readonly who: { readonly kind: 'email' | 'group'; readonly name: string }
  readonly organization: string
  readonly role: Role
}

const TEAM_DOMAIN = /^(?:https:\/\/)?([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)\/?$/
const AUDIENCE = /^[0-9A-Za-z_-]{16,128}$/

/** The three settings, of which all are set or none; a malformed one is named, and its value is not. */
export function readAccessSettings({
  ACCESS_TEAM_DOMAIN: domain = '',
  ACCESS_AUD: aud = '',
  ACCESS_ROLES: roles = '',
}: Env): AccessSettings | undefined {
  if ([domain, aud, roles].every((text) => text === '')) return undefined
  const host = TEAM_DOMAIN.exec(domain)?.[1]
  if (host === undefined) {
    throw misconfigured('ACCESS_TEAM_DOMAIN must be like my-team.cloudflareaccess.com.')
  }
  const audiences = aud.split(',').map((tag) => tag.trim())
  if (!audiences.every((tag) => AUDIENCE.test(tag))) {
    throw misconfigured('ACCESS_AUD must be the audience tag of an Access application.')
  }
  const grants = tryParseJson(roles)
  if (!Array.isArray(grants)) throw misconfigured('ACCESS_ROLES must be a JSON array.')
  return { issuer: `https://${host}`, audiences, grants: grants.map(grantOf) }
}

function grantOf(value: unknown, index: number): AccessGrant {
  if (isObject(value)) {
    const { email, group, organization, role, ...others } = value
    const who = whoOf(email, group)
    const isWhole = who !== undefined && isRole(role) && Object.keys(others).length === 0
    if (isWhole && typeof organization === 'string' && ORGANIZATION_ID.test(organization)) {
      return { who, organization, role }
    }
  }
  throw misconfigured(
    `ACCESS_ROLES: entry ${index + 1} must be {"email" or "group", "organization": "org_…", "role": "owner", "admin" or "viewer"}.`,
  )
}

function isRole(value: unknown): value is Role {
  return value === 'owner' || value === 'admin' || value === 'viewer'
}

function whoOf(email: unknown, group: unknown): AccessGrant['who'] | undefined {
  if (isText(email) && group === undefined && email.includes('@')) {
    return { kind: 'email', name: email.toLowerCase() }
  }
  return isText(group) && email === undefined ? { kind: 'group', name: group } : undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function misconfigured(message: string): GatewayError {
  return new GatewayError('misconfigured', message)
}
