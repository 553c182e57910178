import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import { callFirstHealthy } from '../../../src/gateway/attempt/call-upstream.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import { bindTargets, type Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import type { SealedProviderKey } from '../../../src/storage/replica/records.ts'
import { worldWith } from '../dependencies.ts'
import { keyOf } from '../target/sealed-key.ts'

interface Call {
  readonly keys?: readonly SealedProviderKey[]
  readonly model?: string | undefined
  readonly provider?: string
  readonly surface?: string
  readonly signal?: AbortSignal
  readonly organizationId?: string
  readonly answer?: (target: Target) => Promise<Response>
  /** What is found wrong with the request before anything is sent. */
  readonly fault?: GatewayError
  readonly bringsKey?: boolean
}

/** Keys of a provider behind which each answers as it is told to, and a clock that is moved by hand. */
function world() {
  const answers = new Map<string, () => Response | Promise<Response>>()
  const opened: string[] = []
  let nowMs = 1_000_000
  const deps = worldWith({
    fetch: async (_, init) => {
      const key = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '') ?? ''
      return await (answers.get(key) ?? (() => Response.json({})))()
    },
    nowMs: () => nowMs,
    sleep: () => new Promise(() => undefined),
    openCredential: (_, { id, settings }) => {
      opened.push(id)
      const isCallers = settings['is_callers'] === true
      return Promise.resolve(isCallers ? { kind: 'passthrough' } : { kind: 'key', apiKey: id })
    },
    tokenStore: () => ({
      get: () => Promise.resolve(undefined),
      put: () => Promise.resolve(),
      delete: () => Promise.resolve(),
    }),
  })

  /** The attempts of one call, as `key:outcome`. */
  async function call({
    keys = [keyOf('pk_1'), keyOf('pk_2')],
    model = 'gpt-5.5',
    provider: name = 'openai',
    surface = 'openai-chat',
    signal = new AbortController().signal,
    organizationId = 'org_1',
    answer,
    fault,
    bringsKey = true,
  }: Call = {}) {
    const provider = findProvider(name) ?? expect.fail()
    const trace = newTrace('req_1')
    trace.meter.surface = surface
    const callerKeys = new Map(bringsKey ? [['authorization', 'callers']] : [])
    const choice = { organizationId, provider, keys, callerKeys, location: undefined, model }
    const targets = bindTargets(choice, deps, trace)
    const prepare = () => {
      if (fault !== undefined) throw fault
      return { method: 'POST', url: 'https://api.example/', headers: {}, body: null }
    }
    const made = { organizationId, targets, prepare, signal }
    const ended =
      answer === undefined
        ? callFirstHealthy(made, deps, trace)
        : callFirstHealthy({ ...made, answer: ({ target }) => answer(target) }, deps, trace)
    await ended.catch(() => undefined)
    const attempts = trace.attempts.map(({ keyId, outcome }) => `${keyId}:${outcome}`)
    return { attempts, health: trace.attempts.map(({ health }) => health) }
  }

  return {
    deps,
    call,
    opened,
    attempts: async (options?: Call) => (await call(options)).attempts,
    answers: (
      key: string,
      status: number,
      headers: Record<string, string> = {},
      body: object = {},
    ): void => {
      answers.set(key, () => Response.json(body, { status, headers }))
    },
    does: (key: string, deed: () => Response | Promise<Response>) => void answers.set(key, deed),
    later: (ms: number) => void (nowMs += ms),
  }
}

