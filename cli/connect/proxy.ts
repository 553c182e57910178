import { commaList } from '../arguments.ts'
import { isLoopback } from '../connection.ts'
import { usage } from '../failure.ts'
import type { Machine } from '../machine.ts'

/** The proxy on the way to Keyway, as it is said. Empty where there is none: to this machine, without TLS, and by `NO_PROXY`. */
export function proxyTo(url: string, env: Machine['env']): string {
  const address = new URL(url)
  if (address.protocol !== 'https:' || isLoopback(address.hostname)) return ''
  if (isExempt(address, env['no_proxy'] || env['NO_PROXY'] || '')) return ''
  return env['https_proxy'] || env['HTTPS_PROXY'] || ''
}

/**
 * Throws where `HTTPS_PROXY` is on the way to Keyway and names a proxy that Node would go past without a word: in another
 * form than Node's, or of a Node that knows none.
 *
 * @see https://nodejs.org/api/http.html#built-in-proxy-support
 */
export function requireUsableProxy(
  { env, nodeVersion }: Pick<Machine, 'env' | 'nodeVersion'>,
  url: string,
): void {
  const proxy = proxyTo(url, env)
  if (proxy === '') return
  if (!/^https?:\/\//.test(proxy) || !URL.canParse(proxy)) {
    throw usage('HTTPS_PROXY must be a URL that begins with http:// or https://.', FORM)
  }
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)) return
  throw usage(`Node ${nodeVersion} does not know HTTPS_PROXY.`, NEWER)
}

/** Whether `NO_PROXY` names this place, by Node's rules but for its ranges of addresses. */
function isExempt({ hostname, port }: URL, noProxy: string): boolean {
  return commaList(noProxy.toLowerCase()).some((entry) => {
    if (['*', hostname, `.${hostname}`, `${hostname}:${port || '443'}`].includes(entry)) return true
    const [, suffix] = /^\*?(\..+)$/.exec(entry) ?? []
    return suffix !== undefined && hostname.endsWith(suffix)
  })
}

const FORM = 'Such as http://proxy.example:3128. Proxies that speak SOCKS are not taken.'

const NEWER =
  'Use Node 24.5 or later (of 22: 22.21), or unset HTTPS_PROXY for this program if Keyway is reached without it.'
