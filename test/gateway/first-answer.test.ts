import { beforeEach, describe, expect, test } from 'vitest'
import { type ErrorCode, GatewayError } from '../../src/core/errors.ts'
import { callFirstHealthy, type Failed } from '../../src/gateway/call-upstream.ts'
import type { Dependencies } from '../../src/gateway/dependencies.ts'
import { firstAnswer } from '../../src/gateway/first-answer.ts'
import type { Candidate } from '../../src/gateway/open-call.ts'
import type { OpenedCall } from '../../src/gateway/opened-call.ts'
import { readRequestOptions } from '../../src/gateway/request-options.ts'
import type { Target } from '../../src/gateway/target.ts'
import { newTrace, type Trace } from '../../src/gateway/trace.ts'
import { findProvider } from '../../src/providers/registry.ts'

const never = (): never => expect.fail()
const openai = findProvider('openai') ?? never()

const target = (keyId: string): Target => ({
  provider: openai,
  keyId,
  site: { credential: { kind: 'key', apiKey: 'sk-canary-0123456789' }, settings: {}, location: '' },
})

let released: string[]
beforeEach(() => {
  released = []
})

/** An answer whose body says when it is let go of. */
function answerOf(keyId: string, status: number): Response {
  const body = new ReadableStream({ cancel: () => void released.push(keyId) })
  return new Response(body, { status })
}

type Outcome = number | 'unreachable' | GatewayError

/** A world in which keys fare as they are said to: a status, no connection, or an answer that comes to nothing. */
function worldOf(fates: Readonly<Record<string, Outcome>>, controller = new AbortController()) {
  const trace = newTrace('req_1')
  const sent: string[] = []
  const deps: Dependencies = {
    fetch: (_, init) => {
      const keyId = new Headers(init?.headers).get('x-test-key') ?? ''
      sent.push(keyId)
      const fate = fates[keyId]
      if (fate === 'unreachable') return Promise.reject(new Error('sk-canary-0123456789'))
      return Promise.resolve(answerOf(keyId, typeof fate === 'number' ? fate : 200))
    },
    nowMs: () => 0,
    random: () => 0,
    sleep: () => Promise.resolve(),
    startTimer: () => () => undefined,
    waitUntil: () => undefined,
    replica: { apiKey: never, organization: never, providerKeys: never, forget: never },
    openCredential: never,
    openEndpoint: never,
    connectorFetch: never,
    secretNamed: never,
    allowLoopbackUpstreams: false,
    tokenStore: () => ({ get: never, put: never, delete: never }),
    baseUrls: {},
    googleTokenUrl: '',
  }
  const call = (keyIds: readonly string[]) => ({
    organizationId: 'org_1',
    targets: keyIds.map(target),
    prepare: ({ keyId }: Target) => ({
      method: 'POST',
      url: 'https://api.example/',
      headers: new Headers({ 'x-test-key': keyId }),
      body: null,
    }),
    answer: ({ target: { keyId } }: { target: Target }) => {
      const fate = fates[keyId]
      trace.meter.tell({ usage: { inputTokens: 1 }, model: keyId })
      if (fate instanceof GatewayError) return Promise.reject(fate)
      if (typeof fate === 'number' && fate >= 400) {
        return Promise.reject(error('invalid_request', { status: fate }))
      }
      return Promise.resolve(new Response(`answer with ${keyId}`))
    },
    signal: controller.signal,
  })
  const serve = async (keyIds: readonly string[]): Promise<Response | Failed> => {
    const result = await callFirstHealthy(call(keyIds), deps, trace)
    return result.kind === 'answer' ? result.forCaller : result.telling
  }
  return { trace, sent, deps, serve, controller }
}

const error = (code: ErrorCode, details = {}): GatewayError =>
  new GatewayError(code, `It is ${code}`, details)

interface Given {
  readonly name: string
  /** Why nothing can be sent to it, or the keys that there are for it. */
  readonly keys: readonly string[] | GatewayError
}

/** How a call ends with these candidates. */
async function endOf(candidates: readonly Given[], world: ReturnType<typeof worldOf>) {
  const { trace, deps, serve, controller } = world
  const keysOf = new Map<OpenedCall, readonly string[]>()
  const open = ({ name, keys }: Given): OpenedCall => {
    if (keys instanceof GatewayError) throw keys
    const named = { provider: openai, model: name }
    trace.provider = 'openai'
    trace.model = name
    trace.warnings.push(`${name}:something`)
    const opened: OpenedCall = {
      named,
      signal: controller.signal,
      call: { text: '', body: {}, model: name, modelInBody: name, wantsStream: false },
      options: readRequestOptions(new Headers()),
      headers: new Headers(),
      organizationId: 'org_1',
      targets: never,
    }
    keysOf.set(opened, keys)
    return opened
  }
  const list: Candidate[] = candidates.map((given) => ({
    name: given.name,
    open: () => open(given),
  }))
  try {
    const answer = await firstAnswer(list, (opened) => serve(keysOf.get(opened) ?? []), deps, trace)
    return { text: await answer.text() }
  } catch (thrown) {
    if (thrown instanceof GatewayError) return { code: thrown.code, message: thrown.message }
    throw thrown
  }
}

