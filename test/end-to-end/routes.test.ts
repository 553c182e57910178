import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, call } from '../support/call.ts'
import { anthropic, openAi } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import { addLab } from '../support/lab.ts'
import { linesOf } from '../support/request-lines.ts'
import {
  answeredBy,
  chatSurface,
  outcomes,
  type Surface,
  SURFACES,
} from '../support/surface-calls.ts'
import { type PrivateModel, startPrivateModel } from '../upstreams/private-model.ts'
import { echo, type Fault } from '../upstreams/stand-ins.ts'

/** Providers of three formats: OpenAI's own, Anthropic's, Google's. */
const OPENAI = 'openai/gpt-4.1'
const CLAUDE = 'anthropic/claude-sonnet-5-5'
/** One that takes a temperature. */
const OLDER_CLAUDE = 'anthropic/claude-sonnet-4-5'
const GEMINI = 'google_vertex_ai/gemini-3.8-flash'

let keyway: Keyway
let model: PrivateModel
let own: Organization
beforeAll(async () => {
  keyway = await startKeyway({ LOG_REQUESTS: 'true' })
  model = await startPrivateModel({ models: ['llama-4'] })
})
// What failed before is tried last: each test begins with targets that nothing is known against.
beforeEach(async () => {
  own = await unharmed()
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await keyway[Symbol.asyncDispose]()
})
afterEach(() => {
  keyway.standIns.reset({ requests: true })
  model.reset()
})

async function unharmed(): Promise<Organization> {
  const organization = await keyway.organization({
    providers: ['openai', 'anthropic', 'google_vertex_ai'],
  })
  await addLab(keyway, organization, model)
  return organization
}

let made = 0

/** Makes a route and gives its name. */
async function routeTo(
  targets: readonly (string | object)[],
  {
    organization = own,
    ...more
  }: { organization?: Organization; name?: string; strategy?: string } = {},
): Promise<string> {
  made += 1
  const name = more.name ?? `route-${made}`
  await keyway.management.post(`/${organization.id}/routes`, {
    ...more,
    name,
    targets: targets.map((target) => (typeof target === 'string' ? { model: target } : target)),
  })
  return name
}

const messages = [{ role: 'user' as const, content: 'Hello' }]

const ask = (
  name: string,
  { path, body }: Surface = chatSurface,
  more: object = {},
  headers: Record<string, string> = {},
  organization = own,
): Promise<Answer> =>
  call(keyway, organization, { path, body: { ...body(name), ...more }, headers })

const errorOf = ({ status, json }: Answer) => {
  const { error } = json as { error: { code?: string; type: string; message: string } }
  return { status, code: error.code ?? error.type, message: error.message }
}

/** Failures that another target can make good, by what is said of them in `x-keyway-attempts`. */
const FAILURES: readonly (readonly [name: string, fault: Fault, outcome: string])[] = [
  ['refuses the key', { kind: 'refuse', status: 401 }, '401'],
  ['forbids it', { kind: 'refuse', status: 403 }, '403'],
  ['limits the rate', { kind: 'rate-limit', retryAfterSeconds: 9 }, '429'],
  ['fails', { kind: 'server-error', status: 500 }, '500'],
  ['takes too long', { kind: 'server-error', status: 408 }, '408'],
  ['answers with a page', { kind: 'html', status: 502 }, '502'],
  ['redirects', { kind: 'redirect', to: 'http://127.0.0.1:9/' }, '307'],
  ['dies', { kind: 'die-before-headers' }, 'unreachable'],
]

const EARLY: readonly (readonly [name: string, fault: Fault])[] = [
  ['begins with an error', { kind: 'error-event', afterEvents: 0 }],
  ['dies before its first event', { kind: 'die-midway', afterEvents: 0 }],
  ['ends before its first event', { kind: 'end-midway', afterEvents: 0 }],
]

