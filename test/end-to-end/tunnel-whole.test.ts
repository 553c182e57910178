import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { newSecrets } from '../../scripts/local-secrets.ts'
import { managementClient } from '../../scripts/management-client.ts'
import { runWorker } from '../../scripts/run-worker.ts'
import { type ConnectProcess, startConnect } from '../cli/connect-process.ts'
import { call } from '../support/call.ts'
import { anthropic, openAi } from '../support/clients.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'
import { echo } from '../upstreams/stand-ins.ts'

/** What the parts must do together: every surface, many at once, and whatever stops and starts in between. */

// Each connector is a process of its own, which a busy machine takes seconds to start.
vi.setConfig({ testTimeout: 60_000 })

let keyway: Keyway
let model: PrivateModel
beforeAll(async () => {
  keyway = await startKeyway()
  model = await startPrivateModel()
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => model.reset())

interface Lab extends Pick<Organization, 'id' | 'apiKey'> {
  readonly endpointId: string
  readonly token: string
}

async function newLab(management = keyway.management): Promise<Lab> {
  const { id } = await management.post('', { name: 'Whole' })
  const { key } = await management.post(`/${String(id)}/api-keys`, { name: 'application' })
  const endpoint = await management.post(`/${String(id)}/endpoints`, {
    name: 'lab',
    reach: 'connector',
    models: ['llama-4'],
  })
  const lab = { id: String(id), apiKey: String(key), endpointId: String(endpoint['id']) }
  return { ...lab, token: await newToken(lab, management) }
}

async function newToken(
  { id, endpointId }: Pick<Lab, 'id' | 'endpointId'>,
  management = keyway.management,
): Promise<string> {
  const issued = await management.post(`/${id}/endpoints/${endpointId}/connector-token`, {})
  return String(issued['token'])
}

const connect = ({ token }: Pick<Lab, 'token'>, url = keyway.url): ConnectProcess =>
  startConnect(['--target', model.origin, '--key-env', 'MODEL_KEY'], {
    KEYWAY_URL: url,
    KEYWAY_CONNECTOR_TOKEN: token,
    MODEL_KEY: model.apiKey,
  })

async function statusOf({ id, endpointId }: Lab): Promise<unknown> {
  return (await keyway.management.get(`/${id}/endpoints/${endpointId}`))['status']
}

const messages = [{ role: 'user' as const, content: 'Hello' }]

const streamed = ({ apiKey }: Lab, content = 'Hello') =>
  rawRequest(keyway.url, '/v1/chat/completions', {
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'byom/lab',
      messages: [{ role: 'user', content }],
      stream: true,
    }),
  })

/** What a stream of OpenAI's said, where it came to its end. */
function saidIn(text: string): string {
  const events = text
    .split('\n\n')
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length))
  expect(events.at(-1)).toBe('[DONE]')
  return events
    .slice(0, -1)
    .map((data) => (JSON.parse(data) as Chunk).choices[0]?.delta.content ?? '')
    .join('')
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

