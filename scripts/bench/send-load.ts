import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'

/** One request, as often as it is asked for. */
export interface LoadRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** What the last of the answer holds when it is whole. */
  readonly end: string
}

/** How each of them went, in milliseconds. */
export interface Load {
  readonly firstByteMs: readonly number[]
  readonly totalMs: readonly number[]
  readonly seconds: number
}

const MAX_SILENCE_MS = 30_000
const agent = new Agent({ keepAlive: true, maxSockets: 4096, timeout: MAX_SILENCE_MS })

/** Sends so many requests, so many at a time, over kept connections. Rejects when one is not answered 200 and whole. */
export async function sendLoad(
  load: LoadRequest,
  count: number,
  concurrency: number,
): Promise<Load> {
  const firstByteMs: number[] = []
  const totalMs: number[] = []
  let left = count
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const timing = await sendOne(load)
      firstByteMs.push(timing.firstByteMs)
      totalMs.push(timing.totalMs)
    }
  }
  const startMs = performance.now()
  try {
    await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker))
  } finally {
    left = 0
  }
  return { firstByteMs, totalMs, seconds: (performance.now() - startMs) / 1000 }
}

/** Enough of an answer's end to see whether it is whole. */
const TAIL_CHARACTERS = 4096

function sendOne(load: LoadRequest): Promise<{ firstByteMs: number; totalMs: number }> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now()
    send(load, reject, (incoming) => {
      let firstByteMs: number | undefined
      let tail = ''
      incoming.setEncoding('latin1')
      incoming.on('data', (text: string) => {
        firstByteMs ??= performance.now() - startMs
        tail = text.length < TAIL_CHARACTERS ? (tail + text).slice(-TAIL_CHARACTERS) : text
      })
      incoming.once('end', () => {
        if (incoming.statusCode === 200 && tail.includes(load.end)) {
          const totalMs = performance.now() - startMs
          resolve({ firstByteMs: firstByteMs ?? totalMs, totalMs })
        } else reject(unexpected(load, incoming, tail))
      })
    })
  })
}

/** Streams that were opened and are not read to an end. */
export interface OpenStreams extends Disposable {
  readonly count: number
}

/** Opens so many streams of server-sent events, some at a time, each until this many events of it came. */
export async function openStreams(
  load: LoadRequest,
  count: number,
  events: number,
): Promise<OpenStreams> {
  const opened: ClientRequest[] = []
  const dispose = (): void => {
    // By a reset: a caller who leaves by closing is noticed at the next write, and these streams are silent.
    for (const one of opened) one.socket?.resetAndDestroy()
  }
  let left = count
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await openOne(load, events, opened)
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(count, OPENED_AT_A_TIME) }, worker))
  } catch (error) {
    left = 0
    dispose()
    throw error
  }
  return { count, [Symbol.dispose]: dispose }
}

const OPENED_AT_A_TIME = 32

function openOne(load: LoadRequest, events: number, opened: ClientRequest[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const count = eventCounter()
    const outgoing = send(load, reject, (incoming) => {
      incoming.on('data', (bytes: Buffer) => {
        if (incoming.statusCode !== 200) reject(unexpected(load, incoming, bytes.toString()))
        if (count(bytes) >= events) resolve()
      })
      incoming.once('end', () => reject(unexpected(load, incoming, 'an end')))
    })
    opened.push(outgoing)
  })
}

const LINE_FEED = 10

/** How many events there were so far: as many as blank lines. */
function eventCounter(): (bytes: Uint8Array) => number {
  let events = 0
  let isAtLineStart = false
  return (bytes) => {
    for (const byte of bytes) {
      if (byte === LINE_FEED && isAtLineStart) events += 1
      isAtLineStart = byte === LINE_FEED
    }
    return events
  }
}

function send(
  { url, headers, body }: LoadRequest,
  reject: (error: Error) => void,
  take: (incoming: IncomingMessage) => void,
): ClientRequest {
  const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
    incoming.on('error', reject)
    take(incoming)
  })
  outgoing.on('error', reject)
  outgoing.once('timeout', () => outgoing.destroy(new Error(`${url} fell silent`)))
  outgoing.end(body)
  return outgoing
}

function unexpected({ url }: LoadRequest, incoming: IncomingMessage, text: string): Error {
  return new Error(`${url} answered ${incoming.statusCode}: ${text.slice(0, 300)}`)
}
