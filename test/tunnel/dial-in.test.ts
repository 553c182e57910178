import { createExecutionContext, runInDurableObject, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { tunnelRoutes } from '../../src/routes/tunnel.ts'
import { connectorHolderOf, liveConnectorHashes } from '../../src/storage/resources/connectors.ts'
import { deleteEndpoint, updateEndpoint } from '../../src/storage/resources/endpoints.ts'
import { retainConnectors, type Tunnel, tunnelStatus } from '../../src/tunnel/tunnel-fetch.ts'
import { newOrganization } from '../storage/world.ts'
import { connect, dial, type DialOptions, TestConnector } from './test-connector.ts'
import { context, newEndpoint, type TestEndpoint } from './world.ts'

const placeOf = ({ organizationId, endpointId: id }: Tunnel) => ({ organizationId, id })

async function refusal(options: DialOptions) {
  const response = await dial(options)
  const { error } = await response.json<{ error: { code: string; message: string } }>()
  expect(response.webSocket).toBeNull()
  expect(response.headers.get('x-keyway-request-id')).toMatch(/^req_/)
  return { status: response.status, code: error.code, message: error.message }
}

const unknownToken = { status: 401, code: 'invalid_connector_token' }

describe('dialling in', () => {
  test('with a good token is answered in the version that was asked for, then with WELCOME', async () => {
    const { token, tunnel } = await newEndpoint()
    const response = await dial({
      token,
      endpoint: 'lab',
      protocol: 'byom-tunnel.9, byom-tunnel.1',
    })
    expect(response.status).toBe(101)
    expect(response.headers.get('sec-websocket-protocol')).toBe('byom-tunnel.1')
    const socket = response.webSocket
    if (socket === null) throw new Error('no socket')
    const connector = new TestConnector(socket)
    expect((await tunnelStatus(tunnel)).online_connectors).toBe(0)
    connector.send('HELLO', 0, {
      agent: 'other/2',
      max_concurrent: 500,
      target: 'box',
      models: ['phi-4'],
    })
    const { json } = await connector.next('WELCOME')
    expect(json).toMatchObject({ max_concurrent: 128, window: 65_536 })
    const status = await tunnelStatus(tunnel)
    expect(status.online_connectors).toBe(1)
    expect(status.connectors).toMatchObject([
      {
        id: json.connection,
        agent: 'other/2',
        target: 'box',
        models: ['phi-4'],
        max_concurrent: 128,
      },
    ])
  })

  test('a ping is answered', async () => {
    const { token } = await newEndpoint()
    const connector = await connect({ token })
    const pong = new Promise((resolve) => {
      connector.socket.addEventListener('message', ({ data }) => resolve(data))
    })
    connector.socket.send('ping')
    expect(await pong).toBe('pong')
  })

  test('the endpoint may be named by its id, too', async () => {
    const { token, tunnel } = await newEndpoint()
    expect((await dial({ token, endpoint: tunnel.endpointId })).status).toBe(101)
  })
})

describe('is refused', () => {
  test('without a token, or with one that was never issued', async () => {
    const { token } = await newEndpoint()
    const almost = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`
    const foreign = await newEndpoint()
    for (const wrong of [
      undefined,
      '',
      'nonsense',
      almost,
      token.replace('kwc_', 'kwm_'),
      token.replace('kwc_', 'kw_'),
    ]) {
      expect(await refusal(wrong === undefined ? {} : { token: wrong })).toMatchObject(unknownToken)
    }
    expect(await refusal({ token: `${token} ${foreign.token}` })).toMatchObject(unknownToken)
  })

  test('with a token of another endpoint of the same organization', async () => {
    const organizationId = await newOrganization('Acme', context)
    const mine = await newEndpoint(organizationId, 'mine')
    await newEndpoint(organizationId, 'yours')
    expect(await refusal({ token: mine.token, endpoint: 'yours' })).toMatchObject({
      status: 403,
      code: 'permission_denied',
    })
  })

  test('with a token that two newer ones have replaced; the two are live at once', async () => {
    const { token, issue } = await newEndpoint()
    const second = await issue()
    expect((await dial({ token })).status).toBe(101)
    const third = await issue()
    expect(await refusal({ token })).toMatchObject(unknownToken)
    for (const live of [second, third]) expect((await dial({ token: live })).status).toBe(101)
  })

  test('with a token that was revoked, and its connector is sent away', async () => {
    const { tunnel, token, issue } = await newEndpoint()
    const old = await connect({ token })
    const next = await issue(true)
    const fresh = await connect({ token: next })
    const { organizationId, endpointId: id } = tunnel
    await retainConnectors(tunnel, await liveConnectorHashes(context.env, { organizationId, id }))
    expect(await old.closed).toEqual({ code: 4401, reason: 'the token was revoked' })
    expect(await refusal({ token })).toMatchObject(unknownToken)
    const status = await tunnelStatus(tunnel)
    expect(status.connectors.map((one) => one.id)).toEqual([fresh.welcome.connection])
  })

  test.each([
    ['revoked', ({ issue }: TestEndpoint): Promise<unknown> => issue(true), 1],
    ['deleted', ({ tunnel }: TestEndpoint) => deleteEndpoint(context, placeOf(tunnel)), 0],
  ])('a moment later, where its token is %s while it dials in', async (_, end, live) => {
    const endpoint = await newEndpoint()
    const { tunnel, token } = endpoint
    const getByName = (name: string) => ({
      fetch: async (...request: Parameters<typeof fetch>) => {
        // After the token was looked at, and before the socket is anyone's to close.
        await end(endpoint)
        const hashes = await liveConnectorHashes(context.env, placeOf(tunnel))
        expect(hashes).toHaveLength(live)
        await retainConnectors(tunnel, hashes)
        return await env.CONNECTOR.getByName(name).fetch(...request)
      },
      retain: (hashes: string[]) => env.CONNECTOR.getByName(name).retain(hashes),
    })
    const behind = createExecutionContext()
    const headers = {
      upgrade: 'websocket',
      authorization: `Bearer ${token}`,
      'sec-websocket-protocol': 'byom-tunnel.1',
    }
    const response = await tunnelRoutes().request(
      'https://keyway.test/v1/tunnels/connect',
      { headers },
      { ...context.env, CONNECTOR: { getByName } },
      behind,
    )
    expect.assert(response.webSocket !== null)
    const connector = new TestConnector(response.webSocket)
    await waitOnExecutionContext(behind)
    expect((await connector.closed).code).toBe(4401)
  })

  test('with a token of an endpoint that is gone', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const { organizationId, endpointId: id } = tunnel
    const kept = () =>
      runInDurableObject(env.CONNECTOR.getByName(`${organizationId}/${id}`), (_, { storage }) =>
        storage.list(),
      )
    expect(await kept()).not.toEqual(new Map())
    await deleteEndpoint(context, { organizationId, id })
    await retainConnectors(tunnel, await liveConnectorHashes(context.env, { organizationId, id }))
    expect((await connector.closed).code).toBe(4401)
    expect(await kept()).toEqual(new Map())
    expect(await refusal({ token })).toMatchObject(unknownToken)
  })

  test('where the endpoint is reached by its URL now', async () => {
    const { tunnel, token } = await newEndpoint()
    const { organizationId, endpointId: id } = tunnel
    const changes = { reach: 'url', base_url: 'https://models.example.com/v1' } as const
    await updateEndpoint(context, { organizationId, id }, changes)
    expect(await refusal({ token })).toMatchObject({ status: 409, code: 'conflict' })
  })

  test.each([
    ['an old version', 'byom-tunnel.0'],
    ['no version', null],
    ['another protocol', 'graphql-ws'],
  ])('with %s, told which there is', async (_, protocol) => {
    const { token } = await newEndpoint()
    expect(await refusal({ token, protocol })).toMatchObject({
      status: 426,
      code: 'upgrade_required',
    })
    const response = await dial({ token, protocol })
    expect(response.headers.get('sec-websocket-protocol')).toBe('byom-tunnel.1')
    expect(response.headers.get('x-should-retry')).toBe('false')
  })

  test('without an upgrade, after the token was looked at', async () => {
    const { token } = await newEndpoint()
    expect(await refusal({ token, upgrade: false })).toMatchObject({ status: 426 })
    expect(await refusal({ token: 'nonsense', upgrade: false })).toMatchObject({ status: 401 })
  })

  test('as the ninth', async () => {
    const { token } = await newEndpoint()
    const eight = await Promise.all(Array.from({ length: 8 }, () => connect({ token })))
    expect(await refusal({ token })).toMatchObject({ status: 409, code: 'conflict' })
    eight[3]?.socket.close(1000)
    await eight[3]?.closed
    await connect({ token })
  })
})

test('what a token looks like says nothing of another organization', async () => {
  const { token } = await newEndpoint()
  const other = await newOrganization('Other', context)
  expect(await connectorHolderOf(context.env, token)).toMatchObject({ endpointName: 'lab' })
  const forged = token.replace(token.slice(4, 20), other.slice(4))
  expect(await connectorHolderOf(context.env, forged)).toBeUndefined()
  expect(env.CONNECTOR).toBeDefined()
})
