import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { dial } from '../../cli/connect/dial.ts'
import type { Happening } from '../../cli/connect/happening.ts'
import { usage } from '../../cli/failure.ts'
import { onLoopback } from '../support/loopback.ts'
import { connectTo, newSetting, type Setting } from './connect-setting.ts'
import { startFakeKeyway } from './fake-keyway.ts'
import { frame } from './tunnel-frames.ts'

const lostOf = (happenings: readonly Happening[]): string[] =>
  happenings.flatMap((one) => (one.event === 'disconnected' ? one.reason : []))

/** A call that came and went: whatever Keyway said before it was heard. */
async function answeredCall({ link, model }: Setting): Promise<void> {
  const call = link.call()
  const { response } = await model.next()
  response.end('ok')
  await call.whole
}

describe('a connection that is lost', () => {
  test.each([
    ['the network', 1006, 'was lost'],
    ['a new version of Keyway', 1001, 'was lost (1001)'],
    ['silence', 4408, 'heard nothing'],
    ['a mistake of this program', 4400, 'broke the tunnel protocol: data before response'],
  ])('by %s is replaced by another', async (_, code, text) => {
    await using setting = await newSetting()
    const call = setting.link.call({ body: '{}' })
    const { left } = await setting.model.next()
    if (code === 1006) setting.link.send('x'.repeat(10))
    else setting.link.close(code, code === 4400 ? 'data before response' : '')
    await left
    await expect(call.whole).rejects.toThrow('lost')
    const next = await setting.keyway.connector()
    const again = next.call({ body: '{}' })
    const { response } = await setting.model.next()
    response.end('ok')
    expect((await again.whole).toString()).toBe('ok')
    expect(setting.waits).toEqual([125])
    expect(lostOf(setting.happenings).join()).toContain(code === 1006 ? 'unknown text' : text)
  })

  test('with a revoked token is not replaced, and no other loses its calls by that', async () => {
    await using setting = await newSetting({ connections: 2 })
    const other = await setting.keyway.connector()
    const call = setting.link.call({ body: '{}' })
    const { response } = await setting.model.next()
    other.close(4401, 'revoked')
    expect(await setting.link.goaway).toEqual({ code: 'draining' })
    response.end('ok')
    expect((await call.whole).toString()).toBe('ok')
    await expect(setting.connector.ended).rejects.toMatchObject({ exitCode: 3 })
    expect(setting.keyway.attempts()).toBe(2)
  })

  test('with a token that was replaced meanwhile dials in with the new one', async () => {
    let token = 'kwc_old'
    await using setting = await newSetting({ token: () => Promise.resolve(token) })
    token = 'kwc_new'
    setting.link.close(4401, 'revoked')
    const next = await setting.keyway.connector()
    expect(next.headers.authorization).toBe('Bearer kwc_new')
  })

  test('with a revoked token whose file is gone ends, unless there is another one soon', async () => {
    let token = 'kwc_old'
    let looksWithout = 0
    const read = (): Promise<string> => {
      if (looksWithout === 0) return Promise.resolve(token)
      looksWithout -= 1
      return Promise.reject(usage('There is no file.'))
    }
    await using setting = await newSetting({ token: read })
    ;[token, looksWithout] = ['kwc_new', 3]
    setting.link.close(4401, 'revoked')
    const next = await setting.keyway.connector()
    expect(next.headers.authorization).toBe('Bearer kwc_new')
    expect(setting.waits).toEqual([125, 250, 500, 125])
    looksWithout = Infinity
    next.close(4401, 'revoked')
    await expect(setting.connector.ended).rejects.toMatchObject({ exitCode: 3 })
    expect(setting.waits.slice(4)).toEqual([125, 250, 500, 1000, 2000])
  })

  describe('without a word', () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] })
    })
    afterEach(() => {
      vi.useRealTimers()
    })

    test('is noticed by its silence', async () => {
      await using setting = await newSetting({ terms: { isMute: true } })
      await answeredCall(setting)
      vi.advanceTimersByTime(30_000)
      expect((await setting.link.closed).code).toBe(1006)
      await setting.keyway.connector()
      expect(lostOf(setting.happenings)[0]).toContain('did not answer a ping')
    })

    test('is kept as long as pings are answered', async () => {
      await using setting = await newSetting()
      await answeredCall(setting)
      for (let round = 1; round <= 3; round += 1) {
        vi.advanceTimersByTime(20_000)
        while (setting.link.pings() < round) await setting.link.flush()
        await setting.link.flush()
      }
      expect([setting.link.pings(), setting.keyway.attempts()]).toEqual([3, 1])
    })

    test('is kept as long as Keyway says something else', async () => {
      await using setting = await newSetting({ terms: { isMute: true } })
      await answeredCall(setting)
      for (let round = 0; round < 3; round += 1) {
        vi.advanceTimersByTime(20_000)
        await answeredCall(setting)
      }
      expect([setting.link.pings(), setting.keyway.attempts()]).toEqual([3, 1])
    })
  })
})