const outcomes = ({ attempts }: Trace): string[] =>
  attempts.map(({ keyId, outcome }) => `${keyId}:${outcome}`)

const BOTH: readonly Given[] = [
  { name: 'one', keys: ['a', 'b'] },
  { name: 'two', keys: ['c'] },
]

describe('candidates', () => {
  const FATES: readonly (readonly [Outcome, string])[] = [
    [401, '401'],
    [403, '403'],
    [408, '408'],
    [429, '429'],
    [500, '500'],
    [503, '503'],
    [529, '529'],
    [302, '302'],
    ['unreachable', 'unreachable'],
    [error('upstream_error'), 'upstream_error'],
    [error('upstream_overloaded'), 'upstream_overloaded'],
    [error('upstream_timeout'), 'upstream_timeout'],
    [error('rate_limited'), 'rate_limited'],
    [error('tunnel_disconnected'), 'tunnel_disconnected'],
  ]

  test.each(FATES)('whose every key ends in %s give way, key by key', async (fate, outcome) => {
    for (const failing of [['a'], ['a', 'b']]) {
      const world = worldOf(Object.fromEntries(failing.map((keyId) => [keyId, fate])))
      const answering = failing.length === 1 ? 'b' : 'c'
      expect(await endOf(BOTH, world)).toEqual({ text: `answer with ${answering}` })
      expect(outcomes(world.trace)).toEqual([
        ...failing.map((keyId) => `${keyId}:${outcome}`),
        `${answering}:200`,
      ])
      expect(world.trace.warnings).toEqual([answering === 'b' ? 'one:something' : 'two:something'])
      expect(world.trace.meter.answeredModel).toBe(answering)
      expect(JSON.stringify(world.trace.attempts)).not.toContain('canary')
    }
  })

  test.each(FATES)('that all end in %s are all told of', async (fate) => {
    const world = worldOf({ a: fate, b: fate, c: fate })
    const { message } = await endOf(BOTH, world)
    for (const keyId of ['openai/one with a', 'openai/one with b', 'openai/two with c']) {
      expect(message).toContain(`${keyId} (`)
    }
    expect(message).not.toContain('canary')
    expect(world.trace.meter.usage).toBeUndefined()
  })

  test.each([400, 404, 413, 422])('are not tried after a %i', async (status) => {
    const world = worldOf({ a: 429, b: status })
    expect(await endOf(BOTH, world)).toMatchObject({ code: 'invalid_request' })
    expect(world.sent).toEqual(['a', 'b'])
  })

  test('are not tried after a bug of our own', async () => {
    const world = worldOf({ a: error('internal_error') })
    expect(await endOf(BOTH, world)).toMatchObject({ code: 'internal_error' })
    expect(world.sent).toEqual(['a'])
  })

  test('are not tried for a caller who has left', async () => {
    const controller = new AbortController()
    const world = worldOf({ a: 'unreachable' }, controller)
    controller.abort()
    await endOf(BOTH, world)
    expect(world.sent).toEqual(['a'])
  })

  test('that cannot be asked are passed over, and told of', async () => {
    const refused = [
      { name: 'no-key', keys: error('no_provider_key') },
      { name: 'forbidden', keys: error('model_not_allowed') },
    ]
    const world = worldOf({})
    expect(await endOf([...refused, ...BOTH], world)).toEqual({ text: 'answer with a' })
    expect(world.trace.warnings).toEqual([
      'no-key:no_provider_key',
      'forbidden:model_not_allowed',
      'one:something',
    ])
    const failing = worldOf({ a: 500, b: 500, c: 500 })
    const { code, message } = await endOf([...refused, ...BOTH], failing)
    expect(code).toBe('upstream_error')
    expect(message).toContain('Not tried: no-key (no_provider_key): It is no_provider_key')
  })

  test('that can none of them be asked end in what the caller can mend, else in the first reason', async () => {
    const [noKey, forbidden] = [error('no_provider_key'), error('model_not_allowed')]
    const unsupported = error('unsupported_parameter')
    const given = (...reasons: GatewayError[]) => reasons.map((keys) => ({ name: 'one', keys }))
    expect(await endOf(given(forbidden, noKey), worldOf({}))).toMatchObject({
      code: 'model_not_allowed',
    })
    expect(await endOf(given(noKey, unsupported), worldOf({}))).toMatchObject({
      code: 'unsupported_parameter',
    })
    expect(await endOf(given(noKey), worldOf({}))).toEqual({
      code: 'no_provider_key',
      message: 'It is no_provider_key',
    })
  })

  test('that failed are let go of, whatever comes behind them', async () => {
    for (const last of [200, 400, 500]) {
      released = []
      await endOf(BOTH, worldOf({ a: 500, b: 503, c: last }))
      expect(released).toEqual(expect.arrayContaining(['a', 'b']))
    }
  })

  test('are told of by what tells most: a limit says more than a refused key', async () => {
    const world = worldOf({ a: 429, b: 401, c: 401 })
    expect(await endOf(BOTH, world)).toMatchObject({ code: 'rate_limited' })
    expect([world.trace.model, world.trace.providerKeyId]).toEqual(['one', 'a'])
  })
})
