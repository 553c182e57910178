import { type Agent, get as httpGet, type IncomingMessage } from 'node:http'
import { get as httpsGet } from 'node:https'
import { text as textIn } from 'node:stream/consumers'
import type { Gateway } from '../doctor/checks.ts'

/** `fetch`, as far as a GET of something small needs it, over the way that a WebSocket to the same place takes. */
export function fetchOver(agent: Agent): Gateway['fetch'] {
  return async (url, { signal }) => {
    const get = url.startsWith('https:') ? httpsGet : httpGet
    try {
      const answered = Promise.withResolvers<IncomingMessage>()
      get(url, { agent, signal }, answered.resolve)
        .on('error', answered.reject)
        // Such as after a 101, which is neither an answer nor an error.
        .on('close', () => answered.reject(new Error('No answer')))
      const response = await answered.promise
      const { statusCode: status = 0, headers } = response
      const body = await textIn(response)
      const date = headers.date === undefined ? {} : { date: headers.date }
      return new Response(body === '' ? null : body, { status, headers: date })
    } catch (error) {
      // As the global one says it.
      if (signal.aborted) throw signal.reason
      throw new TypeError('fetch failed', { cause: error })
    }
  }
}
