import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ConnectProcess, startConnect } from '../cli/connect-process.ts'
import { type Answer, call } from '../support/call.ts'
import { openAi } from '../support/clients.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { rawRequest } from '../support/raw-client.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'
import { echo } from '../upstreams/stand-ins.ts'

/** The whole path: an SDK, the Worker, the endpoint's Durable Object, the connector as a process, a model on loopback. */
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

const messages = [{ role: 'user' as const, content: 'Hello' }]
const SOON = { timeout: 8000, interval: 50 }

/** An organization of its own with an endpoint that connectors dial in for. */
interface Lab {
  readonly own: Organization
  readonly endpointId: string
  readonly token: string
}

async function newLab(): Promise<Lab> {
  const own = await keyway.organization({ providers: [] })
  const path = `/${own.id}/endpoints`
  const made = await keyway.management.post(path, {
    name: 'lab',
    reach: 'connector',
    models: ['llama-4'],
  })
  const endpointId = String(made['id'])
  const issued = await keyway.management.post(`${path}/${endpointId}/connector-token`, {})
  return { own, endpointId, token: String(issued['token']) }
}

const connect = ({ token }: Lab): ConnectProcess =>
  startConnect(['--target', model.origin, '--key-env', 'MODEL_KEY'], {
    KEYWAY_URL: keyway.url,
    KEYWAY_CONNECTOR_TOKEN: token,
    MODEL_KEY: model.apiKey,
  })

const chat = ({ own }: Lab): Promise<Answer> =>
  call(keyway, own, { path: '/v1/chat/completions', body: { model: 'byom/lab', messages } })

/** A stream of which the first bytes have come. */
async function begunStream({ own }: Lab) {
  model.script({ deltas: 200, gapMs: 50 })
  const answer = await rawRequest(keyway.url, '/v1/chat/completions', {
    headers: { authorization: `Bearer ${own.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'byom/lab', messages, stream: true }),
  })
  await answer.firstBytes
  return answer
}

const online = async ({ own, endpointId }: Lab): Promise<unknown> => {
  const { status } = await keyway.management.get(`/${own.id}/endpoints/${endpointId}`)
  return (status as { online_connectors: unknown }).online_connectors
}

const untilOnline = (lab: Lab, count: number): Promise<void> =>
  vi.waitFor(async () => expect(await online(lab)).toBe(count), SOON)

const testOf = ({ own, endpointId }: Lab): Promise<Answer> =>
  call(keyway, undefined, {
    path: `/v1/organizations/${own.id}/endpoints/${endpointId}/test`,
    apiKey: keyway.adminToken,
  })

describe('an endpoint that connectors dial in for', () => {
  test('is offline without one, and says so', async () => {
    const lab = await newLab()
    expect(await online(lab)).toBe(0)
    const answer = await chat(lab)
    expect(answer.status).toBe(503)
    expect(answer.json).toMatchObject({ error: { code: 'tunnel_offline' } })
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${lab.endpointId}:tunnel_offline`)
    expect((await testOf(lab)).json).toMatchObject({
      ok: false,
      status: null,
      message: expect.stringContaining('keyway connect'),
    })
  })

  test('answers the openai SDK through one, streams and natively, and knows that it is there', async () => {
    const lab = await newLab()
    await using connector = connect(lab)
    await untilOnline(lab, 1)
    const client = openAi(`${keyway.url}/v1`, lab.own.apiKey)
    const stream = await client.chat.completions.create({
      model: 'byom/lab',
      messages,
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe(echo('private', 'Hello'))
    const path = '/native/byom/lab/v1/chat/completions'
    const native = await call(keyway, lab.own, { path, body: { model: 'llama-4', messages } })
    expect(native.json).toMatchObject({ choices: [{ stop_reason: null }] })
    expect((await testOf(lab)).json).toMatchObject({ ok: true, status: 200 })
    expect(model.requests.at(-1)?.credential).toBe('own key')
    expect(connector.lines.join('\n')).not.toContain(model.apiKey)
  })

  test('whose connector is killed in the middle of a stream ends it with an error', async () => {
    const lab = await newLab()
    await using connector = connect(lab)
    await untilOnline(lab, 1)
    const answer = await begunStream(lab)
    connector.kill('SIGKILL')
    const text = await answer.body
    expect(text).toContain('"code":"tunnel_disconnected"')
    expect(text).not.toContain('[DONE]')
  })

  test('whose model is silent is given up by its own time-out', async () => {
    const lab = await newLab()
    await using connector = connect(lab)
    await untilOnline(lab, 1)
    const path = `/v1/organizations/${lab.own.id}/endpoints/${lab.endpointId}`
    const body = { timeouts: { first_byte_ms: 400 } }
    await call(keyway, undefined, { path, method: 'PATCH', apiKey: keyway.adminToken, body })
    model.misbehave({ kind: 'stall-before-headers' }, { times: 1 })
    const answer = await chat(lab)
    expect(answer.status).toBe(504)
    expect(await model.requests.at(-1)?.finished).toBe('client-left')
    expect(connector.pid).toBeGreaterThan(0)
  })

  test('lets go of connectors whose token is revoked', async () => {
    const lab = await newLab()
    await using connector = connect(lab)
    await untilOnline(lab, 1)
    const path = `/${lab.own.id}/endpoints/${lab.endpointId}/connector-token`
    await keyway.management.post(path, { revoke_others: true })
    expect(await connector.exitCode).not.toBe(0)
    await untilOnline(lab, 0)
  })
})

describe('connectors are hung up on at once when', () => {
  test.each([
    ['their endpoint', (id: string) => `/endpoints/${id}`],
    ['their organization', () => ''],
  ])('%s is deleted', async (_, pathOf) => {
    const lab = await newLab()
    await using connector = connect(lab)
    await untilOnline(lab, 1)
    const answer = await begunStream(lab)
    const path = `/v1/organizations/${lab.own.id}${pathOf(lab.endpointId)}`
    const deleted = await call(keyway, undefined, {
      path,
      method: 'DELETE',
      apiKey: keyway.adminToken,
    })
    expect(deleted.status).toBe(204)
    expect(await connector.exitCode).toBe(3)
    const last = connector.lines.join('\n')
    expect(last).toContain('The token was revoked, or its endpoint deleted.')
    const text = await answer.body
    expect(text).toContain('"code":"tunnel_disconnected"')
    expect(text).not.toContain('[DONE]')
    expect(await model.requests.at(-1)?.finished).toBe('client-left')
  })
})
