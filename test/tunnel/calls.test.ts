import { describe, expect, test } from 'vitest'
import { tunnelFetch, tunnelStatus } from '../../src/tunnel/tunnel-fetch.ts'
import { serve, WINDOW } from './honest-connector.ts'
import { connect, frame, joined, uint32 } from './test-connector.ts'
import { aRequest, bytesOf, newEndpoint, pattern, sha256 } from './world.ts'

/** Cut at places that follow no rule, in the middle of characters too. */
function* pieces(bytes: Uint8Array, seed: number): Iterable<Uint8Array> {
  for (
    let at = 0, size = seed;
    at < bytes.length;
    at += size, size = ((size * 7919) % 90_001) + 1
  ) {
    yield bytes.subarray(at, at + size)
  }
}

async function bytesIn(response: Response): Promise<Uint8Array> {
  return new Uint8Array(await response.arrayBuffer())
}

describe('a request', () => {
  test('reaches the connector as it was finished, without what belongs to our own hop', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'x-custom': 'yes',
      cookie: 'no=1',
      host: 'keyway.example',
      'accept-encoding': 'gzip',
      'cf-ray': 'no',
      'x-keyway-api-key': 'kw_no',
      connection: 'keep-alive',
    }
    const request = aRequest({ headers }, '/v1/chat/completions?api-version=1&x=%2F')
    const answering = tunnelFetch(tunnel, request)
    const { json, isLast, stream } = await connector.next('REQUEST')
    expect(json).toEqual({
      method: 'POST',
      path: '/v1/chat/completions?api-version=1&x=%2F',
      headers: [
        ['accept', 'text/event-stream'],
        ['content-length', '17'],
        ['content-type', 'application/json'],
        ['x-custom', 'yes'],
      ],
    })
    expect({ isLast, stream }).toEqual({ isLast: false, stream: 1 })
    connector.send('RESPONSE', stream, { status: 200, headers: [] }, 1)
    expect((await answering).status).toBe(200)
  })

  test('without a body says so at once', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const answering = tunnelFetch(tunnel, new Request('https://model.invalid/v1/models'))
    const { isLast, json } = await connector.next('REQUEST')
    expect(isLast).toBe(true)
    expect(json).toEqual({ method: 'GET', path: '/v1/models', headers: [] })
    connector.send('RESPONSE', 1, { status: 204, headers: [] }, 1)
    const response = await answering
    expect(response.status).toBe(204)
    expect(response.body).toBeNull()
  })

  test('never sends more than the connector has room for, and goes on when it has', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token }, { window: 100_000 })
    const body = pattern(300_001, 1)
    const answering = tunnelFetch(tunnel, aRequest({ body }))
    const got: Uint8Array[] = []
    const hear = async (until: number): Promise<void> => {
      for (let sum = joined(...got).length; sum < until;) {
        const { payload } = await connector.next('DATA')
        got.push(payload)
        sum += payload.length
      }
    }
    await hear(100_000)
    // Another call comes and goes: whatever was going to be sent of the first one was sent by then.
    const other = tunnelFetch(tunnel, new Request('https://model.invalid/v1/models'))
    await connector.next('REQUEST', 2)
    connector.send('RESPONSE', 2, { status: 200, headers: [] }, 1)
    await other
    expect(connector.waiting.filter(({ name }) => name === 'DATA')).toEqual([])
    for (const granted of [1, 50_000, 149_999, 1]) {
      const before = joined(...got).length
      connector.send('WINDOW', 1, uint32(granted))
      await hear(before + granted)
      expect(joined(...got).length).toBe(before + granted)
    }
    connector.send('WINDOW', 1, uint32(1))
    expect((await connector.next('DATA')).isLast).toBe(true)
    expect(await sha256(joined(...got))).toBe(await sha256(body))
    connector.send('RESPONSE', 1, { status: 200, headers: [] }, 1)
    await answering
  })
})

