import { describe, expect, test } from 'vitest'
import { retainConnectors, tunnelFetch, tunnelStatus } from '../../src/tunnel/tunnel-fetch.ts'
import { serve } from './honest-connector.ts'
import { connect, dial, TestConnector } from './test-connector.ts'
import { aRequest, askThrough, bytesOf, newEndpoint, pattern } from './world.ts'

const OK = { status: 200, headers: [['content-type', 'text/event-stream']] }

/** What the caller reads, and how it ended. */
async function readAll(response: Response): Promise<{ text: string; end: string }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
    return { text, end: 'clean' }
  } catch (error) {
    return { text, end: String(error) }
  }
}

/** A call whose answer has begun. */
async function begun(
  connector: TestConnector,
  tunnel: Parameters<typeof tunnelFetch>[0],
  init = {},
) {
  const answering = tunnelFetch(tunnel, aRequest(init))
  const { stream } = await connector.next('REQUEST')
  connector.send('RESPONSE', stream, OK)
  connector.send('DATA', stream, 'data: 1\n\n')
  return { response: await answering, stream }
}

describe('nobody is there', () => {
  test('where no connector ever was, at once, with what to do', async () => {
    const { tunnel } = await newEndpoint()
    const startMs = Date.now()
    // The second time there is something to remember: that it failed, and not that anybody was there.
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(tunnelFetch(tunnel, aRequest())).rejects.toMatchObject({
        code: 'tunnel_offline',
        status: 503,
        message: expect.stringContaining('npx keyway connect --endpoint lab'),
        details: { retryAfterSeconds: 5 },
      })
    }
    expect(Date.now() - startMs).toBeLessThan(4000)
    const status = await tunnelStatus(tunnel)
    expect(status).toMatchObject({ online_connectors: 0, last_success_at: null })
    expect(status.last_error).toMatchObject({ code: 'offline' })
  })

  test('but was a moment ago: the call waits for the next one', async () => {
    const { tunnel, token } = await newEndpoint()
    const old = await connect({ token })
    old.socket.close(1000)
    await old.closed
    const answering = tunnelFetch(tunnel, aRequest())
    const next = await connect({ token })
    serve(next, ({ body }) => ({ pieces: [body] }))
    expect(await (await answering).text()).toBe('{"model":"phi-4"}')
  })

  test('but a connector that has not said HELLO: it is given nothing', async () => {
    const { tunnel, token } = await newEndpoint()
    const { webSocket } = await dial({ token })
    if (webSocket === null) throw new Error('refused')
    const mute = new TestConnector(webSocket)
    await expect(tunnelFetch(tunnel, aRequest())).rejects.toMatchObject({ code: 'tunnel_offline' })
    expect(mute.waiting).toEqual([])
  })
})

describe('the caller leaves', () => {
  test('before the answer: the connector hears it', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const departure = new AbortController()
    const answering = tunnelFetch(tunnel, aRequest({ signal: departure.signal }))
    await connector.next('REQUEST')
    connector.send('ACCEPTED', 1)
    departure.abort()
    await expect(answering).rejects.toThrow('abort')
    expect((await connector.next('RESET')).json).toEqual({ code: 'cancelled' })
    const { connectors, last_error } = await tunnelStatus(tunnel)
    expect(connectors[0]?.in_flight).toBe(0)
    expect(last_error).toBeNull()
  })

  test('in the middle of a silent answer, by its signal', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const departure = new AbortController()
    const { stream } = await begun(connector, tunnel, { signal: departure.signal })
    departure.abort()
    expect(await connector.next('RESET')).toMatchObject({ stream, json: { code: 'cancelled' } })
  })

  test('in the middle of an answer, by cancelling its body', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const { response, stream } = await begun(connector, tunnel)
    await response.body?.cancel()
    expect(await connector.next('RESET')).toMatchObject({ stream, json: { code: 'cancelled' } })
    // What was under way is ignored, and the connection lives on.
    connector.send('DATA', stream, 'late')
    connector.send('DATA', stream, '', 1)
    serve(connector, ({ body }) => ({ pieces: [body] }))
    expect((await tunnelFetch(tunnel, aRequest())).status).toBe(200)
  })

  test('in the middle of its own request', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const { readable, writable } = new IdentityTransformStream()
    const departure = new AbortController()
    const request = aRequest({ body: readable, signal: departure.signal })
    const left = expect(tunnelFetch(tunnel, request)).rejects.toThrow('abort')
    await writable.getWriter().write(bytesOf('half'))
    expect((await connector.next('DATA')).payload).toEqual(bytesOf('half'))
    departure.abort()
    expect((await connector.next('RESET')).json.code).toBe('cancelled')
    await left
  })
})