describe('through a connector', () => {
  let lab: Lab
  let connector: ConnectProcess
  beforeAll(async () => {
    lab = await newLab()
    connector = connect(lab)
    await connector.logged('connected')
  })
  afterAll(() => connector[Symbol.asyncDispose]())

  test("Anthropic's own client streams, and gets a whole answer", async () => {
    const client = anthropic(keyway.url, lab.apiKey)
    const ask = { model: 'byom/lab', max_tokens: 99, messages }
    expect(await client.messages.stream(ask).finalText()).toBe(echo('private', 'Hello'))
    const whole = await client.messages.create(ask)
    expect(whole.content.find(({ type }) => type === 'text')).toMatchObject({
      text: echo('private', 'Hello'),
    })
    expect(whole.stop_reason).toBe('end_turn')
  })

  test("OpenAI's own client gets a whole answer, one by Responses, embeddings and the list", async () => {
    const client = openAi(`${keyway.url}/v1`, lab.apiKey)
    const whole = await client.chat.completions.create({ model: 'byom/lab', messages })
    expect(whole.choices[0]?.message.content).toBe(echo('private', 'Hello'))
    const response = await client.responses.create({ model: 'byom/lab', input: 'Hello' })
    expect(response.output_text).toBe(echo('private', 'Hello'))
    const { data } = await client.embeddings.create({ model: 'byom/lab', input: ['a', 'b'] })
    expect(data).toHaveLength(2)
    const native = openAi(`${keyway.url}/native/byom/lab/v1`, lab.apiKey)
    expect((await native.models.list()).data.map(({ id }) => id)).toEqual(['llama-4'])
  })

  test('64 streams at once, on two surfaces, each letter for letter', async () => {
    // Long enough that they overlap, and cut anywhere, also within a letter.
    model.script({ deltas: 40, gapMs: 5 })
    const hashes = Array.from({ length: 64 }, async (_, index) => {
      const content = `Nº ${index}: ${'Grüß Gott 鍵 🗝️ '.repeat(1 + (index % 7))}`
      const isNative = index % 2 === 1
      const path = isNative ? '/native/byom/lab/v1/chat/completions' : '/v1/chat/completions'
      const answer = await call(keyway, lab, {
        path,
        body: {
          model: isNative ? 'llama-4' : 'byom/lab',
          messages: [{ role: 'user', content }],
          stream: true,
        },
      })
      expect(sha(saidIn(answer.text))).toBe(sha(echo('private', content)))
    })
    await Promise.all(hashes)
  })

  test('the endpoint tells who is connected', async () => {
    expect(await statusOf(lab)).toMatchObject({
      online_connectors: 1,
      connectors: [
        {
          agent: expect.stringMatching(/^keyway\/\d/),
          target: model.origin,
          models: ['llama-4'],
          in_flight: 0,
          max_concurrent: 64,
          is_leaving: false,
        },
      ],
      last_success_at: expect.stringMatching(/^20\d\d-/),
    })
  })

  test('a model that breaks off is the last word of the stream', async () => {
    model.misbehave({ kind: 'die-midway', afterEvents: 3 }, { times: 1 })
    const text = await (await streamed(lab)).body
    expect(text).toMatch(/data: \{"error":/)
    expect(text).not.toContain('[DONE]')
  })
})

describe('a connector that stops', () => {
  test('finishes the stream that runs, while the one that takes its place is given the next', async () => {
    const lab = await newLab()
    await using old = connect(lab)
    await old.logged('connected')
    model.script({ deltas: 20, gapMs: 50 })
    const running = await streamed(lab)
    await running.firstBytes
    await using next = connect(lab)
    await next.logged('connected')
    old.kill('SIGTERM')
    await old.logged('draining')
    expect(saidIn(await (await streamed(lab)).body)).toBe(echo('private', 'Hello'))
    expect(saidIn(await running.body)).toBe(echo('private', 'Hello'))
    expect(await old.exitCode).toBe(0)
    expect(await old.logged('request')).toMatchObject({ outcome: 'done', status: 200 })
    expect(await next.logged('request')).toMatchObject({ outcome: 'done', status: 200 })
  })

  test('and is started again is waited for', async () => {
    const lab = await newLab()
    await using old = connect(lab)
    await old.logged('connected')
    old.kill('SIGKILL')
    await vi.waitFor(async () => expect(await statusOf(lab)).toMatchObject(NOBODY), SOON)
    const waiting = streamed(lab)
    await using next = connect(lab)
    expect(saidIn(await (await waiting).body)).toBe(echo('private', 'Hello'))
    expect(next.pid).toBeGreaterThan(0)
  })
})

const NOBODY = { online_connectors: 0 }
const SOON = { timeout: 15_000, interval: 20 }

describe('a token', () => {
  test('that two newer ones have replaced ends its connector; their connectors stay', async () => {
    const lab = await newLab()
    await using first = connect(lab)
    await first.logged('connected')
    await using second = connect({ token: await newToken(lab) })
    await second.logged('connected')
    const third = await newToken(lab)
    expect(await first.exitCode).toBe(3)
    await using last = connect({ token: third })
    await last.logged('connected')
    expect(await statusOf(lab)).toMatchObject({ online_connectors: 2 })
    await using late = connect(lab)
    expect(await late.exitCode).toBe(3)
    expect(late.lines.join('\n')).not.toContain(lab.token)
  })

  test('of another endpoint, or of one that was deleted, connects nobody', async () => {
    const lab = await newLab()
    const attic = await keyway.management.post(`/${lab.id}/endpoints`, {
      name: 'attic',
      reach: 'connector',
    })
    const token = await newToken({ id: lab.id, endpointId: String(attic['id']) })
    await using mistaken = connect({ token })
    expect(await mistaken.exitCode).not.toBe(0)
    await using deleted = connect(lab)
    await deleted.logged('connected')
    await keyway.management.delete(`/${lab.id}/endpoints/${lab.endpointId}`)
    expect(await deleted.exitCode).toBe(3)
  })

  test('is no API key, and an API key is none', async () => {
    const lab = await newLab()
    const body = { model: 'byom/lab', messages }
    const answer = await call(keyway, undefined, {
      path: '/v1/chat/completions',
      body,
      apiKey: lab.token,
    })
    expect(answer.status).toBe(401)
    const dialled = await call(keyway, lab, { path: '/v1/tunnels/connect', method: 'GET' })
    expect(dialled.status).toBe(401)
  })
})

test('Keyway stops and starts: the connector comes back by itself', async () => {
  const secrets = newSecrets()
  const persistTo = mkdtempSync(join(tmpdir(), 'keyway-restart-'))
  onTestFinished(() => rmSync(persistTo, { recursive: true }))
  const vars = { ...secrets, ALLOW_LOOPBACK_UPSTREAMS: 'true' }
  const first = await runWorker({ vars, persistTo })
  const { url } = first
  const lab = await newLab(managementClient(url, secrets.ADMIN_TOKEN))
  await using connector = connect(lab, url)
  await connector.logged('connected')
  await first.dispose()
  expect(await connector.logged('disconnected')).toMatchObject({
    retry_in_ms: expect.any(Number) as number,
  })
  await using again = await runWorker({ vars, persistTo, port: Number(new URL(url).port) })
  const client = openAi(`${again.url}/v1`, lab.apiKey)
  await vi.waitFor(async () => {
    const answer = await client.chat.completions.create({ model: 'byom/lab', messages })
    expect(answer.choices[0]?.message.content).toBe(echo('private', 'Hello'))
  }, SOON)
  expect(connector.lines.filter((line) => line.includes('"event":"connected"'))).toHaveLength(2)
})
