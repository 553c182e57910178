import { invalidRequest } from './errors.ts'

/** Addresses that an organization may give for Keyway to call: public https hosts by name, and nothing inside. */

export interface SafeUrlOptions {
  /** For development: http, any port, and hosts of the machine itself. */
  readonly allowLoopback: boolean
  /** Ports beside 443. */
  readonly allowedPorts?: readonly number[]
  /** Keyway's own host, which would call itself for ever. */
  readonly ownHost?: string
}

const MAX_CHARACTERS = 2048

/** Names that are resolved inside a network, or nowhere (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN's `.internal`). */
const INTERNAL =
  /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|private|corp|home|lan|alt|test|invalid|onion|home\.arpa|in-addr\.arpa|ip6\.arpa)$/

const LOOPBACK = /^(?:localhost|(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** The URL parser has already made dots of every other spelling of an IPv4 address: decimal, hex, octal, full-width. */
const IP_LITERAL = /^(?:\[.*\]|\d{1,3}(?:\.\d{1,3}){3})$/

/** A label as DNS has them; an underscore is no part of a public host's name. */
const HOST =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/

/** What people paste from documentation: the path of one operation instead of the base that all are appended to. */
const OPERATION =
  /\/(?:chat\/completions|completions|embeddings|responses|models|rerank|messages)\/?$/

/** A base URL without a slash at its end, or an error that names `param` and never says the value. */
export function safeBaseUrl(text: string, param: string, options: SafeUrlOptions): string {
  const url = parsed(text, param)
  const isLoopback = LOOPBACK.test(url.hostname)
  if (options.ownHost !== undefined && isSameHost(url.host, options.ownHost)) {
    throw invalidRequest(`${param} must not be Keyway's own address.`, param)
  }
  if (!(isLoopback && options.allowLoopback)) requirePublic(url, param, options)
  const path = url.pathname.replace(OPERATION, '').replace(/\/+$/, '')
  return `${url.protocol}//${url.host}${path}`
}

/** A name with a dot at its end is the same, and all ports of a Worker's name lead to it; on one machine they tell services apart. */
function isSameHost(one: string, other: string): boolean {
  const [host, its] = [one, other].map((given) => {
    const name = given.replace(/\.?(?::\d+)?$/, '')
    return LOOPBACK.test(name) ? given : name
  })
  return host === its
}

/** What the parser would quietly drop or turn round is refused: a tab within the host, a backslash, a user name. */
function parsed(text: string, param: string): URL {
  const trimmed = text.trim()
  const isPlain = trimmed.length <= MAX_CHARACTERS && !/[\p{Cc}\p{Zs}\p{Zl}\p{Zp}\\]/u.test(trimmed)
  if (!isPlain || !/^https?:\/\/[^/]/i.test(trimmed) || !URL.canParse(trimmed)) {
    throw invalidRequest(`${param} must be a URL such as https://models.example.com/v1.`, param)
  }
  const url = new URL(trimmed)
  const authority = /^https?:\/\/([^/?#]*)/i.exec(trimmed)?.[1] ?? ''
  if (authority.includes('@')) {
    throw invalidRequest(`${param} must not contain a user name or password.`, param)
  }
  return url
}

function requirePublic(url: URL, param: string, { allowedPorts = [] }: SafeUrlOptions): void {
  const host = url.hostname.replace(/\.$/, '')
  if (url.protocol !== 'https:') throw invalidRequest(`${param} must be https.`, param)
  if (IP_LITERAL.test(host)) {
    throw invalidRequest(`${param} must name a host: addresses in numbers are not called.`, param)
  }
  if (INTERNAL.test(host) || !HOST.test(host)) {
    throw invalidRequest(`${param} must be a public host name.`, param)
  }
  if (url.port !== '' && !allowedPorts.includes(Number(url.port))) {
    const called =
      allowedPorts.length === 0
        ? 'only 443 is called'
        : `only 443, ${allowedPorts.join(', ')} are called`
    throw invalidRequest(
      `${param} must not name this port: ${called}. ALLOWED_ENDPOINT_PORTS can allow more.`,
      param,
    )
  }
}
