import { base64url, fromBase64url } from '../../core/encoding.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { Page, PageRequest } from '../../storage/organization/page.ts'
import type { ManagementContext } from './context.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

/** Which list a cursor belongs to: one of another list is refused, where it would silently skip entries. */
export type ListName =
  | 'organizations'
  | 'api-keys'
  | 'provider-keys'
  | 'endpoints'
  | 'routes'
  | 'tokens'
  | 'audit-log'

/** What `?limit=` (1 to 100, 20 where it is not there) and `?cursor=` ask for. */
export function readPage(c: ManagementContext, list: ListName): PageRequest {
  return { limit: readLimit(c.req.query('limit')), after: readCursor(list, c.req.query('cursor')) }
}

/** A page as every list answers it. */
export function pageAnswer<Item>(list: ListName, { items, next }: Page<Item>) {
  return { data: items, next_cursor: next === null ? null : cursorOf(list, next) }
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= MAX_LIMIT) return limit
  throw invalidRequest(`limit must be a whole number from 1 to ${MAX_LIMIT}.`, 'limit')
}

function cursorOf(list: ListName, after: number): string {
  return base64url(new TextEncoder().encode(`${list}:${after}`))
}

function readCursor(list: ListName, cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [name, after = ''] = decoded(cursor).split(':')
  if (name === list && /^\d{1,15}$/.test(after)) return Number(after)
  throw invalidRequest('cursor must be the next_cursor of an earlier answer.', 'cursor')
}

function decoded(cursor: string): string {
  try {
    return new TextDecoder().decode(fromBase64url(cursor))
  } catch {
    return ''
  }
}
