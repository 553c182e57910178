import { GatewayError } from '../../core/errors.ts'
import type { Role } from '../../storage/organization/entities.ts'
import { unknownOrganization } from '../../storage/organization/record-access.ts'

/** Who manages: the deployment's administrator, or someone with a role in some organizations. */
export type Principal =
  | { readonly kind: 'administrator' }
  | { readonly kind: 'member'; readonly id: string; readonly roles: ReadonlyMap<string, Role> }

const RANK = { viewer: 0, admin: 1, owner: 2 } as const satisfies Record<Role, number>

/** How the audit log and `created_by` call them. */
export function nameOf(principal: Principal): string {
  return principal.kind === 'administrator' ? 'admin' : principal.id
}

/**
 * Throws where the principal may not act in the organization. One that is not theirs answers like one that does not
 * exist: nobody learns which organizations there are.
 */
export function requireRole(principal: Principal, organizationId: string, needed: Role): void {
  if (principal.kind === 'administrator') return
  const role = principal.roles.get(organizationId)
  if (role === undefined) throw unknownOrganization()
  if (RANK[role] >= RANK[needed]) return
  throw new GatewayError('permission_denied', `This needs the role ${needed}; you are ${role}.`)
}

/** Throws where something is the deployment administrator's alone. */
export function requireAdministrator({ kind }: Principal): void {
  if (kind === 'administrator') return
  throw new GatewayError('permission_denied', 'This needs the ADMIN_TOKEN of the deployment.')
}

/** The role that may do more. */
export function strongest(one: Role, other: Role | undefined): Role {
  return other !== undefined && RANK[other] > RANK[one] ? other : one
}
