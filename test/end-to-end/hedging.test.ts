import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { addLab } from '../support/lab.ts'
import { linesOf, requestLines } from '../support/request-lines.ts'
import {
  answeredBy,
  chatSurface,
  outcomes,
  type Surface,
  SURFACES,
} from '../support/surface-calls.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'
import { echo, type Fault, type ProviderName } from '../upstreams/stand-ins.ts'

const OPENAI = 'openai/gpt-4.1'
const CLAUDE = 'anthropic/claude-sonnet-5-5'
const GEMINI = 'google_vertex_ai/gemini-3.8-flash'
/** As short as may be: who stalls here stalls for good. */
const HEDGE_AFTER_MS = 100
const SOON = { timeout: 10_000, interval: 10 }

let keyway: Keyway
let model: PrivateModel
let own: Organization
beforeAll(async () => {
  keyway = await startKeyway({ LOG_REQUESTS: 'true' })
  model = await startPrivateModel({ models: ['llama-4'] })
})
// What a test does to a target's health is no matter of the next.
beforeEach(async () => {
  own = await keyway.organization({ providers: ['openai', 'anthropic', 'google_vertex_ai'] })
  await addLab(keyway, own, model)
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => {
  keyway.standIns.reset({ requests: true })
  model.reset()
})

let made = 0

/** Makes a route that hedges and gives its name. */
async function routeTo(...models: readonly string[]): Promise<string> {
  made += 1
  const name = `hedged-${made}`
  await keyway.management.post(`/${own.id}/routes`, {
    name,
    hedge_after_ms: HEDGE_AFTER_MS,
    targets: models.map((target) => ({ model: target })),
  })
  return name
}

const ask = (
  name: string,
  { path, body }: Surface = chatSurface,
  more: object = {},
): Promise<Answer> => call(keyway, own, { path, body: { ...body(name), ...more } })

const askedProviders = (): readonly string[] =>
  keyway.standIns.requests.map(({ provider }) => provider).filter((name) => name !== 'google_token')

const STALLS: readonly (readonly [string, Fault, boolean])[] = [
  ['says nothing', { kind: 'stall-before-headers' }, false],
  ['says nothing of a stream', { kind: 'stall-before-headers' }, true],
  ['opens a stream and says nothing in it', { kind: 'stall-midway', afterEvents: 0 }, true],
]

describe.each(SURFACES)('on $path', (surface) => {
  describe.each([
    ['openai', OPENAI, CLAUDE],
    ['anthropic', CLAUDE, GEMINI],
    ['google_vertex_ai', GEMINI, OPENAI],
  ] as const)('when %s', (stalling, first, second) => {
    test.each(STALLS)(
      '%s, the next answers and the first is let go of',
      async (_, fault, stream) => {
        const name = await routeTo(first, second)
        keyway.standIns.misbehave(stalling, fault, { times: 1 })
        const answer = await ask(name, surface, { stream })
        expect([answer.status, answeredBy(answer), outcomes(answer)], answer.text).toEqual([
          200,
          second,
          ['cancelled', '200'],
        ])
        const [provider = ''] = second.split('/')
        if (!stream) expect(answer.text).toContain(echo(provider, 'Hello'))
        expect(answer.text).not.toMatch(/"error":\{|event: error/)
        expect(await lastRequest(keyway.standIns, stalling).finished).toBe('client-left')
        expect(await lastRequest(keyway.standIns, provider as ProviderName).finished).toBe(
          'answered',
        )
        const recorded = await linesOf(keyway, answer.headers.get('x-keyway-request-id'))
        expect(recorded).toEqual([
          expect.objectContaining({
            'gen_ai.provider.name': provider,
            'gen_ai.usage.input_tokens': expect.any(Number) as number,
            'gen_ai.usage.output_tokens': expect.any(Number) as number,
            'http.response.status_code': 200,
          }),
        ])
        expect(recorded[0]).not.toHaveProperty(['error.type'])
        if (stream) expect(recorded[0]).toHaveProperty(['keyway.first_byte_ms'])
        expect(JSON.stringify(recorded)).toMatch(/pk_\w+:cancelled","pk_\w+:200"/)
      },
    )
  })

  test.each([false, true])(
    'a private model that stalls is let go of, streamed: %s',
    async (stream) => {
      const name = await routeTo('byom/lab', CLAUDE)
      model.misbehave({ kind: 'stall-before-headers' }, { times: 1 })
      const answer = await ask(name, surface, { stream })
      expect([answer.status, answeredBy(answer), outcomes(answer)], answer.text).toEqual([
        200,
        CLAUDE,
        ['cancelled', '200'],
      ])
      expect(await model.requests.at(-1)?.finished).toBe('client-left')
    },
  )

  test('a target that answers in time is the only one', async () => {
    const name = await routeTo(OPENAI, CLAUDE)
    const well = await ask(name, surface)
    expect([answeredBy(well), outcomes(well), askedProviders()]).toEqual([
      OPENAI,
      ['200'],
      ['openai'],
    ])
  })

  test('a target that fails gives way at once', async () => {
    const name = await routeTo(OPENAI, CLAUDE)
    keyway.standIns.misbehave('openai', { kind: 'overloaded' }, { times: 1 })
    const fallen = await ask(name, surface)
    expect([answeredBy(fallen), outcomes(fallen)]).toEqual([CLAUDE, [expect.any(String), '200']])
  })

  test('where all fail, the error tells what tells most', async () => {
    const name = await routeTo(OPENAI, CLAUDE)
    keyway.standIns.misbehave('openai', { kind: 'rate-limit', retryAfterSeconds: 9 }, { times: 1 })
    keyway.standIns.misbehave('anthropic', { kind: 'refuse' }, { times: 1 })
    const failed = await ask(name, surface)
    expect([failed.status, failed.headers.get('retry-after'), outcomes(failed)]).toEqual([
      429,
      '9',
      ['429', '401'],
    ])
  })

  test('a caller who leaves takes both along', async () => {
    const name = await routeTo(OPENAI, CLAUDE, GEMINI)
    for (const provider of ['openai', 'anthropic'] as const) {
      keyway.standIns.misbehave(provider, { kind: 'stall-before-headers' }, { times: 1 })
    }
    const before = requestLines(keyway).length
    const leaving = request(keyway.url + surface.path, {
      method: 'POST',
      headers: { authorization: `Bearer ${own.apiKey}`, 'content-type': 'application/json' },
    })
    leaving.on('error', () => undefined).end(JSON.stringify(surface.body(name)))
    await vi.waitFor(() => expect(askedProviders()).toEqual(['openai', 'anthropic']), SOON)
    leaving.socket?.resetAndDestroy()
    for (const provider of ['openai', 'anthropic'] as const) {
      expect(await lastRequest(keyway.standIns, provider).finished).not.toBe('answered')
    }
    await vi.waitFor(() => expect(requestLines(keyway).length).toBe(before + 1), SOON)
    expect(requestLines(keyway).at(-1)).toMatchObject({ 'error.type': 'client_left' })
    expect(askedProviders()).toEqual(['openai', 'anthropic'])
  })
})

test('a caller who leaves a hedged stream stops its upstream, and is recorded once', async () => {
  const name = await routeTo(OPENAI, CLAUDE)
  keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
  keyway.standIns.misbehave('anthropic', { kind: 'stall-midway', afterEvents: 4 }, { times: 1 })
  const { promise, resolve } = Promise.withResolvers<string>()
  const leaving = request(keyway.url + chatSurface.path, {
    method: 'POST',
    headers: { authorization: `Bearer ${own.apiKey}`, 'content-type': 'application/json' },
  })
  leaving.on('error', () => undefined)
  leaving.on('response', (response) => {
    response.on('error', () => undefined)
    response.once('data', () => resolve(String(response.headers['x-keyway-request-id'])))
  })
  leaving.end(JSON.stringify({ ...chatSurface.body(name), stream: true }))
  const id = await promise
  leaving.socket?.resetAndDestroy()
  for (const provider of ['openai', 'anthropic'] as const) {
    expect(await lastRequest(keyway.standIns, provider).finished).toBe('client-left')
  }
  expect(await linesOf(keyway, id)).toEqual([
    expect.objectContaining({
      'error.type': 'client_left',
      'gen_ai.usage.input_tokens': expect.any(Number) as number,
    }),
  ])
})

test('what is no conversation is not asked for twice', async () => {
  const name = await routeTo('openai/text-embedding-3-small', 'google_vertex_ai/gemini-embedding-2')
  keyway.standIns.misbehave('openai', { kind: 'stall-before-headers' }, { times: 1 })
  const leaving = request(`${keyway.url}/v1/embeddings`, {
    method: 'POST',
    headers: { authorization: `Bearer ${own.apiKey}`, 'content-type': 'application/json' },
  })
  leaving.on('error', () => undefined).end(JSON.stringify({ model: name, input: 'a' }))
  await vi.waitFor(() => expect(askedProviders()).toEqual(['openai']), SOON)
  // By the time that a hedged call has been answered, the embeddings' time has passed too.
  keyway.standIns.misbehave('anthropic', { kind: 'stall-before-headers' }, { times: 1 })
  const answer = await ask(await routeTo(CLAUDE, OPENAI))
  expect(outcomes(answer)).toEqual(['cancelled', '200'])
  expect(askedProviders()).toEqual(['openai', 'anthropic', 'openai'])
  leaving.socket?.resetAndDestroy()
})
