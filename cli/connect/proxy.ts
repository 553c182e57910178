import { isLoopback } from '../connection.ts'
import { usage } from '../failure.ts'
import type { Machine } from '../machine.ts'

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
  const { protocol, hostname } = new URL(url)
  const proxy = env['https_proxy'] || env['HTTPS_PROXY'] || ''
  if (proxy === '' || protocol !== 'https:' || isLoopback(hostname)) return
  if (!/^https?:\/\//.test(proxy) || !URL.canParse(proxy)) {
    throw usage('HTTPS_PROXY must be a URL that begins with http:// or https://.', FORM)
  }
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)) return
  throw usage(`Node ${nodeVersion} does not know HTTPS_PROXY.`, NEWER)
}

const FORM = 'Such as http://proxy.example:3128. Proxies that speak SOCKS are not taken.'

const NEWER =
  'Use Node 24.5 or later (of 22: 22.21), or unset HTTPS_PROXY for this program if Keyway is reached without it.'
