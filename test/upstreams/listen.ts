import { createServer, type Server } from 'node:http'
import { exchange, type Stage } from './exchange.ts'

/** Serves a stand-in on a port of its own; `host` is what requests must name. */
export async function listen(
  stage: Omit<Stage, 'host'>,
): Promise<{ server: Server; host: string }> {
  let host = ''
  const server = createServer((message, response) => {
    // It has gone down, and somebody still had a connection.
    if (!server.listening) {
      message.socket.destroy()
      return
    }
    exchange(message, response, { ...stage, host: () => host }).catch((error: unknown) => {
      // A stand-in that breaks must be seen, not taken for a provider's fault.
      console.error('stand-in broke:', error)
      response.destroy()
    })
  })
  // A connection that is closed while it is idle can be taken for a good one at that very moment.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (typeof address === 'object' && address) host = `127.0.0.1:${address.port}`
  return { server, host }
}

/** Ends it with every connection that it has. */
export async function shut(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** From now on it takes no request; answers that are under way are finished. */
export function goDown(server: Server): void {
  server.close()
  server.closeIdleConnections()
}

/** Ends that, at the same port. */
export async function comeBack(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
}