describe('a connector that is lost', () => {
  test('in the middle of an answer: an error behind what arrived, never an end', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const { response } = await begun(connector, tunnel)
    connector.send('DATA', 1, 'data: 2\n\n')
    connector.socket.close(1000)
    const { text, end } = await readAll(response)
    expect(text).toBe('data: 1\n\ndata: 2\n\n')
    expect(end).toContain('tunnel: lost')
    expect((await tunnelStatus(tunnel)).last_error?.code).toBe('lost')
  })

  test('fails all that it had, and leaves the others alone', async () => {
    const { tunnel, token } = await newEndpoint()
    const dying = await connect({ token })
    const first = await begun(dying, tunnel)
    const living = await connect({ token }, { max_concurrent: 1 })
    const calls = [first, await begun(living, tunnel), await begun(dying, tunnel)]
    dying.socket.close(1000)
    living.send('DATA', 1, 'done', 1)
    const ends = await Promise.all(calls.map(({ response }) => readAll(response)))
    expect(ends.map(({ end }) => end === 'clean')).toEqual([false, true, false])
  })

  test('before it accepted: another one gets the call, body and all', async () => {
    const { tunnel, token } = await newEndpoint()
    const dying = await connect({ token })
    const body = pattern(400_000, 4)
    const answering = tunnelFetch(tunnel, aRequest({ body }))
    for (let sum = 0; sum < 200_000;) sum += (await dying.next('DATA')).payload.length
    const next = await connect({ token })
    serve(next, (asked) => ({ pieces: [asked.body] }))
    dying.socket.close(1000)
    const response = await answering
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body)
  })

  test.each([
    ['with a body', {}],
    ['without one', { method: 'GET', body: null }],
  ])('after it accepted a call %s: no other one gets it', async (_, init) => {
    const { tunnel, token } = await newEndpoint()
    const dying = await connect({ token })
    const answering = tunnelFetch(tunnel, aRequest(init))
    const refused = expect(answering).rejects.toMatchObject({
      code: 'tunnel_disconnected',
      status: 502,
      retryable: true,
    })
    await dying.next('REQUEST')
    dying.send('ACCEPTED', 1)
    const other = await connect({ token })
    dying.socket.close(1000)
    await refused
    expect(other.waiting).toEqual([])
  })

  test('because its token was revoked: its answers break off', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const { response } = await begun(connector, tunnel)
    await retainConnectors(tunnel, [])
    expect((await connector.closed).code).toBe(4401)
    expect((await readAll(response)).end).toContain('tunnel: lost')
  })
})

