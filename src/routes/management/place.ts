import type { Place } from '../../storage/resources/owned.ts'
import type { ManagementContext } from './context.ts'

/** Which thing of which organization the path names. */
export function placeOf(c: ManagementContext): Place {
  return { organizationId: c.req.param('org') ?? '', id: c.req.param('id') ?? '' }
}
