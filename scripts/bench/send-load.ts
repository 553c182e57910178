import { Agent, request } from 'node:http'

/** One request, as often as it is asked for. */
export interface LoadRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** How each of them went, in milliseconds. */
export interface Load {
  readonly firstByteMs: readonly number[]
  readonly totalMs: readonly number[]
  readonly seconds: number
}

const agent = new Agent({ keepAlive: true, maxSockets: 2048 })

/** Sends so many requests, so many at a time, over kept connections. Rejects when one is not answered 200 and whole. */
export async function sendLoad(
  load: LoadRequest,
  count: number,
  concurrency: number,
  isWhole: (text: string) => boolean,
): Promise<Load> {
  const firstByteMs: number[] = []
  const totalMs: number[] = []
  let started = 0
  const worker = async (): Promise<void> => {
    while (started < count) {
      started += 1
      const timing = await sendOne(load, isWhole)
      firstByteMs.push(timing.firstByteMs)
      totalMs.push(timing.totalMs)
    }
  }
  const startMs = performance.now()
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, worker))
  return { firstByteMs, totalMs, seconds: (performance.now() - startMs) / 1000 }
}

/** Enough of an answer's end to see whether it is whole. */
const TAIL_CHARACTERS = 512

function sendOne(
  { url, headers, body }: LoadRequest,
  isWhole: (text: string) => boolean,
): Promise<{ firstByteMs: number; totalMs: number }> {
  return new Promise((resolve, reject) => {
    const startMs = performance.now()
    const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
      let firstByteMs: number | undefined
      let tail = ''
      incoming.setEncoding('latin1')
      incoming.on('data', (text: string) => {
        firstByteMs ??= performance.now() - startMs
        tail = (tail + text).slice(-TAIL_CHARACTERS)
      })
      incoming.once('error', reject)
      incoming.once('end', () => {
        if (incoming.statusCode === 200 && isWhole(tail)) {
          const totalMs = performance.now() - startMs
          resolve({ firstByteMs: firstByteMs ?? totalMs, totalMs })
        } else reject(new Error(`${url} answered ${incoming.statusCode}: ${tail.slice(0, 300)}`))
      })
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}
