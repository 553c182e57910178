import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { text as textIn } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { newSetting, startFakeModel } from './connect-setting.ts'

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('a call', () => {
  test('goes to the model and comes back', async () => {
    await using setting = await newSetting({
      credential: { kind: 'key', header: 'api-key', value: 'k' },
    })
    const call = setting.link.call({
      path: '/v1/chat/completions?api-version=1',
      headers: [
        ['content-type', 'application/json'],
        ['authorization', 'Bearer kw_x'],
        ['host', 'x'],
      ],
      body: '{"model":"m"}',
    })
    const { request, response } = await setting.model.next()
    expect([request.method, request.url]).toEqual(['POST', '/v1/chat/completions?api-version=1'])
    expect(request.headers).toEqual({
      'content-type': 'application/json',
      'api-key': 'k',
      host: setting.model.url.slice('http://'.length),
      'accept-encoding': 'identity',
      connection: 'close',
      'transfer-encoding': 'chunked',
    })
    expect(await textIn(request)).toBe('{"model":"m"}')
    response.writeHead(201, { 'content-type': 'application/json', 'set-cookie': 'a=b' })
    response.end('{"ok":true}')
    expect((await call.whole).toString()).toBe('{"ok":true}')
    expect(call.frames()).toEqual(['accepted', 'response', 'data'])
    const { status, headers } = await call.head
    expect(status).toBe(201)
    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'application/json',
      date: expect.any(String) as string,
    })
    expect(setting.link.path).toBe('/v1/tunnels/connect?endpoint=lab')
    expect(setting.link.headers.authorization).toBe('Bearer kwc_token')
    expect(setting.happenings.at(-1)).toMatchObject({
      event: 'request',
      method: 'POST',
      path: '/v1/chat/completions',
      status: 201,
      outcome: 'done',
      receivedBytes: 13,
      sentBytes: 11,
    })
  })

  test('tells the model how long its body is, where that is known', async () => {
    await using setting = await newSetting()
    const headers = [['content-length', '13']] as const
    const call = setting.link.call({ headers, body: '{"model":"m"}' })
    const { request, response } = await setting.model.next()
    expect(request.headers).toMatchObject({ 'content-length': '13' })
    expect(request.headers['transfer-encoding']).toBeUndefined()
    expect(await textIn(request)).toBe('{"model":"m"}')
    response.end('ok')
    await call.whole
  })

  test.each(['12', '14'])(
    'whose body is not %s bytes long as it said is broken off',
    async (said) => {
      await using setting = await newSetting()
      const call = setting.link.call({ headers: [['content-length', said]], body: '{"model":"m"}' })
      await expect(call.whole).rejects.toMatchObject({
        message: expect.stringMatching(/internal_error/),
      })
    },
  )

  test.each(['GET', 'DELETE'])(
    'of %s has its body, too, where it is not said how long that is',
    async (method) => {
      await using setting = await newSetting({ allowed: [{ method, path: '/v1/files' }] })
      const call = setting.link.call({ method, path: '/v1/files', body: '{"ids":[]}' })
      const { request, response } = await setting.model.next()
      expect(request.headers['transfer-encoding']).toBe('chunked')
      expect(await textIn(request)).toBe('{"ids":[]}')
      response.end('ok')
      await call.whole
    },
  )

  test('without a body does not promise one', async () => {
    await using setting = await newSetting()
    const call = setting.link.call({ headers: [['content-length', '5']] })
    const { request, response } = await setting.model.next()
    expect(await textIn(request)).toBe('')
    response.end('ok')
    await call.whole
  })

  test('without a body, with an empty answer', async () => {
    await using setting = await newSetting()
    const call = setting.link.call({ method: 'GET', path: '/v1/models' })
    const { request, response } = await setting.model.next()
    expect(request.headers['transfer-encoding']).toBeUndefined()
    response.writeHead(200, { 'content-length': 0 }).end()
    expect(await call.whole).toHaveLength(0)
  })

  test('each piece of an answer comes as the model says it, with ACCEPTED before and ALIVE in the silence', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    await using setting = await newSetting({ terms: { alive_ms: 1_000 } })
    const call = setting.link.call({ body: '{}' })
    const { response } = await setting.model.next()
    await call.until('accepted')
    vi.advanceTimersByTime(1_000)
    await call.until('alive')
    expect(call.frames().slice(0, 2)).toEqual(['accepted', 'alive'])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const text = 'data: ä€😀\n\n'
    let received = 0
    for (const byte of Buffer.from(text)) {
      response.write(Buffer.of(byte))
      received += 1
      await call.untilBytes(received)
    }
    const before = call.frames().length
    await call.until('alive')
    response.end()
    expect((await call.whole).toString()).toBe(text)
    expect(before).toBeGreaterThan(2)
  })

  test('a redirect is an answer, and is not followed', async () => {
    await using other = await startFakeModel()
    await using setting = await newSetting()
    const call = setting.link.call({ body: '{}' })
    const { response } = await setting.model.next()
    response.writeHead(307, { location: `${other.url}/v1/chat/completions` }).end()
    expect((await call.head).status).toBe(307)
    await call.whole
    expect(other.count()).toBe(0)
  })

  test('64 at once, each with a body and an answer of its own, byte for byte', async () => {
    await using setting = await newSetting()
    const bodies = Array.from({ length: 64 }, (_, at) => randomBytes(50_000 + at * 7_919))
    const calls = bodies.map((body) => setting.link.call({ body }).flow())
    for (const _ of bodies) {
      const { request, response } = await setting.model.next()
      void pipeline(request, response)
    }
    const answers = await Promise.all(calls.map((call) => call.whole))
    expect(answers.map(sha)).toEqual(bodies.map(sha))
    expect(setting.connector.running).toBe(0)
  })

  test('an answer that is whole ends it, though the model did not take the whole request', async () => {
    await using setting = await newSetting()
    const call = setting.link.call({ body: randomBytes(16 * 1024 * 1024) })
    const { request, response, left } = await setting.model.next()
    response.writeHead(413, { 'content-length': 9 }).write('too large')
    expect((await call.whole).toString()).toBe('too large')
    expect(call.uploaded()).toBeLessThan(16 * 1024 * 1024)
    request.resume()
    await left
  })
})

