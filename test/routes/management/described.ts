import { managementOperations } from '../../../src/routes/openapi/management.ts'

/** An answer of the management plane, as far as the OpenAPI document speaks of it. */
interface Given {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly response: Response
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+').replace('/v1/organizations', '')}$`)

/**
 * Throws for an answer that the OpenAPI document does not tell of: a status or an error that its operation has not. What
 * is no operation is not in the document.
 */
export function describedBy(providers: readonly string[]): (given: Given) => void {
  const operations = managementOperations(providers).map((operation) => ({
    ...operation,
    pattern: patternOf(operation.path),
  }))
  return ({ method, path, response }) => {
    const [pathname = ''] = path.split('?')
    const operation = operations.find(
      (one) => one.method === method.toLowerCase() && one.pattern.test(pathname),
    )
    const { status, headers } = response
    if (operation === undefined || status === operation.answer.status) return
    const code = headers.get('x-keyway-error-code')
    if (operation.errors.some((known) => known === code)) return
    throw new Error(`${method} ${operation.path} is not described to answer ${status} ${code}`)
  }
}