describe('a key that was limited', () => {
  test('is tried last until its time is over, and then again', async () => {
    const { answers, attempts, later, opened } = world()
    answers('pk_1', 429, { 'retry-after': '30' })
    expect(await attempts()).toEqual(['pk_1:429', 'pk_2:200'])
    answers('pk_1', 200)
    expect(await attempts()).toEqual(['pk_2:200'])
    // Its secret was not opened for nothing.
    expect(opened).toEqual(['pk_1', 'pk_2', 'pk_2'])
    later(29_999)
    expect(await attempts()).toEqual(['pk_2:200'])
    later(1)
    expect(await attempts()).toEqual(['pk_1:200'])
    expect(await attempts()).toEqual(['pk_1:200'])
  })

  test('by a backoff, where it does not say for how long', async () => {
    const { answers, attempts, later } = world()
    answers('pk_1', 429)
    await attempts()
    later(4999)
    expect(await attempts()).toEqual(['pk_2:200'])
    later(1)
    expect(await attempts()).toEqual(['pk_1:429', 'pk_2:200'])
    later(9999)
    expect(await attempts()).toEqual(['pk_2:200'])
    later(1)
    expect(await attempts()).toEqual(['pk_1:429', 'pk_2:200'])
  })

  test('is so for the model that was asked, and for no other, nor for another organization', async () => {
    const { answers, attempts } = world()
    answers('pk_1', 429, { 'retry-after': '30' })
    await attempts()
    expect(await attempts({ model: 'gpt-5.4' })).toEqual(['pk_1:429', 'pk_2:200'])
    expect(await attempts({ organizationId: 'org_2' })).toEqual(['pk_1:429', 'pk_2:200'])
    expect(await attempts({ surface: 'anthropic-count-tokens' })).toEqual(['pk_1:429', 'pk_2:200'])
    expect(await attempts()).toEqual(['pk_2:200'])
  })

  test('is left alone for no longer than ten minutes, whatever it asks for', async () => {
    const { answers, attempts, later } = world()
    answers('pk_1', 429, { 'retry-after': '86400' })
    await attempts()
    later(599_999)
    expect(await attempts()).toEqual(['pk_2:200'])
    later(1)
    expect(await attempts()).toEqual(['pk_1:429', 'pk_2:200'])
  })

  test.each([
    ['529', 529, {}],
    ['503 that says until when', 503, { 'retry-after': '30' }],
  ])('the same with one that is overloaded: %s', async (_, status, headers) => {
    const { answers, attempts } = world()
    answers('pk_1', status, headers)
    await attempts()
    expect(await attempts()).toEqual(['pk_2:200'])
  })

  test('as its provider says it in the body', async () => {
    const { answers, attempts, later } = world()
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34s' }]
    const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Too many', details }
    answers('pk_1', 429, {}, { error })
    await attempts()
    later(33_999)
    expect(await attempts()).toEqual(['pk_2:200'])
    later(1)
    expect(await attempts()).toEqual(['pk_1:429', 'pk_2:200'])
  })
})

describe('a key that was refused', () => {
  test.each([
    ['401', 401, {}],
    ['402', 402, {}],
    ['a spent account', 429, { error: { message: 'No', code: 'insufficient_quota' } }],
  ])('is tried last for every model: %s', async (_, status, body) => {
    const { answers, attempts } = world()
    answers('pk_1', status, {}, body)
    expect(await attempts()).toEqual([`pk_1:${status}`, 'pk_2:200'])
    expect(await attempts({ model: 'gpt-5.4' })).toEqual(['pk_2:200'])
  })

  test('by a 403 for that model only', async () => {
    const { answers, attempts } = world()
    answers('pk_1', 403)
    await attempts()
    expect(await attempts()).toEqual(['pk_2:200'])
    expect(await attempts({ model: 'gpt-5.4' })).toEqual(['pk_1:403', 'pk_2:200'])
  })

  test('is another one when it was replaced', async () => {
    const { answers, attempts } = world()
    answers('pk_1', 401)
    await attempts()
    answers('pk_1', 200)
    const replaced = keyOf('pk_1', { sealed: 'v1.m1.fedcba9876543210' })
    expect(await attempts({ keys: [replaced, keyOf('pk_2')] })).toEqual(['pk_1:200'])
  })

  test('is nothing against the next caller, where callers bring it', async () => {
    const { answers, attempts } = world()
    const keys = [keyOf('pk_1', { settings: { is_callers: true } }), keyOf('pk_2')]
    answers('callers', 401)
    for (let time = 0; time < 2; time += 1) {
      expect(await attempts({ keys })).toEqual(['pk_1:401', 'pk_2:200'])
    }
  })
})