describe('dialling in', () => {
  test('goes on until it works, with longer and longer waits', async () => {
    await using keyway = await startFakeKeyway()
    keyway.refuse(
      { status: 503 },
      { status: 409 },
      { status: 200, body: '<html>' },
      { status: 429 },
    )
    const { connector, waits, happenings } = connectTo(keyway, 'http://127.0.0.1:2')
    await keyway.connector()
    connector.close()
    await connector.ended
    expect(waits).toEqual([125, 250, 500, 1000])
    expect(lostOf(happenings)[2]).toContain('does not speak like Keyway')
  })

  test('that fails slowly is no connection that held: the waits get longer all the same', async () => {
    await using keyway = await startFakeKeyway()
    keyway.refuse({ status: 503 }, { status: 503 }, { status: 503 })
    let now = 0
    const clock = (): number => (now += 6_000)
    const { connector, waits } = connectTo(keyway, 'http://127.0.0.1:2', { clock })
    const link = await keyway.connector()
    link.close(1001)
    await keyway.connector()
    connector.close()
    await connector.ended
    // The one that was welcomed held for long enough.
    expect(waits).toEqual([125, 250, 500, 125])
  })

  test('with a token that is not taken, and is another one by now, goes on', async () => {
    await using keyway = await startFakeKeyway()
    keyway.refuse({ status: 401 })
    const tokens = ['kwc_old']
    const token = (): Promise<string> => Promise.resolve(tokens.shift() ?? 'kwc_new')
    const { connector, happenings } = connectTo(keyway, 'http://127.0.0.1:2', { token })
    const { headers } = await keyway.connector()
    connector.close()
    await connector.ended
    expect(headers.authorization).toBe('Bearer kwc_new')
    expect(happenings[0]).toMatchObject({ advice: expect.stringContaining('makes another') })
  })

  test.each([
    [401, 3],
    [403, 1],
    [426, 1],
  ])('stops at %s', async (status, exitCode) => {
    await using keyway = await startFakeKeyway()
    const body = JSON.stringify({ error: { message: 'It says why.', code: 'why' } })
    keyway.refuse({ status, body })
    const { connector, waits } = connectTo(keyway, 'http://127.0.0.1:2')
    await expect(connector.ended).rejects.toMatchObject({ exitCode, message: 'It says why.' })
    expect([waits, keyway.attempts()]).toEqual([[], 1])
  })

  test('goes on where the upgrade was lost on the way, since this program is not too old', async () => {
    await using keyway = await startFakeKeyway()
    keyway.refuse({ status: 426, header: 'sec-websocket-protocol: byom-tunnel.1' })
    const { connector, happenings } = connectTo(keyway, 'http://127.0.0.1:2')
    await keyway.connector()
    connector.close()
    await connector.ended
    const [lost] = happenings
    expect(lost).toMatchObject({ reason: expect.stringContaining('takes WebSockets out') })
    expect(lost).toMatchObject({ advice: expect.stringContaining('Upgrade') })
  })

  test('stops at 426 where Keyway speaks another version', async () => {
    await using keyway = await startFakeKeyway()
    keyway.refuse({ status: 426, header: 'sec-websocket-protocol: byom-tunnel.2' })
    const { connector } = connectTo(keyway, 'http://127.0.0.1:2')
    await expect(connector.ended).rejects.toMatchObject({ exitCode: 1 })
  })

  test('does not wait for the end of a refusal that trickles', async () => {
    const piece = ' '.repeat(8 * 1024)
    let isLeft = false
    await using server = await onLoopback(
      createServer().on('upgrade', (_, socket) => {
        const trickle = (): void => {
          if (!isLeft) socket.write(piece, () => setImmediate(trickle))
        }
        socket.on('error', () => undefined).on('close', () => (isLeft = true))
        socket.write('HTTP/1.1 503 No\r\n\r\n', trickle)
      }),
    )
    const dialled = await dial({ url: server.url, endpoint: 'lab', env: {} }, 'kwc_token')
    expect(dialled).toMatchObject({ isFinal: false, failure: { details: {} } })
  })

  test('does not wait for a refusal that says nothing more', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { promise: isRefused, resolve } = Promise.withResolvers<void>()
    await using server = await onLoopback(
      createServer().on('upgrade', (_, socket) => {
        socket.on('error', () => undefined).on('end', () => void socket.destroy())
        socket.resume()
        socket.write('HTTP/1.1 503 No\r\ncontent-length: 9\r\n\r\n', () => resolve())
      }),
    )
    const dialling = dial({ url: server.url, endpoint: 'lab', env: {} }, 'kwc_token')
    await isRefused
    while (vi.getTimerCount() === 0) await turn()
    vi.advanceTimersByTime(10_000)
    expect(await dialling).toMatchObject({ isFinal: false })
  })

  test('a redirect is not followed: the token is for one place', async () => {
    await using other = await startFakeKeyway()
    await using keyway = await startFakeKeyway()
    keyway.refuse({ status: 302, body: `{"location":"${other.url}"}` })
    const { connector } = connectTo(keyway, 'http://127.0.0.1:2')
    await keyway.connector()
    connector.close()
    await connector.ended
    expect(other.attempts()).toBe(0)
  })

  test('several connections are kept, each by itself', async () => {
    await using setting = await newSetting({ connections: 3 })
    const [second, third] = [await setting.keyway.connector(), await setting.keyway.connector()]
    second.close(1001)
    await setting.keyway.connector()
    expect(setting.keyway.attempts()).toBe(4)
    const call = third.call({ body: '{}' })
    const { response } = await setting.model.next()
    response.end('ok')
    await call.whole
  })
})