describe('a slow reader', () => {
  test('holds the model back, and nobody else', async () => {
    await using setting = await newSetting({ terms: { window: 20_000 } })
    const bytes = randomBytes(4 * 1024 * 1024)
    const slow = setting.link.call({ body: '{}' })
    const { response } = await setting.model.next()
    void pipeline(Readable.from(chunksOf(bytes)), response)
    await slow.untilBytes(20_000)
    for (let turn = 0; turn < 3; turn += 1) {
      const other = setting.link.call({ method: 'GET', path: '/v1/models' })
      const reached = await setting.model.next()
      reached.response.end('{}')
      await other.whole
    }
    expect(slow.received()).toBe(20_000)
    slow.grant(1)
    await slow.untilBytes(20_001)
    expect(sha(await slow.flow().whole)).toBe(sha(bytes))
  })

  test('of a request holds the caller back', async () => {
    await using setting = await newSetting()
    const body = randomBytes(32 * 1024 * 1024)
    const call = setting.link.call({ body })
    const { request, response } = await setting.model.next()
    for (let turn = 0; turn < 3; turn += 1) {
      const other = setting.link.call({ method: 'GET', path: '/v1/models' })
      const reached = await setting.model.next()
      reached.response.end('{}')
      await other.whole
    }
    // What the operating system holds for a socket is not ours to count, but it is less than this.
    expect(call.uploaded()).toBeLessThan(body.length / 2)
    const hash = createHash('sha256')
    for await (const chunk of request as AsyncIterable<Buffer>) hash.update(chunk)
    response.end('ok')
    await call.whole
    expect(hash.digest('hex')).toBe(sha(body))
  })
})