describe('a key that fails', () => {
  const breaks = () => Promise.reject(new Error('reset'))

  test.each([
    ['500', () => Response.json({}, { status: 500 }), '500'],
    ['408', () => Response.json({}, { status: 408 }), '408'],
    ['a redirect', () => new Response(null, { status: 307 }), '307'],
    ['a broken connection', breaks, 'unreachable'],
  ])('is tried last after three times: %s', async (_, deed, outcome) => {
    const { does, attempts } = world()
    does('pk_1', deed)
    for (let time = 0; time < 3; time += 1) {
      expect(await attempts()).toEqual([`pk_1:${outcome}`, 'pk_2:200'])
    }
    expect(await attempts()).toEqual(['pk_2:200'])
  })

  test('in what it streams before its first word, too', async () => {
    const { attempts } = world()
    const early = (code: 'rate_limited' | 'upstream_error', details = {}) => ({
      answer: ({ keyId }: Target) =>
        keyId === 'pk_1'
          ? Promise.reject(new GatewayError(code, 'No', details))
          : Promise.resolve(new Response()),
    })
    expect(await attempts(early('rate_limited'))).toEqual(['pk_1:rate_limited', 'pk_2:200'])
    expect(await attempts()).toEqual(['pk_2:200'])
    expect(await attempts({ model: 'gpt-5.4' })).toEqual(['pk_1:200'])
    // An account that is spent is so for every model.
    const spent = early('rate_limited', { retryable: false })
    const keys = [keyOf('pk_1')]
    expect(await attempts({ ...spent, keys })).toEqual(['pk_1:rate_limited'])
    expect(await attempts({ model: 'gpt-5.4' })).toEqual(['pk_2:200'])
  })

  test.each([400, 404, 413, 422])('is well when it says %i of the request', async (status) => {
    const { does, answers, attempts } = world()
    for (let time = 0; time < 3; time += 1) {
      does('pk_1', breaks)
      await attempts()
      await attempts()
      answers('pk_1', status)
      const answer = () => Promise.reject(new GatewayError('invalid_request', 'No', { status }))
      expect(await attempts({ answer })).toEqual([`pk_1:${status}`])
    }
    answers('pk_1', 200)
    expect(await attempts()).toEqual(['pk_1:200'])
  })

  test('is not known by a caller who leaves', async () => {
    const { does, attempts } = world()
    does('pk_1', breaks)
    for (let time = 0; time < 5; time += 1) {
      expect(await attempts({ signal: AbortSignal.abort() })).toEqual(['pk_1:unreachable'])
    }
    expect(await attempts()).toEqual(['pk_1:unreachable', 'pk_2:200'])
  })
})

describe('a key whose time is over', () => {
  test('is probed by one request at a time, in its own place', async () => {
    const { answers, does, call, attempts, later } = world()
    answers('pk_1', 429, { 'retry-after': '5' })
    await attempts()
    later(5000)
    let letGo: (response: Response) => void = () => expect.fail()
    does('pk_1', () => new Promise((resolve) => (letGo = resolve)))
    const probing = call()
    await new Promise((resolve) => setImmediate(resolve))
    expect(await attempts()).toEqual(['pk_2:200'])
    letGo(Response.json({}))
    expect((await probing).attempts).toEqual(['pk_1:200'])
    answers('pk_1', 200)
    expect(await attempts()).toEqual(['pk_1:200'])
  })

  test('is not lost when the probe’s caller leaves', async () => {
    const { answers, does, attempts, later } = world()
    answers('pk_1', 429, { 'retry-after': '5' })
    await attempts()
    later(5000)
    does('pk_1', () => Promise.reject(new Error('reset')))
    expect(await attempts({ signal: AbortSignal.abort() })).toEqual(['pk_1:unreachable'])
    answers('pk_1', 200)
    expect(await attempts()).toEqual(['pk_1:200'])
  })
})

describe('a probe', () => {
  test('is not taken by a request that is never sent', async () => {
    const { answers, attempts, later } = world()
    answers('pk_1', 429, { 'retry-after': '5' })
    await attempts()
    later(5000)
    answers('pk_1', 200)
    expect(await attempts({ fault: new GatewayError('unsupported_parameter', 'No') })).toEqual([])
    expect(await attempts()).toEqual(['pk_1:200'])
  })

  test('is not taken of a key whose caller brings none', async () => {
    const { answers, attempts, later } = world()
    const keys = [keyOf('pk_1', { settings: { is_callers: true } }), keyOf('pk_2')]
    answers('callers', 500, {})
    for (let time = 0; time < 3; time += 1) await attempts({ keys })
    later(5000)
    answers('callers', 200)
    expect(await attempts({ keys, bringsKey: false })).toEqual(['pk_2:200'])
    expect(await attempts({ keys })).toEqual(['pk_1:200'])
  })

  test('that fails in another way than was feared leaves the rest to the next', async () => {
    const { answers, attempts, later } = world()
    answers('pk_1', 401)
    await attempts()
    later(60_000)
    answers('pk_1', 500)
    expect(await attempts()).toEqual(['pk_1:500', 'pk_2:200'])
    answers('pk_1', 200)
    expect(await attempts()).toEqual(['pk_1:200'])
  })
})

