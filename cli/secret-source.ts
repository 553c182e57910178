import { usage } from './failure.ts'
import type { SecretField } from './kubectl.ts'

/** Where a secret is read from. An argument is none: others on the machine can see those. */
export type SecretSource =
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  /** With a field, standard input is the JSON of a Kubernetes secret. */
  | { readonly kind: 'stdin'; readonly field?: string }
  | ({ readonly kind: 'k8s' } & SecretField)

/** `arc-rag/byom-api-key/BYOM_API_KEY` as its three parts. */
export function parseSecretField(text: string, where: string): SecretField {
  const [namespace = '', name = '', field = '', ...rest] = text.split('/')
  const isWhole = PART.test(namespace) && PART.test(name) && PART.test(field)
  if (isWhole && rest.length === 0) return { namespace, name, field }
  throw usage(`${where} must be NAMESPACE/NAME/FIELD, such as arc-rag/byom-api-key/BYOM_API_KEY.`)
}

/** What Kubernetes allows in these names; none of it could be taken for an option of kubectl. */
const PART = /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/

/** How a source is called when something is wrong with it. */
export function sourceText(source: SecretSource): string {
  switch (source.kind) {
    case 'env':
      return `the environment variable ${source.name}`
    case 'file':
      return `the file ${source.path}`
    case 'stdin':
      return 'standard input'
    case 'k8s':
      return `the Kubernetes secret ${source.namespace}/${source.name}/${source.field}`
    default:
      return source satisfies never
  }
}
