import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A model server as a process of its own, on loopback, which prints its port. The model's name says what it does:
 * `bytes-1000` says so many bytes, `events-400-5` so many events 5 ms apart with the moment at which each was sent, and
 * `silent-2000` thinks for two seconds before its first token.
 */
const BLOCK = randomBytes(256 * 1024)

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end('{"object":"list","data":[]}')
    return
  }
  json(request)
    .then((body) => answer(String((body as { model?: unknown }).model), response))
    .catch(() => response.destroy())
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))

async function answer(model: string, response: ServerResponse): Promise<void> {
  const [kind, count = 0, gapMs = 0] = model
    .split('-')
    .map((part, at) => (at === 0 ? part : Number(part)))
  const isBytes = kind === 'bytes'
  const type = isBytes ? 'application/octet-stream' : 'text/event-stream'
  if (kind !== 'silent') response.writeHead(200, { 'content-type': type })
  if (isBytes) await sendBytes(response, Number(count))
  else if (kind === 'events') await sendEvents(response, Number(count), Number(gapMs))
  else await thinkAndSay(response, Number(count))
}

async function sendBytes(response: ServerResponse, count: number): Promise<void> {
  for (let left = count; left > 0; left -= BLOCK.length) {
    const hasRoom = response.write(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK)
    if (!hasRoom) await once(response, 'drain')
  }
  response.end()
}

async function sendEvents(response: ServerResponse, count: number, gapMs: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) {
    // This clock is the machine's, and the same in every process of it.
    response.write(`data: ${process.hrtime.bigint()}\n\n`)
    await sleep(gapMs)
  }
  response.end('data: [DONE]\n\n')
}

async function thinkAndSay(response: ServerResponse, ms: number): Promise<void> {
  await sleep(ms)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(event({ role: 'assistant', content: 'At last.' }, null))
  response.end(`${event({}, 'stop')}data: [DONE]\n\n`)
}

function event(delta: object, finishReason: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finishReason }]
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'silent', choices }
  return `data: ${JSON.stringify(chunk)}\n\n`
}
