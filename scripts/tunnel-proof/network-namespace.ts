import { execFileSync } from 'node:child_process'
import { createServer, connect, type AddressInfo } from 'node:net'

/** A network of its own within this machine, with one thin way out and none in. Linux, as root. */
export interface NetworkNamespace extends AsyncDisposable {
  /** What is put before a command that is to run in it. */
  readonly enter: readonly string[]
  /** Its address on the thin way. */
  readonly address: string
  /** Where those in it reach what listens on a port of this machine's loopback. */
  readonly wayOut: (port: number) => Promise<string>
}

const NAME = 'keyway-proof'
const OUTSIDE = '10.231.77.1'
const INSIDE = '10.231.77.2'

/** Makes one; undefined where that is not possible. */
export function newNetworkNamespace(): NetworkNamespace | undefined {
  try {
    ip('netns', 'add', NAME)
  } catch {
    return undefined
  }
  ip('link', 'add', 'kwproof0', 'type', 'veth', 'peer', 'name', 'kwproof1')
  ip('link', 'set', 'kwproof1', 'netns', NAME)
  ip('addr', 'add', `${OUTSIDE}/30`, 'dev', 'kwproof0')
  ip('link', 'set', 'kwproof0', 'up')
  ip('-n', NAME, 'addr', 'add', `${INSIDE}/30`, 'dev', 'kwproof1')
  ip('-n', NAME, 'link', 'set', 'kwproof1', 'up')
  ip('-n', NAME, 'link', 'set', 'lo', 'up')
  const servers: { close: () => void }[] = []
  return {
    enter: ['ip', 'netns', 'exec', NAME],
    address: INSIDE,
    async wayOut(port) {
      const server = createServer((socket) => {
        const onward = connect(port, '127.0.0.1')
        socket.on('error', () => onward.destroy()).pipe(onward)
        onward.on('error', () => socket.destroy()).pipe(socket)
      })
      await new Promise<void>((resolve) => {
        server.listen(0, OUTSIDE, resolve)
      })
      servers.push(server)
      return `http://${OUTSIDE}:${(server.address() as AddressInfo).port}`
    },
    // The pair of links goes with it.
    [Symbol.asyncDispose]() {
      for (const server of servers) server.close()
      ip('netns', 'del', NAME)
      return Promise.resolve()
    },
  }
}

function ip(...words: readonly string[]): void {
  execFileSync('ip', words, { stdio: 'ignore' })
}
