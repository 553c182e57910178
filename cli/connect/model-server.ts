import { Agent as HttpAgent, type ClientRequest, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { lookupTarget, type Target } from './target.ts'

/** The model server beside the connector. */
export interface ModelServer {
  readonly target: Target
  /**
   * Begins a request; `onConnected` is called once, when the server is there and before it can have read anything.
   * Nothing but `destroy` ends a request before its time: a model may think for as long as it likes.
   */
  request(asked: ModelRequest, onConnected: () => void): ClientRequest
}

export interface ModelRequest {
  readonly method: string
  /** With the query, below the target's base path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** How long a connection may take to come about. */
const CONNECT_MS = 10_000

/**
 * The model server as Node's own client reaches it: the global `fetch` gives up after 300 s of silence. Each request has a
 * connection of its own, so that none meets one that the server is just closing, and closing it tells the server at once
 * that nobody waits any more. Redirects are answers like any other.
 */
export function createModelServer(target: Target, ca?: string): ModelServer {
  const options = { keepAlive: false, ...(ca === undefined ? {} : { ca }) }
  const agent = target.isEncrypted ? new HttpsAgent(options) : new HttpAgent(options)
  const begin = target.isEncrypted ? httpsRequest : httpRequest
  return {
    target,
    request({ method, path, headers }, onConnected) {
      const request = begin({
        agent,
        method,
        path: target.basePath + path,
        headers,
        host: target.hostname,
        port: target.port,
        lookup: lookupTarget,
      })
      request.once('socket', (socket) => {
        socket.setNoDelay(true)
        socket.setTimeout(CONNECT_MS, () => {
          const error = Object.assign(new Error('No connection in time'), { code: 'ETIMEDOUT' })
          request.destroy(error)
        })
        socket.once(target.isEncrypted ? 'secureConnect' : 'connect', () => {
          socket.setTimeout(0)
          onConnected()
        })
      })
      return request
    },
  }
}
