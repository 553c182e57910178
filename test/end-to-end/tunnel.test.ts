import { createCipheriv, createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text as textIn } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ConnectProcess, startConnect } from '../cli/connect-process.ts'
import { runKeyway } from '../cli/run-keyway.ts'
import { openAi } from '../support/clients.ts'
import { type Keyway, startKeyway } from '../support/keyway.ts'
import { onLoopback } from '../support/loopback.ts'
import { rawRequest } from '../support/raw-client.ts'

/** Every part is real here: callers, the Worker, the connector as a process, and a model server on loopback. */

let keyway: Keyway
beforeAll(async () => {
  keyway = await startKeyway()
})
afterAll(() => keyway[Symbol.asyncDispose]())

/** A model server that asks the test what to say. */
interface Model extends AsyncDisposable {
  readonly url: string
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

async function startModel(answer: Answer): Promise<Model> {
  const server = createServer((request, response) => {
    if (request.method === 'GET') response.end('{"object":"list","data":[{"id":"gemma-4"}]}')
    else void answer(request, response)
  })
  return await onLoopback(server)
}

interface Lab {
  readonly apiKey: string
  readonly token: string
  readonly connect: (model: Pick<Model, 'url'>, ...words: readonly string[]) => ConnectProcess
}

async function newLab(): Promise<Lab> {
  const { id, apiKey } = await keyway.organization({ providers: [] })
  const path = `/${id}/endpoints`
  const endpoint = await keyway.management.post(path, { name: 'lab', reach: 'connector' })
  const issued = await keyway.management.post(
    `${path}/${String(endpoint['id'])}/connector-token`,
    {},
  )
  const token = String(issued['token'])
  const env = { KEYWAY_URL: keyway.url, KEYWAY_CONNECTOR_TOKEN: token }
  return {
    apiKey,
    token,
    connect: (model, ...words) => startConnect(['--target', model.url, ...words], env),
  }
}

const event = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'gemma-4',
    choices: [{ index: 0, delta: { content }, finish_reason: finish }],
  })}\n\n`

/** A megabyte that only this text makes. */
function randomOf(text: string): Buffer {
  const cipher = createCipheriv(
    'aes-128-ctr',
    createHash('md5').update(text).digest(),
    Buffer.alloc(16),
  )
  return cipher.update(Buffer.alloc(1_000_003))
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

const messages = [{ role: 'user' as const, content: 'Hello' }]

const callOf = (lab: Lab) => ({
  method: 'POST',
  headers: { authorization: `Bearer ${lab.apiKey}`, 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'byom/lab/gemma-4', messages, stream: true }),
})

const ask = (lab: Lab): Promise<Response> => fetch(`${keyway.url}/v1/chat/completions`, callOf(lab))

describe('a private model', () => {
  test("streams to OpenAI's own client, with a key that only its site knows", async () => {
    const lab = await newLab()
    const seen: Readonly<Record<string, unknown>>[] = []
    await using model = await startModel(async (request, response) => {
      const { authorization, host, 'content-length': length } = request.headers
      const text = await textIn(request)
      const isWhole = Number(length) === Buffer.byteLength(text)
      seen.push({ authorization, host, isWhole, body: JSON.parse(text) })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const word of ['Grüß ', 'Gott ', '😀']) response.write(event(word))
      response.end(`${event('', 'stop')}data: [DONE]\n\n`)
    })
    await using running = startConnect(['--target', model.url, '--key-env', 'MODEL_KEY'], {
      KEYWAY_URL: keyway.url,
      KEYWAY_CONNECTOR_TOKEN: lab.token,
      MODEL_KEY: 'only-here',
    })
    await running.logged('connected')
    const stream = await openAi(`${keyway.url}/v1`, lab.apiKey).chat.completions.create({
      model: 'byom/lab/gemma-4',
      messages,
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('Grüß Gott 😀')
    expect(seen).toMatchObject([
      {
        authorization: 'Bearer only-here',
        host: new URL(model.url).host,
        isWhole: true,
        body: { model: 'gemma-4' },
      },
    ])
  })

  test('the connector is killed midway: an error, no end, and another one is connected', async () => {
    const lab = await newLab()
    await using model = await startModel((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('half'))
    })
    await using running = lab.connect(model)
    await running.logged('connected')
    const response = await ask(lab)
    const reader = (response.body ?? new ReadableStream())
      .pipeThrough(new TextDecoderStream())
      .getReader()
    let text = ''
    while (!text.includes('half')) text += String((await reader.read()).value)
    // That nothing is heard of it would be noticed later than this test has time for.
    running.kill('SIGKILL')
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      text += value
    }
    expect(text).toMatch(/"code":"tunnel_disconnected"/)
    expect(text).not.toContain('[DONE]')
    await using again = lab.connect(model)
    expect(await again.logged('connected')).toMatchObject({ level: 'info' })
  })

  test('the caller leaves: the model hears of it while it still has to answer', async () => {
    const lab = await newLab()
    const left = Promise.withResolvers<void>()
    await using model = await startModel((_, response) => {
      response.on('close', left.resolve)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('half'))
    })
    await using running = lab.connect(model)
    await running.logged('connected')
    const answer = await rawRequest(keyway.url, '/v1/chat/completions', callOf(lab))
    await answer.firstBytes
    answer.leave()
    await left.promise
    expect(await running.logged('request')).toMatchObject({ outcome: 'cancelled' })
  })

  test('32 calls at once over one connector, each byte for byte', async () => {
    const lab = await newLab()
    await using model = await startModel(async (request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      response.end(randomOf(await textIn(request)))
    })
    await using running = lab.connect(model)
    await running.logged('connected')
    const hashes = Array.from({ length: 32 }, async (_, seed) => {
      const body = JSON.stringify({ seed })
      const { headers } = callOf(lab)
      const url = `${keyway.url}/native/byom/lab/v1/chat/completions`
      const answer = await fetch(url, { method: 'POST', headers, body })
      const bytes = Buffer.from(await answer.arrayBuffer())
      expect([answer.status, sha(bytes)]).toEqual([200, sha(randomOf(body))])
    })
    await Promise.all(hashes)
  })

  test('what the model server is not there for is told apart from a connector that is not', async () => {
    const lab = await newLab()
    const offline = await ask(lab)
    expect([offline.status, await offline.json()]).toMatchObject([
      503,
      { error: { code: 'tunnel_offline' } },
    ])
    await using running = lab.connect({ url: 'http://127.0.0.1:2' })
    await running.logged('connected')
    const unreachable = await ask(lab)
    expect([unreachable.status, await unreachable.json()]).toMatchObject([
      502,
      { error: { code: 'model_unreachable' } },
    ])
  })
})

describe('keyway connect --check, at the real Worker', () => {
  const check = (token: string, target: string, endpoint = 'lab') =>
    runKeyway(['connect', '--check', '--endpoint', endpoint, '--target', target], {
      env: { KEYWAY_URL: keyway.url, KEYWAY_CONNECTOR_TOKEN: token },
    })

  test('finds the way whole', async () => {
    const lab = await newLab()
    await using model = await startModel((_, response) => response.end('{"choices":[]}'))
    const ran = await check(lab.token, model.url)
    expect([ran.exitCode, ran.stderr]).toEqual([0, ''])
    expect(ran.stdout).toMatch(/ok +model +gemma-4 answered/)
  })

  test('finds a token that is not known, and one of another endpoint', async () => {
    const [lab, other] = [await newLab(), await newLab()]
    const unknown = await check(
      `${lab.token.slice(0, 20)}${other.token.slice(20)}`,
      'http://127.0.0.1:2',
    )
    expect(unknown.exitCode).not.toBe(0)
    const elsewhere = await check(lab.token, 'http://127.0.0.1:2', 'laboratory')
    expect([elsewhere.exitCode, elsewhere.stdout]).toEqual([
      1,
      expect.stringMatching(/WRONG tunnel .*another endpoint/),
    ])
  })
})