describe('a call that ends before its time', () => {
  test('the caller leaves: the model is told at once', async () => {
    await using setting = await newSetting()
    const silent = setting.link.call({ body: '{}' })
    const first = await setting.model.next()
    const speaking = setting.link.call({ body: '{}' })
    const second = await setting.model.next()
    second.response.write('data: 1\n\n')
    await speaking.untilBytes(9)
    silent.cancel()
    speaking.cancel()
    await Promise.all([first.left, second.left])
    expect(setting.happenings.slice(-2)).toMatchObject([
      { outcome: 'cancelled' },
      { outcome: 'cancelled', status: 200, sentBytes: 9 },
    ])
  })

  test('the connection breaks: the model is told at once', async () => {
    await using setting = await newSetting()
    setting.link.call({ body: '{}' })
    const { left } = await setting.model.next()
    setting.link.close(1001)
    await left
    expect(setting.happenings).toContainEqual(
      expect.objectContaining({ event: 'request', outcome: 'disconnected' }),
    )
  })

  test('the model is not there', async () => {
    await using setting = await newSetting({ target: 'http://127.0.0.1:2' })
    const call = setting.link.call({ body: '{}' })
    await expect(call.whole).rejects.toThrow('model_unreachable')
    expect(call.frames()).toEqual(['reset'])
  })

  test.each([
    ['before it answers', undefined, ['accepted', 'reset']],
    ['in the middle', {}, ['accepted', 'response', 'data', 'reset']],
    [
      'before the length it named',
      { 'content-length': '99' },
      ['accepted', 'response', 'data', 'reset'],
    ],
  ])('the model breaks off %s', async (_, headers, frames) => {
    await using setting = await newSetting()
    const call = setting.link.call({ body: '{}' })
    const { request, response } = await setting.model.next()
    if (headers) {
      response.writeHead(200, headers as Record<string, string>)
      response.write('half')
      await call.untilBytes(4)
    }
    request.socket.destroy()
    await expect(call.whole).rejects.toThrow('model_failed')
    expect(call.frames()).toEqual(frames)
  })

  test('the model changes to another protocol, which nobody asked for', async () => {
    await using setting = await newSetting()
    const call = setting.link.call({ body: '{}' })
    const { request } = await setting.model.next()
    request.socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    )
    await expect(call.whole).rejects.toThrow('model_failed')
    expect(setting.connector.running).toBe(0)
  })

  test('the model does not speak HTTP', async () => {
    await using setting = await newSetting()
    const call = setting.link.call({ body: '{}' })
    const { request } = await setting.model.next()
    request.socket.end('SSH-2.0-x\r\n')
    await expect(call.whole).rejects.toThrow('model_failed')
  })

  test.each([
    ['POST', '/api/pull'],
    ['GET', '/v1/models/../../api/tags'],
    ['DELETE', '/v1/models'],
  ])('%s %s is refused, and the model hears nothing', async (method, path) => {
    await using setting = await newSetting()
    const call = setting.link.call({ method, path })
    await expect(call.whole).rejects.toThrow('refused')
    expect(setting.model.count()).toBe(0)
  })

  test.each([
    ['Keyway sends', { terms: { max_concurrent: 2 } }],
    ['this connector takes', { maxConcurrent: 2 }],
  ])('more than %s are refused, and room is made when one ends', async (_, options) => {
    await using setting = await newSetting(options)
    const first = setting.link.call()
    setting.link.call()
    await expect(setting.link.call().whole).rejects.toThrow('saturated')
    const { response } = await setting.model.next()
    response.end()
    await first.whole
    const third = setting.link.call()
    await setting.model.next()
    const { response: last } = await setting.model.next()
    last.end('x')
    await third.whole
  })
})

function* chunksOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
}
