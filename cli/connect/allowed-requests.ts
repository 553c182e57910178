import { InvalidArgumentError } from 'commander'

/** One kind of request that may reach the model. */
export interface AllowedRequest {
  readonly method: string
  /** A path, or with `*` at its end, everything below it. */
  readonly path: string
}

/** What every OpenAI-compatible server may be asked, the Anthropic paths that several of them have, and the models. */
export const USUAL_REQUESTS: readonly AllowedRequest[] = [
  { method: 'POST', path: '/v1/chat/completions' },
  { method: 'POST', path: '/v1/completions' },
  { method: 'POST', path: '/v1/embeddings' },
  { method: 'POST', path: '/v1/responses' },
  { method: 'POST', path: '/v1/messages' },
  { method: 'POST', path: '/v1/messages/count_tokens' },
  { method: 'POST', path: '/v1/rerank' },
  { method: 'POST', path: '/v1/audio/transcriptions' },
  { method: 'GET', path: '/v1/models' },
  { method: 'GET', path: '/v1/models/*' },
]

/** `POST /edgeai/chat/completions`, or `GET /v1/files/*`. */
export function parseAllowed(text: string): AllowedRequest {
  const [, method = '', path = '', star = ''] = /^([A-Z]{3,7}) (\/[^\s*]*?)(\*?)$/.exec(text) ?? []
  if (METHODS.has(method) && isPlainPath(path) && (star === '' || path.endsWith('/'))) {
    return { method, path: path + star }
  }
  throw new InvalidArgumentError('It must be a method and a path, such as "GET /v1/files/*".')
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

/** Whether a request may reach the model. `target` is its path with the query, as it came through the tunnel. */
export function isAllowed(
  allowed: readonly AllowedRequest[],
  method: string,
  target: string,
): boolean {
  const [path = ''] = target.split('?', 1)
  if (!isPlainPath(path) || !isPlainQuery(target.slice(path.length))) return false
  return allowed.some((one) => one.method === method && matches(one.path, path))
}

function matches(allowed: string, path: string): boolean {
  if (!allowed.endsWith('*')) return allowed === path
  const folder = allowed.slice(0, -1)
  return path.length > folder.length && path.startsWith(folder)
}

/**
 * Whether a path means one thing to every server: no other way to write `/`, `.` or the end of it, no step upwards,
 * no empty step, no host. `%` stands only before what is not among those.
 */
function isPlainPath(path: string): boolean {
  if (!PLAIN_PATH.test(path) || HIDDEN.test(path)) return false
  return (
    path
      .split('/')
      .slice(1, -1)
      .every((step) => step !== '') && !/\/\.{1,2}(?:\/|$)/.test(path)
  )
}

/** RFC 3986 §3.3, without `;`, which some servers cut paths at. */
const PLAIN_PATH = /^\/(?:[\w.~!$&'()*+,=:@/-]|%[0-9A-Fa-f]{2})*$/

/** Control characters, `/`, `\`, `.`, `;`, `?`, `#` and `%` in disguise. */
const HIDDEN = /%(?:[01][0-9a-f]|7f|2f|5c|2e|3b|3f|23|25)/i

/** Printable ASCII, and no fragment. */
function isPlainQuery(query: string): boolean {
  return /^(?:\?[\x21\x22\x24-\x7e]*)?$/.test(query)
}