describe.each(SURFACES)('on $path', (surface) => {
  describe.each([false, true])('streamed: %s', (stream) => {
    test.each([
      ['openai', OPENAI, CLAUDE],
      ['anthropic', CLAUDE, GEMINI],
      ['google_vertex_ai', GEMINI, OPENAI],
    ] as const)(
      'when %s fails, the next target answers in its own format',
      async (failing, first, second) => {
        const well = await ask(await routeTo([first, second]), surface, { stream })
        expect([well.status, answeredBy(well), outcomes(well)]).toEqual([200, first, ['200']])
        for (const [, fault, outcome] of FAILURES) {
          own = await unharmed()
          const name = await routeTo([first, second])
          keyway.standIns.misbehave(failing, fault, { times: 1 })
          const answer = await ask(name, surface, { stream })
          expect([answer.status, answeredBy(answer), outcomes(answer)], answer.text).toEqual([
            200,
            second,
            [outcome, '200'],
          ])
          const [provider = ''] = second.split('/')
          if (!stream) expect(answer.text).toContain(echo(provider, 'Hello'))
        }
      },
    )

    test.each(FAILURES)(
      'whichever target %s, the one behind it answers',
      async (_, fault, outcome) => {
        const name = await routeTo([OPENAI, CLAUDE, GEMINI])
        keyway.standIns.misbehave('openai', fault, { times: 1 })
        keyway.standIns.misbehave('anthropic', fault, { times: 1 })
        const answer = await ask(name, surface, { stream })
        expect([answer.status, answeredBy(answer), outcomes(answer)], answer.text).toEqual([
          200,
          GEMINI,
          [outcome, outcome, '200'],
        ])
      },
    )

    test('what is the matter with the request is told at once', async () => {
      const name = await routeTo([OPENAI, CLAUDE])
      keyway.standIns.misbehave('openai', { kind: 'bad-request' }, { times: 1 })
      const answer = await ask(name, surface, { stream })
      expect([answer.status, outcomes(answer)]).toEqual([400, ['400']])
      expect(keyway.standIns.requests).toHaveLength(1)
    })

    test('where all fail, the error names each target and why, and no secret', async () => {
      const name = await routeTo([OPENAI, 'xai/grok-4.7', CLAUDE, 'byom/gone'])
      keyway.standIns.misbehave('openai', { kind: 'refuse' })
      keyway.standIns.misbehave('anthropic', { kind: 'rate-limit', retryAfterSeconds: 9 })
      const answer = await ask(name, surface, { stream })
      const { status, message } = errorOf(answer)
      expect([status, answer.headers.get('retry-after')]).toEqual([429, '9'])
      expect(message).toMatch(
        /openai\/gpt-4\.1 with pk_\w+ \(401\), anthropic\/\S+ with pk_\w+ \(429\)/,
      )
      expect(message).toContain('xai/grok-4.7 (no_provider_key)')
      expect(message).toContain('byom/gone (unknown_endpoint)')
      expect(answeredBy(answer)).toBe(CLAUDE)
      expect(answer.text).not.toMatch(/sk-|PRIVATE/)
    })
  })

  describe.each([
    ['openai', OPENAI, CLAUDE],
    ['anthropic', CLAUDE, OPENAI],
    ['google_vertex_ai', GEMINI, CLAUDE],
  ] as const)('a stream of %s', (failing, first, second) => {
    test.each(EARLY)('that %s gives way to the next target', async (_, fault) => {
      const name = await routeTo([first, second])
      keyway.standIns.misbehave(failing, fault, { times: 1 })
      const answer = await ask(name, surface, { stream: true })
      expect([answer.status, answeredBy(answer)], answer.text).toEqual([200, second])
      expect(outcomes(answer)).toEqual([expect.stringMatching(/^(?:upstream_|rate_)/), '200'])
      expect(answer.text).not.toMatch(/"error":\{|event: error/)
    })

    test('gives way to the next key of the same target, too', async () => {
      const organization = await keyway.organization({ providers: [failing, failing] })
      keyway.standIns.misbehave(failing, { kind: 'die-midway', afterEvents: 0 }, { times: 1 })
      const answer = await ask(first, surface, { stream: true }, {}, organization)
      expect([answer.status, outcomes(answer)]).toEqual([200, ['upstream_error', '200']])
    })

    test('that fails after its first words is not tried again', async () => {
      const name = await routeTo([first, second])
      keyway.standIns.misbehave(failing, { kind: 'die-midway', afterEvents: 4 }, { times: 1 })
      const answer = await ask(name, surface, { stream: true })
      expect([answer.status, answeredBy(answer)]).toEqual([200, first])
      expect(answer.text).toContain('error')
      expect(
        keyway.standIns.requests.filter(({ provider }) => provider !== 'google_token'),
      ).toHaveLength(1)
    })
  })

  test('a whole answer that is cut off gives way, too', async () => {
    const name = await routeTo([OPENAI, CLAUDE])
    keyway.standIns.misbehave('openai', { kind: 'die-midway', afterEvents: 1 }, { times: 1 })
    const answer = await ask(name, surface)
    expect([answer.status, answeredBy(answer), outcomes(answer)]).toEqual([
      200,
      CLAUDE,
      ['upstream_error', '200'],
    ])
  })
})

describe('a target that cannot be asked gives way', () => {
  test('without a key, unknown, or forbidden to the API key, and is told of in the warnings', async () => {
    const organization = await keyway.organization({
      providers: ['openai', 'anthropic'],
      apiKey: { models: ['openai/gpt-4*', 'xai/*'] },
    })
    const targets = ['xai/grok-4.7', 'byom/lab', CLAUDE, 'openai/gpt-5.5', OPENAI]
    const name = await routeTo(targets, { organization })
    const answer = await ask(name, chatSurface, {}, {}, organization)
    expect([answer.status, answeredBy(answer), outcomes(answer)]).toEqual([200, OPENAI, ['200']])
    expect(answer.headers.get('x-keyway-warnings')).toBe(
      [
        'xai/grok-4.7:no_provider_key',
        'byom/lab:unknown_endpoint',
        `${CLAUDE}:model_not_allowed`,
        'openai/gpt-5.5:model_not_allowed',
      ].join(', '),
    )
    const none = await routeTo(['xai/grok-4.7', CLAUDE], { organization })
    const error = errorOf(await ask(none, chatSurface, {}, {}, organization))
    expect(error).toMatchObject({ status: 400, code: 'no_provider_key' })
    expect(error.message).toContain(`${CLAUDE} (model_not_allowed)`)
  })

  test('by its provider, where the API key is held to some', async () => {
    const organization = await keyway.organization({
      providers: ['openai', 'anthropic'],
      apiKey: { providers: ['anthropic'] },
    })
    const name = await routeTo([OPENAI, CLAUDE], { organization })
    expect(answeredBy(await ask(name, chatSurface, {}, {}, organization))).toBe(CLAUDE)
  })

  test('an override of the model is held to what the API key may use', async () => {
    const organization = await keyway.organization({
      providers: ['openai'],
      apiKey: { models: ['gpt-4.1'] },
    })
    const targets = [{ model: OPENAI, overrides: { model: 'gpt-5.5' } }]
    const name = await routeTo(targets, { organization })
    const answer = await ask(name, chatSurface, {}, {}, organization)
    expect(errorOf(answer)).toMatchObject({ status: 403, code: 'model_not_allowed' })
    expect(keyway.standIns.requests).toEqual([])
  })

  test('where it cannot take a parameter', async () => {
    const name = await routeTo([CLAUDE, OPENAI])
    const strict = { 'x-keyway-compat': 'strict' }
    const answer = await ask(name, chatSurface, { seed: 7 }, strict)
    expect([answer.status, answeredBy(answer)], answer.text).toEqual([200, OPENAI])
    expect(answer.headers.get('x-keyway-warnings')).toBe(`${CLAUDE}:unsupported_parameter`)
    const only = await ask(
      await routeTo([CLAUDE, GEMINI]),
      chatSurface,
      { n: 3, logit_bias: { 1: 1 } },
      strict,
    )
    expect(errorOf(only)).toMatchObject({ status: 400, code: 'unsupported_parameter' })
  })

  test('and what it would have dropped is not told', async () => {
    const name = await routeTo([CLAUDE, OPENAI])
    keyway.standIns.misbehave('anthropic', { kind: 'overloaded' }, { times: 1 })
    const answer = await ask(name, chatSurface, { seed: 7 })
    expect([answer.status, answeredBy(answer)]).toEqual([200, OPENAI])
    expect(answer.headers.get('x-keyway-warnings')).toBeNull()
  })

  test('where the pinned key is another’s', async () => {
    const organization = await keyway.organization({ providers: ['openai'] })
    const pinned = await organization.addProviderKey('anthropic')
    const name = await routeTo([OPENAI, CLAUDE], { organization })
    const headers = { 'x-keyway-provider-key': pinned.id }
    const answer = await ask(name, chatSurface, {}, headers, organization)
    expect([answeredBy(answer), answer.headers.get('x-keyway-provider-key')]).toEqual([
      CLAUDE,
      pinned.id,
    ])
  })
})

describe('overrides', () => {
  test.each(SURFACES)(
    'of a target replace the caller’s fields, and null takes one out: $path',
    async (surface) => {
      const overrides = { temperature: 0.25, top_p: null }
      for (const [target, provider] of [
        [OPENAI, 'openai'],
        [OLDER_CLAUDE, 'anthropic'],
      ] as const) {
        const name = await routeTo([{ model: target, overrides }])
        const answer = await ask(name, surface, { temperature: 0.9, top_p: 0.5 })
        expect(answer.status, answer.text).toBe(200)
        const { json } = lastRequest(keyway.standIns, provider)
        expect(json).toMatchObject({ temperature: 0.25, model: target.split('/')[1] })
        expect(json).not.toHaveProperty('top_p')
      }
    },
  )

  test('of one target do not touch the next', async () => {
    const name = await routeTo([{ model: OPENAI, overrides: { temperature: 0.25 } }, OLDER_CLAUDE])
    keyway.standIns.misbehave('openai', { kind: 'overloaded' }, { times: 1 })
    await ask(name, chatSurface, { temperature: 0.9 })
    expect(lastRequest(keyway.standIns, 'anthropic').json).toMatchObject({ temperature: 0.9 })
  })

  test('name the model that a private endpoint serves', async () => {
    const name = await routeTo([OPENAI, { model: 'byom/lab', overrides: { model: 'llama-4' } }])
    keyway.standIns.misbehave('openai', { kind: 'die-before-headers' })
    for (const surface of SURFACES) {
      const answer = await ask(name, surface)
      expect([answer.status, answeredBy(answer)], answer.text).toEqual([200, 'byom/lab/llama-4'])
      expect(answer.text).toContain(echo('private', 'Hello'))
      expect(model.requests.at(-1)?.json).toMatchObject({ model: 'llama-4' })
    }
    model.misbehave({ kind: 'server-error', status: 500 }, { times: 1 })
    const failed = await ask(await routeTo(['byom/lab', CLAUDE]))
    expect([answeredBy(failed), outcomes(failed)]).toEqual([CLAUDE, ['500', '200']])
  })
})

describe('a route’s name', () => {
  test('goes before the bare name of a model, and never before a provider’s', async () => {
    await routeTo([CLAUDE], { name: 'gpt-4.1' })
    expect(answeredBy(await ask('gpt-4.1'))).toBe(CLAUDE)
    expect(answeredBy(await ask('openai/gpt-4.1'))).toBe(OPENAI)
  })

  test('means nothing to another organization, and routes do not lead to routes', async () => {
    const other = await keyway.organization({ providers: ['openai'] })
    const name = await routeTo([OPENAI])
    expect(errorOf(await ask(name, chatSurface, {}, {}, other))).toMatchObject({
      status: 404,
      code: 'unknown_model',
    })
    await expect(routeTo([name])).rejects.toThrow('targets[0].model')
  })

  test('works with the official SDKs, and as a deployment', async () => {
    const name = await routeTo([GEMINI, CLAUDE])
    const chat = await openAi(`${keyway.url}/v1`, own.apiKey).chat.completions.create({
      model: name,
      messages,
    })
    expect(chat.choices[0]?.message.content).toBe(echo('google_vertex_ai', 'Hello'))
    const message = await anthropic(keyway.url, own.apiKey).messages.create({
      model: name,
      max_tokens: 99,
      messages,
    })
    expect(message.content[0]).toMatchObject({ text: echo('google_vertex_ai', 'Hello') })
    const path = `/openai/deployments/${name}/chat/completions?api-version=2025-04-01-preview`
    const answer = await call(keyway, own, { path, body: { messages } })
    expect([answer.status, answeredBy(answer)]).toEqual([200, GEMINI])
  })

  test('is listed to those who can use one of its targets', async () => {
    const organization = await keyway.organization({
      providers: ['openai'],
      apiKey: { models: ['gpt-4*'] },
    })
    const name = await routeTo(['xai/grok-4.7', OPENAI], { organization })
    await routeTo(['xai/grok-4.7', 'openai/gpt-5.5'], { organization, name: 'of-no-use' })
    const client = openAi(`${keyway.url}/v1`, organization.apiKey)
    const owners = new Map<string, string>()
    for await (const { id, owned_by: owner } of client.models.list()) owners.set(id, owner)
    expect(owners.get(name)).toBe('keyway')
    expect(owners.has('of-no-use')).toBe(false)
    expect(await client.models.retrieve(name)).toMatchObject({ id: name, owned_by: 'keyway' })
    await expect(client.models.retrieve('of-no-use')).rejects.toMatchObject({ status: 404 })
  })
})

test('weights share the calls out', async () => {
  const weighted = { strategy: 'weighted' }
  const name = await routeTo(
    [
      { model: OPENAI, weight: 0 },
      { model: CLAUDE, weight: 5 },
    ],
    weighted,
  )
  for (let count = 0; count < 10; count++) expect(answeredBy(await ask(name))).toBe(CLAUDE)
  keyway.standIns.misbehave('anthropic', { kind: 'overloaded' }, { times: 1 })
  expect(answeredBy(await ask(name))).toBe(OPENAI)
})

describe('what is no conversation goes to the first target that can be asked', () => {
  test('embeddings', async () => {
    const path = '/v1/embeddings'
    const name = await routeTo(['xai/grok-4.7', 'openai/text-embedding-3-small', 'byom/lab'])
    const body = { model: name, input: ['a', 'b'] }
    const answer = await call(keyway, own, { path, body })
    expect([answer.status, answeredBy(answer)]).toEqual([200, 'openai/text-embedding-3-small'])
    keyway.standIns.misbehave('openai', { kind: 'server-error' }, { times: 1 })
    const failed = await call(keyway, own, { path, body })
    expect([failed.status, outcomes(failed)]).toEqual([502, ['500']])
  })

  test('a count of tokens', async () => {
    const name = await routeTo(['xai/grok-4.7', CLAUDE])
    const answer = await call(keyway, own, {
      path: '/v1/messages/count_tokens',
      body: { model: name, messages },
    })
    expect([answer.status, answeredBy(answer)]).toEqual([200, CLAUDE])
    expect(answer.json).toEqual({ input_tokens: expect.any(Number) })
  })
})

test.each(SURFACES)(
  'a call that fell back is recorded once, with the tokens of its answer: $path',
  async (surface) => {
    const name = await routeTo([OPENAI, CLAUDE])
    for (const stream of [true, false]) {
      const fault = { kind: 'die-midway', afterEvents: stream ? 0 : 1 } as const
      keyway.standIns.misbehave('openai', fault, { times: 1 })
      const answer = await ask(name, surface, { stream })
      const records = await linesOf(keyway, answer.headers.get('x-keyway-request-id'))
      expect(records).toEqual([
        expect.objectContaining({
          'gen_ai.provider.name': 'anthropic',
          'gen_ai.response.model': 'claude-sonnet-5-5',
          'gen_ai.request.model': 'claude-sonnet-5-5',
          'gen_ai.usage.input_tokens': expect.any(Number) as number,
          'gen_ai.usage.output_tokens': expect.any(Number) as number,
          'http.response.status_code': 200,
        }),
      ])
      expect(records[0]).not.toHaveProperty(['error.type'])
      expect(JSON.stringify(records)).toMatch(/:upstream_error","pk_\w+:200"/)
    }
  },
)

test('a body of several megabytes goes to one target after the other, whole', async () => {
  const content = 'a long story. '.repeat(300_000)
  const name = await routeTo([
    { model: OPENAI, overrides: { temperature: 0.5 } },
    'byom/lab',
    CLAUDE,
  ])
  keyway.standIns.misbehave('openai', { kind: 'rate-limit' }, { times: 1 })
  model.misbehave({ kind: 'server-error', status: 503 }, { times: 1 })
  const answer = await ask(name, chatSurface, { messages: [{ role: 'user', content }] })
  expect([answer.status, answeredBy(answer), outcomes(answer)]).toEqual([
    200,
    CLAUDE,
    ['429', '503', '200'],
  ])
  const { json } = lastRequest(keyway.standIns, 'anthropic')
  expect(JSON.stringify(json)).toContain(content)
})