describe('leaving', () => {
  test('Keyway asks to dial in anew: the old connection finishes what runs on it', async () => {
    await using setting = await newSetting()
    const { link } = setting
    const call = link.call({ body: '{}' })
    const { response } = await setting.model.next()
    link.send(frame('goaway', 0, { code: 'moving' }))
    const next = await setting.keyway.connector()
    await expect(link.call().whole).rejects.toThrow('draining')
    response.end('ok')
    expect((await call.whole).toString()).toBe('ok')
    expect((await link.closed).code).toBe(1000)
    const other = next.call()
    const reached = await setting.model.next()
    reached.response.end('new')
    await other.whole
  })

  test('it is told to stop: what runs is finished, and nothing more is taken', async () => {
    await using setting = await newSetting()
    const { link, connector } = setting
    const call = link.call({ body: '{}' })
    const { response } = await setting.model.next()
    connector.drain()
    expect(await link.goaway).toEqual({ code: 'draining' })
    await expect(link.call().whole).rejects.toThrow('draining')
    response.end('ok')
    expect((await call.whole).toString()).toBe('ok')
    expect((await link.closed).code).toBe(1000)
    await connector.ended
    expect([setting.keyway.attempts(), setting.model.count()]).toEqual([1, 1])
  })

  test('it is stopped: calls are reset, and the model hears of it', async () => {
    await using setting = await newSetting()
    const call = setting.link.call({ body: '{}' })
    const { left } = await setting.model.next()
    setting.connector.close()
    await expect(call.whole).rejects.toThrow('internal_error')
    await left
    await setting.connector.ended
  })
})