describe('an answer', () => {
  test('has the status, the headers and the bytes of the model', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const answering = tunnelFetch(tunnel, aRequest())
    await connector.next('REQUEST')
    const headers = [
      ['content-type', 'application/json'],
      ['x-twice', 'a'],
      ['x-twice', 'b'],
      ['location', 'https://elsewhere.example/'],
      ['retry-after', '7'],
      ['content-length', '5'],
      ['connection', 'close'],
      ['set-cookie', 'no=1'],
      ['x-keyway-tunnel-failure', 'offline'],
    ]
    connector.send('RESPONSE', 1, { status: 307, headers })
    connector.send('DATA', 1, '{"a":"ä"}', 1)
    const response = await answering
    expect(response.status).toBe(307)
    expect([...response.headers]).toEqual([
      ['content-type', 'application/json'],
      ['location', 'https://elsewhere.example/'],
      ['retry-after', '7'],
      ['x-twice', 'a, b'],
    ])
    expect(await response.text()).toBe('{"a":"ä"}')
  })

  test('streams: each piece is there before the next is sent', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const answering = tunnelFetch(tunnel, aRequest())
    await connector.next('REQUEST')
    connector.send('RESPONSE', 1, { status: 200, headers: [['content-type', 'text/event-stream']] })
    const reader = (await answering).body?.getReader()
    const euro = bytesOf('data: €\n\n')
    for (const part of [euro.slice(0, 7), euro.slice(7, 8), euro.slice(8)]) {
      connector.send('DATA', 1, part)
      expect(await reader?.read()).toEqual({ done: false, value: part })
    }
    connector.send('DATA', 1, '', 1)
    expect(await reader?.read()).toEqual({ done: true, value: undefined })
  })

  test('may come in one message with all its frames, before the request is whole', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const answering = tunnelFetch(tunnel, aRequest({ body: pattern(2_000_000, 3) }))
    await connector.next('REQUEST')
    const head = { status: 413, headers: [] }
    const frames = [
      frame('ACCEPTED', 1),
      frame('ALIVE', 1),
      frame('RESPONSE', 1, head),
      frame('DATA', 1, 'too '),
      frame('DATA', 1, 'large', 1),
    ]
    connector.socket.send(joined(...frames))
    const response = await answering
    expect(response.status).toBe(413)
    expect(await response.text()).toBe('too large')
    expect((await tunnelStatus(tunnel)).connectors[0]?.in_flight).toBe(0)
  })

  test('without a body by its status gives up what is sent nevertheless', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const answering = tunnelFetch(tunnel, aRequest())
    connector.send('RESPONSE', (await connector.next('REQUEST')).stream, {
      status: 304,
      headers: [],
    })
    expect((await answering).status).toBe(304)
    expect((await connector.next('RESET')).json.code).toBe('cancelled')
    connector.send('DATA', 1, 'ignored', 1)
    expect((await tunnelStatus(tunnel)).online_connectors).toBe(1)
  })

  test('that the model compressed stays as it is', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const text = 'again and again '.repeat(100)
    const packed = new Response(text).body?.pipeThrough(new CompressionStream('gzip')) ?? null
    serve(connector, () => ({ headers: [['content-encoding', 'gzip']], pieces: [gzipped] }))
    const gzipped = new Uint8Array(await new Response(packed).arrayBuffer())
    expect(await (await tunnelFetch(tunnel, aRequest())).text()).toBe(text)
  })
})

