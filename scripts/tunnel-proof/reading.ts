import { type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { median, quantile } from '../bench/statistics.ts'

/** A way to ask a model: Keyway's address and key, or the model server itself. */
export interface Way {
  readonly url: string
  readonly apiKey: string
}

/** Asks, and resolves with the head of the answer; its body waits to be read. */
export async function ask({ url, apiKey }: Way, body: object): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request(url, { method: 'POST', headers, agent: false }, resolve)
    .on('error', reject)
    .end(JSON.stringify(body))
  const response = await promise
  if (response.statusCode === 200) return response
  let text = ''
  for await (const chunk of response) text += String(chunk)
  throw new Error(`${response.statusCode}: ${text}`)
}

/** Reads so many bytes as fast as they come; gives the bytes per second. */
export async function throughput(way: Way, bytes: number): Promise<number> {
  const startMs = performance.now()
  const response = await ask(way, { model: `bytes-${bytes}` })
  let read = 0
  response.on('data', (chunk: Buffer) => {
    read += chunk.length
  })
  await new Promise((resolve, reject) => {
    response.once('end', resolve).once('error', reject)
  })
  if (read !== bytes) throw new Error(`${read} of ${bytes} bytes came`)
  return (bytes / (performance.now() - startMs)) * 1000
}

/** Reads so many bytes at such a pace, with one long pause in the middle, in which all windows are full. */
export async function readSlowly(
  way: Way,
  { bytes, perSecond, pause }: { bytes: number; perSecond: number; pause: () => Promise<unknown> },
): Promise<void> {
  const response = await ask(way, { model: `bytes-${bytes}` })
  const startMs = performance.now()
  let read = 0
  let pausedMs: number | undefined
  for await (const chunk of response as AsyncIterable<Buffer>) {
    read += chunk.length
    if (pausedMs === undefined && read > bytes / 2) {
      const pausedAt = performance.now()
      await pause()
      pausedMs = performance.now() - pausedAt
    }
    const earlyMs = (read / perSecond) * 1000 - (performance.now() - startMs - (pausedMs ?? 0))
    if (earlyMs > 5) await sleep(earlyMs)
  }
  if (read !== bytes) throw new Error(`${read} of ${bytes} bytes came`)
}

export interface Delay {
  readonly medianMs: number
  readonly p99Ms: number
}

/** How long each of so many events was on its way, sent 5 ms apart. */
export async function delayOf(way: Way, events: number): Promise<Delay> {
  const response = await ask(way, { model: `events-${events}-5` })
  const delays: number[] = []
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const now = process.hrtime.bigint()
    text += chunk.toString('latin1')
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    for (const event of whole) {
      const sentAt = /^data: (\d+)$/.exec(event)?.[1]
      if (sentAt !== undefined) delays.push(Number(now - BigInt(sentAt)) / 1e6)
    }
  }
  if (delays.length !== events) throw new Error(`${delays.length} of ${events} events came`)
  return { medianMs: median(delays), p99Ms: quantile(delays, 0.99) }
}
