import type { Operation } from '../../src/routes/openapi/operation.ts'

/** An answer, as far as the OpenAPI document speaks of it. */
interface Given {
  readonly method: string
  /** Perhaps with its query. */
  readonly path: string
  readonly response: Pick<Response, 'status' | 'headers'>
}

/** A model's name and a provider's path may have slashes in them. */
const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path.replaceAll(/\{(\w+)\}/g, (_, name) => (/^(?:model|path)$/.test(name) ? '.+' : '[^/]+'))}$`,
  )

/**
 * Throws for an answer that the OpenAPI document does not tell of: a status or an error that its operation has not. What
 * is no operation is not in the document, and what providers answer on the native surface is their own.
 */
export function describedBy(operations: readonly Operation[]): (given: Given) => void {
  const known = operations.map((operation) => ({
    ...operation,
    pattern: patternOf(operation.path),
  }))
  return ({ method, path, response: { status, headers } }) => {
    const [pathname = ''] = path.split('?')
    const operation = known.find(
      (one) => one.method === method.toLowerCase() && one.pattern.test(pathname),
    )
    if (operation === undefined || status === operation.answer.status) return
    const code = headers.get('x-keyway-error-code')
    if (operation.errors.some((one) => one === code)) return
    if (operation.tag === 'Native' && code === null) return
    throw new Error(`${method} ${operation.path} is not described to answer ${status} ${code}`)
  }
}