describe('a probe that is under way', () => {
  test('stays the only one when a request leaves that had nothing better', async () => {
    const { answers, does, call, attempts, later } = world()
    answers('pk_1', 429, { 'retry-after': '5' })
    await attempts()
    later(5000)
    let letGo: (response: Response) => void = () => expect.fail()
    does('pk_1', () => new Promise((resolve) => (letGo = resolve)))
    const probing = call()
    await new Promise((resolve) => setImmediate(resolve))
    does('pk_1', () => Promise.reject(new Error('reset')))
    const leaving = { keys: [keyOf('pk_1')], signal: AbortSignal.abort() }
    expect(await attempts(leaving)).toEqual(['pk_1:unreachable'])
    expect(await attempts()).toEqual(['pk_2:200'])
    letGo(Response.json({}))
    expect((await probing).attempts).toEqual(['pk_1:200'])
  })
})

describe('of many keys', () => {
  const many = Array.from({ length: 40 }, (_, index) => keyOf(`pk_${index}`))

  test('no more than 16 are tried for a call, and the next call goes on with the others', async () => {
    const { answers, attempts } = world()
    for (const { id } of many.slice(0, -1)) answers(id, 401)
    const refused = many.map(({ id }) => `${id}:401`)
    expect(await attempts({ keys: many })).toEqual(refused.slice(0, 16))
    expect(await attempts({ keys: many })).toEqual(refused.slice(16, 32))
    expect(await attempts({ keys: many })).toEqual([...refused.slice(32, 39), 'pk_39:200'])
    expect(await attempts({ keys: many })).toEqual(['pk_39:200'])
  })

  test('hundreds that are known to be bad are remembered', async () => {
    const { answers, attempts } = world()
    const keys = Array.from({ length: 320 }, (_, index) => keyOf(`pk_${index}`))
    for (const { id } of keys) answers(id, 401)
    for (let time = 0; time < 20; time += 1) await attempts({ keys })
    expect(await attempts({ keys: [...keys, keyOf('pk_last')] })).toEqual(['pk_last:200'])
  })
})

describe('where nothing is well', () => {
  test('all are tried, the soonest first', async () => {
    const { answers, attempts } = world()
    answers('pk_1', 429, { 'retry-after': '30' })
    answers('pk_2', 429, { 'retry-after': '10' })
    const keys = [keyOf('pk_1'), keyOf('pk_2')]
    expect(await attempts({ keys })).toEqual(['pk_1:429', 'pk_2:429'])
    expect(await attempts({ keys })).toEqual(['pk_2:429', 'pk_1:429'])
    // What works all the same is well again.
    answers('pk_2', 200)
    expect(await attempts({ keys })).toEqual(['pk_2:200'])
    expect(await attempts({ keys })).toEqual(['pk_2:200'])
  })

  test('the only key is tried every time', async () => {
    const { answers, attempts } = world()
    answers('pk_1', 401)
    for (let time = 0; time < 5; time += 1) {
      expect(await attempts({ keys: [keyOf('pk_1')] })).toEqual(['pk_1:401'])
    }
  })
})

describe('what is told of a key', () => {
  test('is why and until when, and once it works again that it does', async () => {
    const { answers, call, later } = world()
    answers('pk_1', 429, { 'retry-after': '30' })
    const since = new Date(1_000_000).toISOString()
    const until = new Date(1_030_000).toISOString()
    const health = { state: 'cooling_down', reason: 'rate_limited', model: 'gpt-5.5', since, until }
    expect((await call()).health).toEqual([{ kind: 'troubled', health }, undefined])
    answers('pk_1', 200)
    later(30_000)
    expect((await call()).health).toEqual([{ kind: 'recovered', model: 'gpt-5.5' }])
    expect((await call()).health).toEqual([undefined])
  })

  test('names no model where it is about all of them', async () => {
    const { answers, call } = world()
    answers('pk_1', 401)
    const { health } = await call()
    expect(health[0]).toMatchObject({
      kind: 'troubled',
      health: { state: 'open', reason: 'refused', model: null },
    })
    answers('pk_1', 200)
    expect((await call({ keys: [keyOf('pk_1')] })).health).toEqual([
      { kind: 'recovered', model: null },
    ])
  })
})

test('models that nobody knows leave nothing behind', async () => {
  const { deps, answers, attempts } = world()
  answers('pk_1', 404)
  for (const model of ['nonsense', 'x'.repeat(10_000)]) {
    expect(await attempts({ model })).toEqual(['pk_1:404'])
  }
  expect(deps.circuits.knows('org_1')).toBe(false)
})
