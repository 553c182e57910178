import type { ManagementContext } from './context.ts'

/** One resource, with the version that it has as its `ETag`. */
export function single(
  c: ManagementContext,
  { version, ...resource }: { readonly version: number },
  status: 200 | 201 = 200,
): Response {
  c.header('etag', `"${version}"`)
  return c.json(resource, status)
}
