import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
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
let own: Organization
let endpointId: string
let token: string

beforeAll(async () => {
  keyway = await startKeyway()
  model = await startPrivateModel()
  own = await keyway.organization({ providers: [] })
  const path = `/${own.id}/endpoints`
  const made = await keyway.management.post(path, {
    name: 'lab',
    reach: 'connector',
    models: ['llama-4'],
  })
  endpointId = String(made['id'])
  token = String(
    (await keyway.management.post(`${path}/${endpointId}/connector-token`, {}))['token'],
  )
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})

const messages = [{ role: 'user' as const, content: 'Hello' }]
const SOON = { timeout: 8000, interval: 50 }

const connect = (): ConnectProcess =>
  startConnect(['--target', model.origin, '--key-env', 'MODEL_KEY'], {
    KEYWAY_URL: keyway.url,
    KEYWAY_CONNECTOR_TOKEN: token,
    MODEL_KEY: model.apiKey,
  })

const chat = (): Promise<Answer> =>
  call(keyway, own, { path: '/v1/chat/completions', body: { model: 'byom/lab', messages } })

const online = async (): Promise<unknown> => {
  const { status } = await keyway.management.get(`/${own.id}/endpoints/${endpointId}`)
  return (status as { online_connectors: unknown }).online_connectors
}

const untilOnline = (count: number): Promise<void> =>
  vi.waitFor(async () => expect(await online()).toBe(count), SOON)

const testOf = (): Promise<Answer> =>
  call(keyway, undefined, {
    path: `/v1/organizations/${own.id}/endpoints/${endpointId}/test`,
    apiKey: keyway.adminToken,
  })

describe('an endpoint that connectors dial in for', () => {
  test('is offline without one, and says so', async () => {
    expect(await online()).toBe(0)
    const answer = await chat()
    expect(answer.status).toBe(503)
    expect(answer.json).toMatchObject({ error: { code: 'tunnel_offline' } })
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/)
    expect(answer.headers.get('x-keyway-attempts')).toBe(`${endpointId}:tunnel_offline`)
    expect((await testOf()).json).toMatchObject({
      ok: false,
      status: null,
      message: expect.stringContaining('keyway connect'),
    })
  })

  test('answers the openai SDK through one, streams and natively, and knows that it is there', async () => {
    await using connector = connect()
    await untilOnline(1)
    const client = openAi(`${keyway.url}/v1`, own.apiKey)
    const stream = await client.chat.completions.create({
      model: 'byom/lab',
      messages,
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe(echo('private', 'Hello'))
    const path = '/native/byom/lab/v1/chat/completions'
    const native = await call(keyway, own, { path, body: { model: 'llama-4', messages } })
    expect(native.json).toMatchObject({ choices: [{ stop_reason: null }] })
    expect((await testOf()).json).toMatchObject({ ok: true, status: 200 })
    expect(model.requests.at(-1)?.credential).toBe('own key')
    expect(connector.lines.join('\n')).not.toContain(model.apiKey)
  })

  test('whose connector is killed in the middle of a stream ends it with an error', async () => {
    model.script({ deltas: 200, gapMs: 50 })
    await using connector = connect()
    await untilOnline(1)
    const answer = await rawRequest(keyway.url, '/v1/chat/completions', {
      headers: { authorization: `Bearer ${own.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'byom/lab', messages, stream: true }),
    })
    await answer.firstBytes
    connector.kill('SIGKILL')
    const killedMs = Date.now()
    const text = await answer.body
    expect(Date.now() - killedMs).toBeLessThan(5000)
    expect(text).toContain('"code":"tunnel_disconnected"')
    expect(text).not.toContain('[DONE]')
    model.reset()
  })

  test('whose model is silent is given up by its own time-out', async () => {
    await using connector = connect()
    await untilOnline(1)
    const path = `/v1/organizations/${own.id}/endpoints/${endpointId}`
    const body = { timeouts: { first_byte_ms: 400 } }
    await call(keyway, undefined, { path, method: 'PATCH', apiKey: keyway.adminToken, body })
    model.misbehave({ kind: 'stall-before-headers' }, { times: 1 })
    const answer = await chat()
    expect(answer.status).toBe(504)
    expect(await model.requests.at(-1)?.finished).toBe('client-left')
    expect(connector.pid).toBeGreaterThan(0)
  })

  test('lets go of connectors whose token is revoked', async () => {
    await using connector = connect()
    await untilOnline(1)
    await keyway.management.post(`/${own.id}/endpoints/${endpointId}/connector-token`, {
      revoke_others: true,
    })
    expect(await connector.exitCode).not.toBe(0)
    await untilOnline(0)
  })
})

describe('connectors are hung up on at once when', () => {
  /** An endpoint with a connector online, and a call that its model works on. */
  async function busyLab(organization: Organization) {
    const path = `/${organization.id}/endpoints`
    const made = await keyway.management.post(path, { name: 'lab', reach: 'connector' })
    const id = String(made['id'])
    const issued = await keyway.management.post(`${path}/${id}/connector-token`, {})
    const connector = startConnect(['--target', model.origin, '--key-env', 'MODEL_KEY'], {
      KEYWAY_URL: keyway.url,
      KEYWAY_CONNECTOR_TOKEN: String(issued['token']),
      MODEL_KEY: model.apiKey,
    })
    await connector.logged('connected')
    model.script({ deltas: 200, gapMs: 50 })
    const answer = await rawRequest(keyway.url, '/v1/chat/completions', {
      headers: {
        authorization: `Bearer ${organization.apiKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model: 'byom/lab/llama-4', messages, stream: true }),
    })
    await answer.firstBytes
    return { id, connector, answer }
  }

  test.each([
    ['their endpoint', (id: string) => `/endpoints/${id}`],
    ['their organization', () => ''],
  ])('%s is deleted', async (_, pathOf) => {
    const other = await keyway.organization({ providers: [] })
    const { id, connector: running, answer } = await busyLab(other)
    await using connector = running
    const path = `/v1/organizations/${other.id}${pathOf(id)}`
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
    model.reset()
  })
})
