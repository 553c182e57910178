import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { composeReply } from '../../test/upstreams/compose-reply.ts'
import { createCredentialBook } from '../../test/upstreams/credentials.ts'
import type { Answer, Incoming, Provider, World } from '../../test/upstreams/provider.ts'
import { anthropic } from '../../test/upstreams/providers/anthropic.ts'
import { bedrock } from '../../test/upstreams/providers/bedrock.ts'
import { googleVertexAi } from '../../test/upstreams/providers/google-vertex-ai.ts'
import { mistral } from '../../test/upstreams/providers/mistral.ts'
import { openai } from '../../test/upstreams/providers/openai.ts'

/**
 * The upstream of the benchmarks, a process of its own: what the strict stand-ins would answer, made once for each kind
 * of request and then replayed, so that it costs little beside what is measured. It believes everybody.
 * Streams have DELTAS pieces, GAP_MS apart; 0 sends all at once. When they are HELD, they fall silent behind the last
 * piece. `/pace?gap_ms=` sets the gap anew. Prints its port when it listens.
 */
const deltas = Number(process.env['DELTAS'] ?? 100)
let gapMs = Number(process.env['GAP_MS'] ?? 0)
const isHeld = process.env['HELD'] === 'true'
const project = process.env['GOOGLE_PROJECT'] ?? ''

/** By the first segment of the path; the stand-in sees what follows it. */
const PROVIDERS: Readonly<Record<string, Provider>> = {
  openai,
  anthropic,
  bedrock,
  mistral,
  google: googleVertexAi,
}

const world: World = {
  credentials: createCredentialBook(() => ''),
  now: Date.now,
  compose: (speaker, prompt) => composeReply(speaker, prompt, { deltas, gapMs: 0 }),
}
const answers = new Map<string, Answer>()
const NOT_FOUND: Answer = { kind: 'whole', status: 404, headers: {}, body: 'Not found' }

const server = createServer((message, response) => {
  readBody(message)
    .then((body) => reply(message, body, response))
    // A request that the stand-in refuses is a case that is wrong: the benchmark says what of it.
    .catch((error: unknown) => response.writeHead(400).end(String(error)))
})
// A connection that is closed for being idle can be closed under a request.
server.keepAliveTimeout = 0
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) console.log(address.port)
})

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function reply(
  { method = '', url = '', headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): void {
  if (url === '/token') {
    response.setHeader('content-type', 'application/json')
    response.end('{"access_token":"ya29.bench","expires_in":3599,"token_type":"Bearer"}')
    return
  }
  const pace = /^\/pace\?gap_ms=(\d+)$/.exec(url)
  if (pace !== null) {
    gapMs = Number(pace[1])
    response.end()
    return
  }
  const key = `${url} ${body.length > 65_536 ? body.length : body.toString()}`
  let answer = answers.get(key)
  if (answer === undefined) {
    answer = answerOf({ method, url, headers, body })
    answers.set(key, answer)
  }
  send(answer, response)
}

function answerOf({
  method,
  url,
  headers,
  body,
}: Pick<IncomingMessage, 'headers'> & { method: string; url: string; body: Buffer }): Answer {
  const [, name = '', rest = ''] = /^\/([^/]+)(.*)$/.exec(url) ?? []
  const provider = PROVIDERS[name]
  if (provider === undefined) return NOT_FOUND
  const [path = '', query = ''] = rest.split('?')
  const flat = Object.entries(headers).map(([header, value]) => [header, String(value)])
  const request: Incoming = {
    method,
    path,
    query,
    headers: Object.fromEntries(flat) as Record<string, string>,
    rawHeaders: flat.flat(),
    body: name === 'google' ? withoutModel(body) : body,
    host: headers.host ?? '',
  }
  return provider.answer(request, world, { credential: 'bench', proof: 'none', project })
}

/** Google takes the model's name in the body too, as the peer sends it; the stand-in takes it in the path alone. */
function withoutModel(body: Buffer): Buffer {
  const { model: _, ...rest } = JSON.parse(body.toString()) as { model?: string }
  return Buffer.from(JSON.stringify(rest))
}

function send(answer: Answer, response: ServerResponse): void {
  response.writeHead(answer.status, answer.headers)
  if (answer.kind === 'whole') {
    response.end(answer.body)
    return
  }
  const shown = isHeld ? answer.frames.findLastIndex(({ isDelta }) => isDelta) + 1 : Infinity
  const frames = answer.frames.slice(0, shown).map(({ bytes }) => bytes)
  if (gapMs === 0) {
    const all = Buffer.concat(frames)
    if (isHeld) response.write(all)
    else response.end(all)
    return
  }
  let next = 0
  const timer = setInterval(() => {
    const frame = frames[next++]
    if (frame !== undefined) response.write(frame)
    if (next < frames.length) return
    clearInterval(timer)
    if (!isHeld) response.end()
  }, gapMs)
  response.once('close', () => clearInterval(timer))
}
