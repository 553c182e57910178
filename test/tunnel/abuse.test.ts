import { describe, expect, test } from 'vitest'
import { type Tunnel, tunnelFetch, tunnelStatus } from '../../src/tunnel/tunnel-fetch.ts'
import { connect, dial, frame, joined, TestConnector, uint32 } from './test-connector.ts'
import { aRequest, newEndpoint, pattern } from './world.ts'

const OK = { status: 200, headers: [] }

/** An endpoint with a good connector that has an answer under way, and a bad one that has another. */
async function goodAndBad() {
  const { tunnel, token } = await newEndpoint()
  const good = await connect({ token }, { max_concurrent: 1 })
  const untouched = await begun(good, tunnel)
  const bad = await connect({ token })
  const doomed = await begun(bad, tunnel)
  return { tunnel, token, good, bad, untouched, doomed }
}

async function begun(connector: TestConnector, tunnel: Tunnel): Promise<Response> {
  const answering = tunnelFetch(tunnel, aRequest())
  const { stream } = await connector.next('REQUEST')
  connector.send('RESPONSE', stream, OK)
  connector.send('DATA', stream, 'begun ')
  return await answering
}

const hello = { agent: 'bad/1' }
const big = new Uint8Array(65_536)

describe('a connector that breaks the protocol is closed with the reason, and nobody else notices', () => {
  test.each<readonly [reason: string, message: string | Uint8Array]>([
    ['text that is not ping', 'hello'],
    ['frame cut off in its header', new Uint8Array(0)],
    ['frame cut off in its header', new Uint8Array([8, 0, 0])],
    ['frame cut off in its payload', frame('DATA', 1, 'abc').slice(0, -1)],
    ['payload over 64 KiB', frame('DATA', 1, new Uint8Array(65_537))],
    ['message over 1 MiB', joined(...Array.from({ length: 17 }, () => frame('DATA', 1, big)))],
    ['unknown frame type', frame(99, 1)],
    ['unknown flag of data', frame('DATA', 1, 'x', 4)],
    [
      'request is not for a connector to send',
      frame('REQUEST', 3, { method: 'GET', path: '/', headers: [] }),
    ],
    ['hello twice', frame('HELLO', 0, hello)],
    ['frame of a stream that was never opened', frame('DATA', 2, 'x')],
    ['frame of a stream that was never opened', frame('RESET', 0xffff_ffff, { code: 'refused' })],
    ['response twice', frame('RESPONSE', 1, OK)],
    ['accepted twice', frame('ACCEPTED', 1)],
    ['data beyond the window', joined(frame('DATA', 1, big), frame('DATA', 1, big))],
    ['window over 1 MiB', frame('WINDOW', 1, uint32(0xffff_ffff))],
    ['response is not a JSON object', frame('RESPONSE', 1, 'null')],
  ])('%s', async (reason, message) => {
    const { tunnel, good, bad, untouched, doomed } = await goodAndBad()
    bad.socket.send(message)
    expect(await bad.closed).toEqual({ code: 4400, reason })
    await expect(doomed.text()).rejects.toThrow('tunnel: lost')
    const status = await tunnelStatus(tunnel)
    expect(status.online_connectors).toBe(1)
    expect(status.last_error?.message).toBe(reason)
    good.send('DATA', 1, 'and ended', 1)
    expect(await untouched.text()).toBe('begun and ended')
  })

  test('a frame after the last of its stream is late, not wrong', async () => {
    const { bad, doomed } = await goodAndBad()
    bad.socket.send(joined(frame('DATA', 1, 'and ended', 1), frame('DATA', 1, 'late', 1)))
    expect(await doomed.text()).toBe('begun and ended')
  })

  test('anything before HELLO', async () => {
    const { tunnel, token } = await newEndpoint()
    for (const message of [frame('ALIVE', 1), frame('GOAWAY', 0, { code: 'draining' })]) {
      const { webSocket } = await dial({ token })
      if (webSocket === null) throw new Error('refused')
      const connector = new TestConnector(webSocket)
      connector.socket.send(message)
      expect(await connector.closed).toEqual({ code: 4400, reason: 'no hello yet' })
    }
    expect((await tunnelStatus(tunnel)).online_connectors).toBe(0)
  })
})

describe('garbage', () => {
  /** Frames that are right, with a byte or two changed: they get further than noise does. */
  function mutated(seed: number): Uint8Array {
    const right = [
      frame('HELLO', 0, hello),
      frame('ACCEPTED', 1),
      frame('ALIVE', 1),
      frame('RESPONSE', 1, { status: 200, headers: [['a', 'b']] }),
      frame('DATA', 1, 'some data'),
      frame('WINDOW', 1, uint32(4096)),
      frame('RESET', 1, { code: 'refused' }),
      frame('GOAWAY', 0, { code: 'draining' }),
    ]
    const noise = pattern(64, seed)
    const at = (index: number, limit: number): number => (noise[index] ?? 0) % limit
    const message = joined(...[0, 1, 2].map((index) => right[at(index, right.length)] ?? big))
    for (let change = 0; change < 1 + at(3, 3); change++) {
      message[at(4 + 2 * change, message.length)] = noise[5 + 2 * change] ?? 0
    }
    return at(12, 4) === 0 ? message.slice(0, at(13, message.length)) : message
  }

  test('on one connection after the other crashes nothing and touches no other stream', async () => {
    const { tunnel, token } = await newEndpoint()
    const good = await connect({ token })
    const untouched = await begun(good, tunnel)
    for (let round = 0; round < 25; round++) {
      const { webSocket } = await dial({ token })
      if (webSocket === null) throw new Error('refused')
      const bad = new TestConnector(webSocket)
      if (round % 2 === 0) bad.send('HELLO', 0, hello)
      for (let message = 0; message < 20; message++) {
        const seed = round * 100 + message
        bad.socket.send(message % 5 === 0 ? pattern(1 + (seed % 300), seed) : mutated(seed))
      }
      bad.socket.send(new Uint8Array([0]))
      expect((await bad.closed).code).toBe(4400)
      good.send('DATA', 1, `${round} `)
    }
    good.send('DATA', 1, 'end', 1)
    const rounds = Array.from({ length: 25 }, (_, round) => `${round} `).join('')
    expect(await untouched.text()).toBe(`begun ${rounds}end`)
    expect((await tunnelStatus(tunnel)).online_connectors).toBe(1)
  })
})
