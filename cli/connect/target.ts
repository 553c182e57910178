import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { usage } from '../failure.ts'

/** The one server that this connector forwards to. Nothing that comes through the tunnel can name another. */
export interface Target {
  /** Scheme, host and port, without a slash at the end. */
  readonly origin: string
  readonly isEncrypted: boolean
  readonly hostname: string
  readonly port: number
  /** What `Host` must say: servers on loopback refuse other names. */
  readonly host: string
  /** What stands before `/v1` in its paths, mostly nothing. */
  readonly basePath: string
}

/** The target that `--target` means: an origin, or the address of its API, with what belongs to one request cut off. */
export function parseTarget(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw usage('--target must be an address such as http://127.0.0.1:11434.')
  }
  if (url.username !== '' || url.password !== '') {
    throw usage('--target must have no user or password in it.', 'The key goes into --key-file.')
  }
  if (url.search !== '' || url.hash !== '') {
    throw usage('--target must end with the path: what follows belongs to each request.')
  }
  const hostname = url.hostname.replace(/^\[(.+)\]$/, '$1')
  if (isForbiddenAddress(hostname) || FORBIDDEN_NAMES.test(hostname)) throw usage(FORBIDDEN)
  const isEncrypted = url.protocol === 'https:'
  return {
    origin: url.origin,
    isEncrypted,
    hostname,
    port: Number(url.port) || (isEncrypted ? 443 : 80),
    host: url.host,
    basePath: url.pathname.replace(/(?:\/v1)?(?:\/(?:chat\/completions|models))?\/?$/, ''),
  }
}

/** Ports where Edge RAG answers everybody: its pods look at no token, only its ingress does. */
export function isUnguardedPort({ port }: Target): boolean {
  return port === 3001 || port === 3500
}

/**
 * Looks a name up for a connection and refuses what no model listens on: the link-local addresses, where clouds give
 * out a machine's credentials. The name is judged by what it means at that moment, so that nothing can change it later.
 */
export const lookupTarget: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, options, (error, found, family) => {
    const addresses = typeof found === 'string' ? [found] : (found?.map((one) => one.address) ?? [])
    const isForbidden = error === null && addresses.some((one) => isForbiddenAddress(one))
    callback(
      isForbidden ? Object.assign(new Error(FORBIDDEN), { code: 'EFORBIDDEN' }) : error,
      found,
      family,
    )
  })
}

const FORBIDDEN =
  'The target must not be a link-local address: those give out credentials of this machine.'

const FORBIDDEN_NAMES = /^metadata(?:\.google\.internal)?\.?$/

/** RFC 3927, RFC 4291 §2.5.6, and where AWS and Alibaba answer the same over other ranges. */
const LINK_LOCAL = new BlockList()
LINK_LOCAL.addSubnet('169.254.0.0', 16)
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6')
LINK_LOCAL.addAddress('fd00:ec2::254', 'ipv6')
LINK_LOCAL.addAddress('100.100.100.200')

function isForbiddenAddress(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && LINK_LOCAL.check(address, family === 4 ? 'ipv4' : 'ipv6')
}