describe('what breaks the protocol', () => {
  const request = { method: 'POST', path: '/v1/chat/completions', headers: [] }
  const cases: [string, Buffer | string][] = [
    ['a frame cut off in its header', frame('data', 1).subarray(0, 9)],
    ['a frame cut off in its payload', frame('data', 1, Buffer.from('abc')).subarray(0, 12)],
    ['a payload that is too long', frame('data', 1, Buffer.alloc(65_537))],
    ['nothing', Buffer.alloc(0)],
    ['an unknown type', frame(11, 1)],
    ['an unknown flag', frame('data', 1, Buffer.from('a'), 2)],
    ['a frame that only a connector sends', frame('accepted', 1)],
    [
      'a second WELCOME',
      frame('welcome', 0, {
        connection: 'c',
        window: 65_536,
        ping_ms: 20_000,
        alive_ms: 5_000,
        max_concurrent: 1,
      }),
    ],
    ['a stream that was never opened', frame('data', 9, Buffer.from('a'))],
    ['an id twice', frame('request', 1, request, 1)],
    ['no JSON', frame('request', 2, Buffer.from('{'), 1)],
    ['no method', frame('request', 2, { ...request, method: undefined }, 1)],
    ['a path to another host', frame('request', 2, { ...request, path: 'http://x/' }, 1)],
    [
      'a header with a line break',
      frame('request', 2, { ...request, headers: [['a', 'b\nc: d']] }, 1),
    ],
    ['data after the last', frame('data', 1, Buffer.from('a'))],
    ['a window over 1 MiB', frame('window', 1, 0xffff_ffff)],
    ['an unknown text', 'pang'],
  ]

  test.each(cases)('%s: that connection ends with a reason, and no other', async (_, message) => {
    await using setting = await newSetting({ connections: 2 })
    const bystander = await setting.keyway.connector()
    const other = bystander.call({ body: '{}' })
    const spared = await setting.model.next()
    setting.link.call()
    const { left } = await setting.model.next()
    setting.link.send(message)
    const { code, reason } = await setting.link.closed
    expect([code, reason]).toEqual([4400, expect.stringMatching(/^[\x20-\x7e]{3,}$/)])
    await left
    await setting.keyway.connector()
    spared.response.end('ok')
    expect((await other.whole).toString()).toBe('ok')
  })

  test('data beyond the credit', async () => {
    await using setting = await newSetting()
    setting.link.send(frame('request', 1, request))
    // In one message, so that nothing can have been taken and granted anew meanwhile.
    const part = frame('data', 1, Buffer.alloc(65_536))
    setting.link.send(Buffer.concat([part, part, part, part, frame('data', 1, Buffer.alloc(1))]))
    expect((await setting.link.closed).reason).toContain('beyond the window')
  })

  test('whatever comes, the connector lives', async () => {
    await using setting = await newSetting()
    let { link } = setting
    for (let round = 0; round < 60; round += 1) {
      const noise = randomBytes(1 + (round % 40))
      const type = 1 + (round % 12)
      link.send(round % 2 === 0 ? noise : frame(type, round % 3, noise))
      // Some noise is a frame of a stream that is over, which is none of its business.
      link.send('pang')
      expect((await link.closed).code).toBe(4400)
      link = await setting.keyway.connector()
    }
    const call = link.call()
    const { response } = await setting.model.next()
    response.end('ok')
    await call.whole
  })
})