describe('many calls', () => {
  test('64 at once over one connector all finish, in order and byte for byte, in both directions', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    serve(connector, ({ body }) => ({ pieces: pieces(body.toReversed(), body.length % 977) }))
    const calls = Array.from({ length: 64 }, async (_, index) => {
      const body = pattern(150_000 + index * 4_001, index)
      const response = await tunnelFetch(tunnel, aRequest({ body }))
      return [await sha256(await bytesIn(response)), await sha256(body.toReversed())]
    })
    for (const [got, sent] of await Promise.all(calls)) expect(got).toBe(sent)
    const status = await tunnelStatus(tunnel)
    expect(status.connectors[0]?.in_flight).toBe(0)
    expect(status.last_error).toBeNull()
    expect(Date.parse(status.last_success_at ?? '')).toBeGreaterThan(Date.now() - 60_000)
  })

  test('go to the connector with the fewest in flight, and to none beyond what it takes', async () => {
    const { tunnel, token } = await newEndpoint()
    const wide = await connect({ token }, { max_concurrent: 3 })
    const narrow = await connect({ token }, { max_concurrent: 1 })
    const calls = Array.from({ length: 4 }, () => tunnelFetch(tunnel, aRequest()))
    const requests = await Promise.all([
      narrow.next('REQUEST', 1),
      ...[1, 2, 3].map((stream) => wide.next('REQUEST', stream)),
    ])
    expect(requests).toHaveLength(4)
    await expect(tunnelFetch(tunnel, aRequest())).rejects.toMatchObject({
      code: 'tunnel_saturated',
      status: 429,
      details: { retryAfterSeconds: 1 },
    })
    narrow.send('RESPONSE', 1, { status: 201, headers: [] }, 1)
    for (const stream of [1, 2, 3]) wide.send('RESPONSE', stream, { status: 202, headers: [] }, 1)
    const statuses = (await Promise.all(calls))
      .map(({ status }) => status)
      .toSorted((a, b) => a - b)
    expect(statuses).toEqual([201, 202, 202, 202])
  })
})

test('requests that no connector accepts are kept to a bound, and behind them there is room again', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token }, { window: 1024 * 1024 })
  const body = pattern(1_000_000, 8)
  const codeOf = (error: { readonly code?: string }): string => error.code ?? ''
  const ask = (): Promise<Response | string> =>
    tunnelFetch(tunnel, aRequest({ body })).catch(codeOf)
  const heardAll = async (stream: number): Promise<undefined> => {
    while (!(await connector.next('DATA', stream)).isLast);
  }
  const kept: Promise<Response | string>[] = []
  for (;;) {
    const answering = ask()
    const refusal = await Promise.race([answering, heardAll(kept.length + 1)])
    if (refusal !== undefined) {
      expect(refusal).toBe('tunnel_saturated')
      break
    }
    kept.push(answering)
  }
  // The first that are more than 24 MiB together.
  expect(kept).toHaveLength(26)
  for (let stream = 1; stream <= kept.length; stream++) {
    connector.send('RESET', stream, { code: 'refused' })
  }
  expect(new Set(await Promise.all(kept))).toEqual(new Set(['not_found']))
  const answering = ask()
  const { stream } = await connector.next('REQUEST', kept.length + 1)
  connector.send('RESPONSE', stream, { status: 200, headers: [] }, 1)
  expect(await answering).toMatchObject({ status: 200 })
})

describe('a reader that does not read', () => {
  test('holds its connector back, and nobody else', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const huge = pattern(8_000_000, 5)
    const serving = serve(connector, ({ head }) => ({
      pieces: head.path === '/huge' ? pieces(huge, 31_337) : [bytesOf('small')],
    }))
    const response = await tunnelFetch(tunnel, aRequest({}, '/huge'))
    const reader = response.body?.getReader()
    const first = await reader?.read()
    for (let call = 0; call < 20; call++) {
      expect(await (await tunnelFetch(tunnel, aRequest())).text()).toBe('small')
    }
    const [stream = 0] = [...serving.sent.keys()]
    const heldBack = serving.sent.get(stream) ?? 0
    expect(heldBack).toBeGreaterThan(0)
    expect(heldBack).toBeLessThan(2_000_000)
    // Reading on, all of it comes.
    const parts = [first?.value ?? new Uint8Array(0)]
    for (;;) {
      const next = await reader?.read()
      if (next?.value === undefined) break
      parts.push(next.value)
    }
    expect(await sha256(joined(...parts))).toBe(await sha256(huge))
    expect(serving.sent.get(stream)).toBe(huge.length)
  })

  test('a window that nobody named is 256 KiB', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    void tunnelFetch(tunnel, aRequest({ body: pattern(WINDOW + 1, 9) })).catch(() => undefined)
    for (let sum = 0; sum < WINDOW;) sum += (await connector.next('DATA')).payload.length
    connector.socket.close()
  })
})
