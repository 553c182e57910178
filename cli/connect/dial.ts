import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { WebSocket } from 'ws'
import { CONNECT_PATH, MAX_MESSAGE_BYTES, SUBPROTOCOL } from '../../src/tunnel/limits.ts'
import { isLoopback } from '../connection.ts'
import { dialError, type DialFailure, dialRefusal } from './dial-failure.ts'
import { proxyTo } from './proxy.ts'

/** Where a connector dials in, and as what. */
export interface DialPlace {
  /** The origin of Keyway, without a slash at the end. */
  readonly url: string
  readonly endpoint: string
  /** The proxy for https (`HTTPS_PROXY`, `NO_PROXY`) is read from here. */
  readonly env: NodeJS.ProcessEnv
}

/** How long Keyway may take to open a WebSocket, and to say WELCOME. */
export const GREETING_MS = 10_000

/**
 * RFC 6455 §10.3: the bytes of a client are masked so that no proxy on the way can take them for a request. Where none can
 * read them, the mask is one that changes nothing: to apply another would cost a third of what the connector does.
 */
export function isReadOnTheWay({ protocol, hostname }: URL): boolean {
  return protocol !== 'wss:' && !isLoopback(hostname)
}

function leaveUnmasked(mask: Buffer): void {
  mask.fill(0)
}

/** Over the proxy of the site, where there is one on the way. */
export function wayTo({ url, env }: Pick<DialPlace, 'url' | 'env'>): HttpAgent {
  if (new URL(url).protocol !== 'https:') return new HttpAgent()
  // Where it is not on the way, Node is not to judge it.
  return new HttpsAgent(proxyTo(url, env) === '' ? {} : { proxyEnv: env })
}

/** Opens a WebSocket to Keyway, or says why there is none. The token is in a header: addresses are written to logs. */
export function dial(place: DialPlace, token: string): Promise<WebSocket | DialFailure> {
  const { promise, resolve } = Promise.withResolvers<WebSocket | DialFailure>()
  const { url, endpoint } = place
  const address = new URL(url + CONNECT_PATH)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  address.searchParams.set('endpoint', endpoint)
  const socket = new WebSocket(address.href, SUBPROTOCOL, {
    agent: wayTo(place),
    headers: { authorization: `Bearer ${token}` },
    followRedirects: false,
    handshakeTimeout: GREETING_MS,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    ...(isReadOnTheWay(address) ? {} : { generateMask: leaveUnmasked }),
  })
  socket.once('open', () => resolve(socket))
  // Whoever has the socket hears of the same by its closing.
  socket.on('error', (error) => resolve(dialError(error, url)))
  socket.once('unexpected-response', (request, response) => {
    const tooLong = setTimeout(() => response.destroy(), GREETING_MS)
    void dialRefusal(response, url)
      .then(resolve, (error: unknown) => resolve(dialError(error, url)))
      .finally(() => {
        clearTimeout(tooLong)
        request.destroy()
      })
  })
  return promise
}
