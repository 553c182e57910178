import { type IncomingMessage, request } from 'node:http'

/** A streaming answer whose client can leave as a broken connection does. */
export interface RawStream {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** Resolves with the first bytes of the body. */
  readonly firstBytes: Promise<string>
  /** The whole body, Amazon's frames as Latin-1; rejects when the connection breaks before its end. */
  readonly body: Promise<string>
  /** Leaves with a reset: a plain FIN is only noticed at the next write. */
  leave(): void
}

/** A POST with nothing between the test and the socket. Paths are sent as they are, not normalised. */
export function rawRequest(
  url: string,
  path: string,
  options: {
    readonly method?: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  },
): Promise<RawStream> {
  const { hostname, port } = new URL(url)
  const { promise, resolve, reject } = Promise.withResolvers<RawStream>()
  const outgoing = request({
    hostname,
    port,
    path,
    method: options.method ?? 'POST',
    headers: options.headers,
    agent: false,
  })
  outgoing.on('error', reject)
  outgoing.on('response', (response) => {
    const first = Promise.withResolvers<string>()
    const whole = Promise.withResolvers<string>()
    for (const { promise: settled } of [first, whole]) settled.catch(() => undefined)
    let text = ''
    const isBinary = response.headers['content-type'] === 'application/vnd.amazon.eventstream'
    response.setEncoding(isBinary ? 'latin1' : 'utf8')
    response.on('data', (chunk: string) => {
      text += chunk
      first.resolve(chunk)
    })
    response.on('end', () => whole.resolve(text))
    const fail = (error: Error): void => {
      first.reject(error)
      whole.reject(error)
    }
    response.on('error', fail)
    response.on('aborted', () => fail(new Error('the connection broke')))
    resolve({
      status: response.statusCode ?? 0,
      headers: response.headers,
      firstBytes: first.promise,
      body: whole.promise,
      leave: () => void response.socket.resetAndDestroy(),
    })
  })
  outgoing.end(options.body)
  return promise
}

/** The events of a stream: their names and their data. */
export function eventsIn(text: string): { readonly name: string; readonly data: string }[] {
  return text
    .split(/\r?\n\r?\n/)
    .map((block) => ({
      name: /^event: ?(.*)$/m.exec(block)?.[1] ?? '',
      data: /^data: ?(.*)$/m.exec(block)?.[1] ?? '',
    }))
    .filter(({ data }) => data !== '')
}
