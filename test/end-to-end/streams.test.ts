import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { type RawStream, rawRequest } from '../support/raw-client.ts'
import { STREAMING_PATHS, type StreamingPath } from '../support/streaming-paths.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())

const stream = ({ path, body }: StreamingPath): Promise<RawStream> =>
  rawRequest(keyway.url, path, {
    headers: {
      'x-keyway-api-key': organization.apiKey,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  })

/** Not a good end: an error in the stream or, where nothing of the answer had gone out yet, a status of its own. */
async function expectFailure(way: StreamingPath, { status, body }: RawStream): Promise<void> {
  const text = await body
  if (status === 200) expect(way.endsInError(text), text).toBe(true)
  else expect([status, JSON.parse(text)]).toEqual([502, shapeOf(way)])
}

const shapeOf = ({ path }: StreamingPath): unknown =>
  path === '/v1/messages'
    ? { type: 'error', error: { type: 'api_error', message: IN_WORDS }, request_id: IN_WORDS }
    : { error: { type: 'server_error', code: 'upstream_error', message: IN_WORDS, param: null } }
const IN_WORDS = expect.stringMatching(/./) as string

describe.each(STREAMING_PATHS)('$name', (way) => {
  test('comes whole and ends well', async () => {
    const { status, body } = await stream(way)
    expect(status).toBe(200)
    expect(way.endsWell(await body)).toBe(true)
  })

  test.each([1, 2, 4])('ends in an error when the upstream dies after %i events', async (count) => {
    const fault = { kind: 'die-midway', afterEvents: count } as const
    keyway.standIns.misbehave(way.provider, fault, { times: 1 })
    await expectFailure(way, await stream(way))
  })

  // Within a binary frame nothing can be said that the frame's reader would take for a frame: see docs/decisions.
  test.runIf(way.name !== 'native Converse').each([1, 5, 12, 30])(
    'ends in an error when the upstream dies %i bytes into an event',
    async (extraBytes) => {
      const fault = { kind: 'die-midway', afterEvents: 2, extraBytes } as const
      keyway.standIns.misbehave(way.provider, fault, { times: 1 })
      await expectFailure(way, await stream(way))
    },
  )

  test('#12 a caller that leaves stops the upstream long before its end', async () => {
    keyway.standIns.script({ deltas: 400, gapMs: 20 })
    const answer = await stream(way)
    await answer.firstBytes
    const received = lastRequest(keyway.standIns, way.provider)
    answer.leave()
    const leftMs = performance.now()
    expect(await received.finished).toBe('client-left')
    // On an idle machine it is a few milliseconds; the stream itself would go on for eight seconds.
    expect(performance.now() - leftMs).toBeLessThan(4000)
    keyway.standIns.reset()
  })

  test('#12 a caller that leaves stops an upstream that is silent', async () => {
    keyway.standIns.misbehave(way.provider, { kind: 'stall-midway', afterEvents: 2 }, { times: 1 })
    const answer = await stream(way)
    await answer.firstBytes
    answer.leave()
    expect(await lastRequest(keyway.standIns, way.provider).finished).not.toBe('answered')
    // A departure that only the next sign of life finds out comes later than that.
  }, 10_000)
})

const UNIVERSAL = STREAMING_PATHS.filter(({ path }) => path.startsWith('/v1/'))

describe.each(UNIVERSAL)('$name', (way) => {
  test('#12 ends in an error when the upstream ends early without a word', async () => {
    keyway.standIns.misbehave(way.provider, { kind: 'end-midway', afterEvents: 3 }, { times: 1 })
    await expectFailure(way, await stream(way))
  })

  test('is a 502 when the upstream ends before its first event', async () => {
    keyway.standIns.misbehave(way.provider, { kind: 'end-midway', afterEvents: 0 }, { times: 1 })
    const { status, headers, body } = await stream(way)
    expect(status).toBe(502)
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect(JSON.parse(await body)).toEqual(shapeOf(way))
  })

  test('#6 is a status when the upstream is overloaded before its first event', async () => {
    const fault = { kind: 'error-event', afterEvents: 0, as: 'overloaded' } as const
    keyway.standIns.misbehave(way.provider, fault, { times: 1 })
    const { status, headers, body } = await stream(way)
    const text = await body
    const overloaded = way.path === '/v1/messages' ? 529 : 503
    // Where the upstream has no word of its own for it, it is an error like any other.
    const isTold = way.provider !== 'deepseek'
    expect(status, text).toBe(isTold ? overloaded : 502)
    expect(headers['x-keyway-error-code']).toBe(isTold ? 'upstream_overloaded' : 'upstream_error')
    expect(headers['content-type']).toMatch(/^application\/json/)
    if (isTold && way.path === '/v1/messages') {
      expect(JSON.parse(text)).toMatchObject({ error: { type: 'overloaded_error' } })
    }
  })

  test.each(['overloaded', 'server-error', 'rate-limit'] as const)(
    '#6 says %s in the stream when it comes later, and nothing behind it',
    async (as) => {
      const fault = { kind: 'error-event', afterEvents: 4, as } as const
      keyway.standIns.misbehave(way.provider, fault, { times: 1 })
      const { status, body } = await stream(way)
      const text = await body
      expect(status).toBe(200)
      expect(way.endsInError(text), text).toBe(true)
      expect(text).not.toContain('before its answer was complete')
    },
  )
})

test.each(STREAMING_PATHS.filter(({ name }) => name !== 'native Converse'))(
  '$name passes an error event of the upstream on, once, and nothing behind it',
  async (way) => {
    keyway.standIns.misbehave(way.provider, { kind: 'error-event', afterEvents: 3 }, { times: 1 })
    const text = await (await stream(way)).body
    expect(text).toContain('error')
    expect(way.endsWell(text)).toBe(false)
    expect(text).not.toContain('before its answer was complete')
  },
)

test('an answer that is not a stream and is cut off is an error, or natively breaks the connection', async () => {
  keyway.standIns.misbehave('openai', { kind: 'die-midway', afterEvents: 1 }, { times: 2 })
  const send = (path: string): Promise<RawStream> =>
    rawRequest(keyway.url, path, {
      headers: { 'x-api-key': organization.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4.1', messages: [{ role: 'user', content: 'Hello' }] }),
    })
  // It is read for its tokens before anything of it is sent.
  expect((await send('/v1/chat/completions')).status).toBe(502)
  await expect((await send('/native/openai/v1/chat/completions')).body).rejects.toThrow()
})