describe('a connector that resets', () => {
  test.each([
    ['model_unreachable', false, 'model_unreachable', 502, 5],
    ['refused', false, 'not_found', 404, undefined],
    ['saturated', false, 'tunnel_saturated', 429, 1],
    ['model_failed', true, 'upstream_error', 502, 1],
    ['model_timeout', true, 'upstream_timeout', 504, undefined],
    ['internal_error', true, 'upstream_error', 502, 1],
    ['a_code_of_tomorrow', false, 'upstream_error', 502, 1],
  ])('%s (accepted: %s) is %s', async (code, isAccepted, error, status, retryAfterSeconds) => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const answering = tunnelFetch(tunnel, aRequest())
    const refused = expect(answering).rejects.toMatchObject({
      code: error,
      status,
      message: expect.not.stringContaining('10.0.0.7'),
      details: retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    })
    await connector.next('REQUEST')
    if (isAccepted) connector.send('ACCEPTED', 1)
    connector.send('RESET', 1, { code, message: 'connect 10.0.0.7' })
    await refused
    const { last_error, connectors } = await tunnelStatus(tunnel)
    expect(last_error).toMatchObject({ code, message: 'connect 10.0.0.7' })
    expect(connectors[0]?.in_flight).toBe(0)
  })

  test('because its model took too long: the caller is told not to ask again', async () => {
    const endpoint = await newEndpoint()
    const connector = await connect({ token: endpoint.token })
    const answering = askThrough(endpoint)
    const { stream } = await connector.next('REQUEST')
    connector.send('ACCEPTED', stream)
    connector.send('RESET', stream, { code: 'model_timeout' })
    const answer = await answering
    expect(answer.status).toBe(504)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('retry-after')).toBeNull()
    expect(await answer.text()).toContain('may still be at work')
  })

  test.each(['model_unreachable', 'saturated', 'draining'])(
    '%s before it accepted: another one gets the call',
    async (code) => {
      const { tunnel, token } = await newEndpoint()
      const first = await connect({ token })
      const answering = tunnelFetch(tunnel, aRequest())
      await first.next('DATA')
      const second = await connect({ token })
      serve(second, ({ body }) => ({ pieces: [body] }))
      first.send('RESET', 1, { code })
      expect(await (await answering).text()).toBe('{"model":"phi-4"}')
    },
  )

  test('while the caller still speaks: another one gets every byte, in order', async () => {
    const { tunnel, token } = await newEndpoint()
    const first = await connect({ token })
    const { readable, writable } = new IdentityTransformStream()
    const writer = writable.getWriter()
    const answering = tunnelFetch(tunnel, aRequest({ body: readable }))
    await writer.write(bytesOf('one '))
    await first.next('DATA')
    const second = await connect({ token })
    first.send('RESET', 1, { code: 'draining' })
    const { payload } = await second.next('DATA')
    serve(second, ({ body }) => ({ pieces: [payload, body] }))
    await writer.write(bytesOf('two '))
    await writer.write(bytesOf('three'))
    await writer.close()
    expect(await (await answering).text()).toBe('one two three')
  })

  test('in the middle of an answer: an error behind what arrived', async () => {
    const { tunnel, token } = await newEndpoint()
    const connector = await connect({ token })
    const { response } = await begun(connector, tunnel)
    connector.send('RESET', 1, { code: 'model_failed' })
    expect(await readAll(response)).toMatchObject({
      text: 'data: 1\n\n',
      end: expect.stringContaining('tunnel: model_failed'),
    })
  })
})

test('a connector that says GOAWAY finishes what it has and gets nothing new', async () => {
  const { tunnel, token } = await newEndpoint()
  const leaving = await connect({ token })
  const { response, stream } = await begun(leaving, tunnel)
  leaving.send('GOAWAY', 0, { code: 'draining' })
  const staying = await connect({ token })
  serve(staying, () => ({ pieces: [bytesOf('from the other')] }))
  for (let call = 0; call < 3; call++) {
    expect(await (await tunnelFetch(tunnel, aRequest())).text()).toBe('from the other')
  }
  expect((await tunnelStatus(tunnel)).connectors.map((one) => one.is_leaving)).toEqual([
    true,
    false,
  ])
  leaving.send('DATA', stream, 'done', 1)
  expect(await readAll(response)).toEqual({ text: 'data: 1\n\ndone', end: 'clean' })
  leaving.socket.close(1000)
  await leaving.closed
  expect((await tunnelStatus(tunnel)).online_connectors).toBe(1)
})

test('a head that does not fit into a frame is refused, and reaches nobody', async () => {
  const { tunnel, token } = await newEndpoint()
  const connector = await connect({ token })
  for (const request of [
    aRequest({ headers: { 'x-large': 'x'.repeat(66_000) } }),
    aRequest({}, `/${'x'.repeat(9_000)}`),
  ]) {
    await expect(tunnelFetch(tunnel, request)).rejects.toMatchObject({ code: 'request_too_large' })
  }
  expect(connector.waiting).toEqual([])
})
