import { createServer, type IncomingMessage, request as httpRequest } from 'node:http'
import { text as textIn } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { runKeyway } from '../cli/run-keyway.ts'
import { type Keyway, type Organization, startKeyway } from '../support/keyway.ts'
import { onLoopback } from '../support/loopback.ts'

/** Connectors that may not come in: what the real route answers, and what the real connector tells of it. */

let keyway: Keyway
let own: Organization
let other: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  own = await keyway.organization({ providers: [] })
  other = await keyway.organization({ providers: [] })
})
afterAll(() => keyway[Symbol.asyncDispose]())

/** An endpoint that connectors dial in for, and how its tokens are issued. */
async function newEndpoint(name: string, organization = own) {
  const path = `/${organization.id}/endpoints`
  const made = await keyway.management.post(path, { name, reach: 'connector' })
  const place = `${path}/${String(made['id'])}/connector-token`
  const issue = async (body: object = {}): Promise<string> =>
    String((await keyway.management.post(place, body))['token'])
  return { issue, token: await issue() }
}

/** What a connector of any version hears when it dials in: the answer, or the version that holds. */
function dialIn(token: string, endpoint: string, versions: readonly string[]) {
  const address = `${keyway.url.replace('http', 'ws')}/v1/tunnels/connect?endpoint=${endpoint}`
  const headers = { authorization: `Bearer ${token}` }
  const socket = new WebSocket(address, [...versions], { headers })
  const { promise, resolve } = Promise.withResolvers<{
    status: number
    version: string | undefined
    body: string
  }>()
  socket.on('error', () => undefined)
  socket.once('open', () => {
    resolve({ status: 101, version: socket.protocol, body: '' })
    socket.terminate()
  })
  socket.once('unexpected-response', (_, response: IncomingMessage) => {
    const version = response.headers['sec-websocket-protocol']
    const status = response.statusCode ?? 0
    void textIn(response).then((body) => resolve({ status, version, body }))
  })
  return promise
}

/** The connector as a person starts it; it ends by itself where it is refused for good. */
const connect = (token: string, endpoint: string, url = keyway.url) =>
  runKeyway(['connect', '--endpoint', endpoint, '--target', 'http://127.0.0.1:2'], {
    env: { KEYWAY_URL: url, KEYWAY_CONNECTOR_TOKEN: token },
  })

const NOW = 'byom-tunnel.1'

describe('a connector is refused', () => {
  test.each([
    ['an old version', ['byom-tunnel.0']],
    ['only versions to come', ['byom-tunnel.2', 'byom-tunnel.3']],
  ])('that speaks %s, and told which it needs', async (_, versions) => {
    const name = `speaks-${versions.length}`
    const { token } = await newEndpoint(name)
    const { status, version, body } = await dialIn(token, name, versions)
    expect([status, version]).toEqual([426, NOW])
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'upgrade_required' } })
  })

  test('and one that also speaks this version is not', async () => {
    const { token } = await newEndpoint('both')
    const { status, version } = await dialIn(token, 'both', ['byom-tunnel.2', NOW])
    expect([status, version]).toEqual([101, NOW])
  })

  test('by a Keyway of another version, and says that it must be updated', async () => {
    const { token } = await newEndpoint('newer')
    await using newer = await startAsIfNewer()
    const ran = await connect(token, 'newer', newer.url)
    expect([ran.exitCode, ran.stdout]).toEqual([1, ''])
    expect(ran.stderr).toContain('which this one does not offer')
    expect(ran.stderr).toContain('Update this program')
  })

  test('whose token has ended, since two newer ones have taken its place', async () => {
    const { token, issue } = await newEndpoint('ended')
    await issue()
    expect((await dialIn(token, 'ended', [NOW])).status).toBe(101)
    await issue()
    expect((await dialIn(token, 'ended', [NOW])).status).toBe(401)
    const ran = await connect(token, 'ended')
    expect(ran.exitCode).toBe(3)
    expect(ran.stderr).toContain('was replaced or revoked')
    expect(ran.stderr).toContain('keyway endpoints connector-token')
    expect(ran.stderr).not.toContain(token)
  })

  test('whose token was stolen, once all others have been ended', async () => {
    const { token, issue } = await newEndpoint('stolen')
    const fresh = await issue({ revoke_others: true })
    expect((await dialIn(token, 'stolen', [NOW])).status).toBe(401)
    expect((await connect(token, 'stolen')).exitCode).toBe(3)
    expect((await dialIn(fresh, 'stolen', [NOW])).status).toBe(101)
  })

  test('with the token of another endpoint, be it of the same organization or not', async () => {
    const mine = await newEndpoint('mine')
    await newEndpoint('yours')
    const theirs = await newEndpoint('mine', other)
    expect((await dialIn(mine.token, 'yours', [NOW])).status).toBe(403)
    const ran = await connect(mine.token, 'yours')
    expect(ran.exitCode).toBe(1)
    expect(ran.stderr).toContain('of another endpoint')
    // The organization that a token names is not the one that knows it.
    const forged = `${mine.token.slice(0, 20)}${theirs.token.slice(20)}`
    expect((await dialIn(forged, 'mine', [NOW])).status).toBe(401)
  })
})

/** The real Keyway, as one that does not speak what this connector offers. */
async function startAsIfNewer() {
  const { hostname, port } = new URL(keyway.url)
  const server = createServer((_, response) => response.end()).on(
    'upgrade',
    ({ url: path, headers }, socket) => {
      const changed = { ...headers, 'sec-websocket-protocol': 'byom-tunnel.0' }
      const forwarded = httpRequest({ hostname, port, path, headers: changed })
      forwarded.on('response', (answer) => {
        socket.write(`HTTP/1.1 ${answer.statusCode ?? 0} Refused\r\nconnection: close\r\n\r\n`)
        answer.pipe(socket)
      })
      forwarded.end()
    },
  )
  return await onLoopback(server)
}
