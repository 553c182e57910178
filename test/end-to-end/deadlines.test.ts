import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { addLab } from '../support/lab.ts'
import { type Line, linesOf } from '../support/request-lines.ts'
import { claudeEnds, chatEnds, STREAMING_PATHS, responsesEnds } from '../support/streaming-paths.ts'
import { outcomes } from '../support/surface-calls.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'

/** Short, and still long enough for a request to arrive on a machine that is busy. */
const HASTY = { first_byte_ms: 250, idle_ms: 250 }
/** What the others are given: more than a test takes. */
const PATIENT = { first_byte_ms: 60_000, idle_ms: 60_000, total_ms: 60_000 }
const OPENAI = 'openai/gpt-4.1'
const CLAUDE = 'anthropic/claude-sonnet-5-5'

let keyway: Keyway
let model: PrivateModel
let own: Organization
beforeAll(async () => {
  keyway = await startKeyway({ LOG_REQUESTS: 'true' })
  model = await startPrivateModel({ models: ['llama-4'] })
})
// What fails often enough is not asked any more, in an organization: each test has its own.
beforeEach(async () => {
  own = await keyway.organization({ providers: ['openai', 'anthropic'] })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => {
  keyway.standIns.reset({ requests: true })
  model.reset()
})

const messages = [{ role: 'user', content: 'Hello' }]
const chat = { path: '/v1/chat/completions', body: { messages }, ...chatEnds }
const SURFACES = [
  chat,
  { path: '/v1/messages', body: { messages, max_tokens: 99 }, ...claudeEnds },
  { path: '/v1/responses', body: { input: 'Hello' }, ...responsesEnds },
]

const ask = (
  name: string,
  { path, body }: Pick<(typeof SURFACES)[number], 'path' | 'body'>,
  more: object = {},
): Promise<Answer> => call(keyway, own, { path, body: { ...body, ...more, model: name } })

let made = 0

/** A route to these targets, of which all but the last have the deadlines that are given. */
async function routeTo(models: readonly string[], timeouts: object = HASTY): Promise<string> {
  made += 1
  const name = `route-${made}`
  const last = models.length - 1
  const targets = models.map((target, at) => ({
    model: target,
    timeouts: at === last && at > 0 ? PATIENT : timeouts,
  }))
  await keyway.management.post(`/${own.id}/routes`, { name, targets })
  return name
}

const codeOf = ({ json }: Answer): unknown => {
  const { error } = json as { error: { code?: string; type: string } }
  return error.code ?? error.type
}

/** What is recorded of a call: one line. */
async function recordOf({ headers }: Answer): Promise<Line | undefined> {
  const lines = await linesOf(keyway, headers.get('x-keyway-request-id'))
  expect(lines).toHaveLength(1)
  return lines[0]
}

describe.each(SURFACES)('on $path', (surface) => {
  describe.each([false, true])('streamed: %s', (stream) => {
    test.each([
      ['before its headers', { kind: 'stall-before-headers' }],
      ['behind its headers', { kind: 'stall-midway', afterEvents: 0 }],
    ] as const)('a target that stalls %s gives way to the next', async (_, fault) => {
      const name = await routeTo([OPENAI, CLAUDE])
      keyway.standIns.misbehave('openai', fault, { times: 1 })
      const answer = await ask(name, surface, { stream })
      expect([answer.status, outcomes(answer)], answer.text).toEqual([
        200,
        ['upstream_timeout', '200'],
      ])
      expect(answer.headers.get('x-keyway-provider')).toBe('anthropic')
      if (stream) expect(surface.endsWell(answer.text)).toBe(true)
      expect(await lastRequest(keyway.standIns, 'openai').finished).toBe('client-left')
      const record = await recordOf(answer)
      expect(record).not.toHaveProperty(['error.type'])
    })

    test('the last target that stalls is a 504', async () => {
      const name = await routeTo([OPENAI])
      keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
      const answer = await ask(name, surface, { stream })
      expect([answer.status, outcomes(answer)]).toEqual([504, ['upstream_timeout']])
      expect(answer.text).toContain('openai sent nothing for 0.25 s.')
      expect(await recordOf(answer)).toMatchObject({ 'error.type': 'upstream_timeout' })
    })

    test('all the time together is limited, too', async () => {
      const name = await routeTo([OPENAI, CLAUDE], { ...PATIENT, total_ms: 250 })
      keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
      const answer = await ask(name, surface, { stream })
      expect([answer.status, outcomes(answer)]).toEqual([200, ['upstream_timeout', '200']])
      expect(await lastRequest(keyway.standIns, 'openai').finished).toBe('client-left')
    })
  })

  test('a whole answer that stalls in its middle gives way to the next target', async () => {
    const name = await routeTo([OPENAI, CLAUDE])
    keyway.standIns.misbehave('openai', { kind: 'stall-midway', afterEvents: 1 }, { times: 1 })
    const answer = await ask(name, surface)
    expect([answer.status, outcomes(answer)]).toEqual([200, ['upstream_timeout', '200']])
    expect(await lastRequest(keyway.standIns, 'openai').finished).toBe('client-left')
  })

  test('a stream that goes on for too long ends in an error', async () => {
    const name = await routeTo([OPENAI], { ...PATIENT, total_ms: 800 })
    keyway.standIns.misbehave('openai', { kind: 'slow', gapMs: 300 }, { times: 1 })
    const answer = await ask(name, surface, { stream: true })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('openai did not finish its answer within 0.8 s.')
    expect(surface.endsInError(answer.text)).toBe(true)
    expect(await lastRequest(keyway.standIns, 'openai').finished).toBe('client-left')
  })

  test('a stream that pauses for less than it may goes on to its end', async () => {
    const name = await routeTo([OPENAI], { idle_ms: 1000, first_byte_ms: 5000 })
    // Longer in all than one silence may be.
    keyway.standIns.misbehave('openai', { kind: 'slow', gapMs: 200 }, { times: 1 })
    const answer = await ask(name, surface, { stream: true })
    expect(surface.endsWell(answer.text), answer.text).toBe(true)
  })
})

const UNIVERSAL = STREAMING_PATHS.filter(({ path }) => path.startsWith('/v1/'))

test.each(UNIVERSAL)('a stream that stalls ends in an error, and is let go: $name', async (way) => {
  const { provider, path, body } = way
  own = await keyway.organization({ providers: [provider] })
  const name = await routeTo([(body as { model: string }).model], { ...PATIENT, idle_ms: 250 })
  keyway.standIns.misbehave(provider, { kind: 'stall-midway', afterEvents: 4 }, { times: 1 })
  const answer = await call(keyway, own, { path, body: { ...body, model: name } })
  expect(await lastRequest(keyway.standIns, provider).finished).toBe('client-left')
  expect(answer.status, answer.text).toBe(200)
  expect(way.endsInError(answer.text), answer.text).toBe(true)
  expect(answer.text).toContain(`${provider} sent nothing for 0.25 s.`)
  expect(await recordOf(answer)).toMatchObject({
    'http.response.status_code': 200,
    'error.type': 'upstream_timeout',
  })
})

describe('what a target says', () => {
  const route = async (fields: object): Promise<string> => {
    made += 1
    await keyway.management.post(`/${own.id}/routes`, { name: `route-${made}`, ...fields })
    return `route-${made}`
  }

  test('goes before what its route says, for what it says', async () => {
    const name = await route({
      timeouts: { first_byte_ms: 60_000, idle_ms: 30 },
      targets: [{ model: OPENAI, timeouts: { idle_ms: 60_000 } }],
    })
    keyway.standIns.misbehave('openai', { kind: 'slow', gapMs: 60 }, { times: 1 })
    expect(chatEnds.endsWell((await ask(name, chat, { stream: true })).text)).toBe(true)
  })

  test('is what its route says otherwise', async () => {
    const name = await route({ timeouts: HASTY, targets: [{ model: OPENAI }] })
    keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
    expect((await ask(name, chat)).status).toBe(504)
  })

  test('goes before what the endpoint says', async () => {
    await addLab(keyway, own, model, { timeouts: PATIENT })
    const name = await route({ targets: [{ model: 'byom/lab', timeouts: HASTY }] })
    for (const stream of [true, false]) {
      model.misbehave({ kind: 'stall-midway', afterEvents: 0 }, { times: 1 })
      const answer = await ask(name, chat, { stream })
      expect([answer.status, codeOf(answer)]).toEqual([504, 'upstream_timeout'])
      expect(await model.requests.at(-1)?.finished).toBe('client-left')
    }
  })

  test('holds for embeddings', async () => {
    const name = await route({
      timeouts: HASTY,
      targets: [{ model: 'openai/text-embedding-3-small' }],
    })
    for (const fault of [
      { kind: 'stall-before-headers' },
      { kind: 'stall-midway', afterEvents: 1 },
    ] as const) {
      keyway.standIns.misbehave('openai', fault, { times: 1 })
      const answer = await call(keyway, own, {
        path: '/v1/embeddings',
        body: { model: name, input: 'a' },
      })
      expect([answer.status, codeOf(answer)]).toEqual([504, 'upstream_timeout'])
      expect(await lastRequest(keyway.standIns, 'openai').finished).toBe('client-left')
    }
  })
})

describe('on the native surface', () => {
  const native = async (name: string, timeouts: object, stream: boolean): Promise<Answer> => {
    await keyway.management.post(`/${own.id}/endpoints`, {
      name,
      reach: 'url',
      base_url: model.baseUrl,
      api_key: model.apiKey,
      timeouts,
    })
    const path = `/native/byom/${name}/v1/chat/completions`
    return call(keyway, own, { path, body: { model: 'llama-4', messages, stream } })
  }

  test('an endpoint that stalls before its headers is a 504', async () => {
    model.misbehave({ kind: 'stall-before-headers' }, { times: 1 })
    expect((await native('headers', HASTY, true)).status).toBe(504)
    expect(await model.requests.at(-1)?.finished).toBe('client-left')
  })

  test.each([
    ['idle', { ...PATIENT, idle_ms: 60 }],
    ['total', { ...PATIENT, total_ms: 800 }],
  ])('a stream that stalls ends in an error: %s', async (name, timeouts) => {
    model.misbehave({ kind: 'stall-midway', afterEvents: 3 }, { times: 1 })
    const answer = await native(`native-${name}`, timeouts, true)
    expect([answer.status, chatEnds.endsInError(answer.text)], answer.text).toEqual([200, true])
    expect(answer.text).toContain('"code":"upstream_timeout"')
    expect(await model.requests.at(-1)?.finished).toBe('client-left')
    expect(await recordOf(answer)).toMatchObject({ 'error.type': 'upstream_timeout' })
  })
})

describe('a provider that says its last word and stays open', () => {
  test.each([
    ['in the caller’s format', 'openai', OPENAI],
    ['in another format', 'anthropic', CLAUDE],
  ] as const)('is let go of: %s', async (_, provider, name) => {
    keyway.standIns.misbehave(provider, { kind: 'stall-midway', afterEvents: 1000 }, { times: 1 })
    const route = await routeTo([name], PATIENT)
    const answer = await ask(route, chat, { stream: true })
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('data: [DONE]')])
    expect(answer.text).not.toContain('"error"')
    expect(await lastRequest(keyway.standIns, provider).finished).toBe('client-left')
  })
})
