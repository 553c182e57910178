import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import {
  retainConnectors,
  type Tunnel,
  tunnelFetch,
  tunnelStatus,
} from '../../src/tunnel/tunnel-fetch.ts'
import { serve } from './honest-connector.ts'
import { connect } from './test-connector.ts'
import { aRequest, bytesOf, newEndpoint } from './world.ts'

const objectOf = ({ organizationId, endpointId }: Tunnel) =>
  env.CONNECTOR.getByName(`${organizationId}/${endpointId}`)

afterEach(() => void vi.restoreAllMocks())

const passTime = (tunnel: Tunnel, ms: number): Promise<void> =>
  runInDurableObject(objectOf(tunnel), () => {
    const nowMs = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => nowMs + ms)
  })

test('after hibernation the connector is still online, with the same name and room, and stream numbers go on', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token }, { max_concurrent: 2 })
  const first = tunnelFetch(tunnel, aRequest())
  const before = (await connector.next('REQUEST')).stream
  connector.send('RESPONSE', before, { status: 200, headers: [] }, 1)
  await first
  await evictDurableObject(objectOf(tunnel))
  const { online_connectors, connectors } = await tunnelStatus(tunnel)
  expect(online_connectors).toBe(1)
  expect(connectors[0]).toMatchObject({ id: connector.welcome.connection, max_concurrent: 2 })
  const second = tunnelFetch(tunnel, aRequest())
  const after = (await connector.next('REQUEST')).stream
  expect(after).toBeGreaterThan(before)
  // Late frames of a stream from before are late, not wrong.
  connector.send('ALIVE', before)
  connector.send('RESPONSE', after, { status: 200, headers: [] }, 1)
  expect((await second).status).toBe(200)
})

test('a connector that was leaving before hibernation is leaving after it', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token })
  connector.send('GOAWAY', 0, { code: 'draining' })
  await expect
    .poll(async () => (await tunnelStatus(tunnel)).connectors[0])
    .toMatchObject({ is_leaving: true })
  await evictDurableObject(objectOf(tunnel))
  expect((await tunnelStatus(tunnel)).connectors[0]?.is_leaving).toBe(true)
})

test('a connection that was revoked stays so after hibernation, whatever its connector still sends', async () => {
  const { tunnel, token } = await newEndpoint()
  const revoked = await connect({ token, answersClose: false })
  await retainConnectors(tunnel, ['another token'])
  expect((await revoked.closed).code).toBe(4401)
  await evictDurableObject(objectOf(tunnel))
  expect(await tunnelStatus(tunnel)).toMatchObject({ online_connectors: 0 })
  const answering = tunnelFetch(tunnel, aRequest())
  revoked.send('RESPONSE', 1, { status: 200, headers: [] }, 1)
  serve(await connect({ token }), () => ({ pieces: [bytesOf('from the one that may')] }))
  expect(await (await answering).text()).toBe('from the one that may')
  expect(revoked.waiting).toEqual([])
})

test('after a new version the sockets are gone, and a call waits for the connector to be back', async () => {
  const { tunnel, token } = await newEndpoint()
  const old = await connect({ token })
  await evictDurableObject(objectOf(tunnel), { webSockets: 'close' })
  await old.closed
  const answering = tunnelFetch(tunnel, aRequest())
  const back = await connect({ token })
  serve(back, ({ body }) => ({ pieces: [body] }))
  expect(await (await answering).text()).toBe('{"model":"phi-4"}')
})

test('what was is still known after hibernation', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token })
  serve(connector, ({ body }) => ({ pieces: [body] }))
  await (await tunnelFetch(tunnel, aRequest())).text()
  const before = await tunnelStatus(tunnel)
  await evictDurableObject(objectOf(tunnel))
  const after = await tunnelStatus(tunnel)
  expect(after.last_success_at).toBe(before.last_success_at)
  expect(after.last_success_at).not.toBeNull()
})

test('a connection that says nothing while it has calls is given up, and the call fails', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token })
  const answering = tunnelFetch(tunnel, aRequest())
  const refused = expect(answering).rejects.toMatchObject({ code: 'tunnel_disconnected' })
  await connector.next('REQUEST')
  connector.send('ACCEPTED', 1)
  await expect
    .poll(async () => (await tunnelStatus(tunnel)).connectors[0])
    .toMatchObject({ in_flight: 1 })
  await passTime(tunnel, 21_000)
  await refused
  expect(await connector.closed).toEqual({ code: 4408, reason: 'nothing was heard for too long' })
})

test('a connector that has not pinged for too long is shown as gone, before anybody calls it', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token })
  await passTime(tunnel, 50_000)
  expect((await tunnelStatus(tunnel)).online_connectors).toBe(1)
  vi.restoreAllMocks()
  await passTime(tunnel, 61_000)
  expect(await tunnelStatus(tunnel)).toMatchObject({ online_connectors: 0, connectors: [] })
  expect((await connector.closed).code).toBe(4408)
})
