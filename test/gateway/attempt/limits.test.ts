import { describe, expect, test } from 'vitest'
import { callFirstHealthy } from '../../../src/gateway/attempt/call-upstream.ts'
import { failureError } from '../../../src/gateway/attempt/upstream-failure.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { worldWith } from '../dependencies.ts'

const targetAt = (name: string, keyId: string): Target => ({
  provider: findProvider(name) ?? expect.fail(),
  keyId,
  site: { credential: { kind: 'key', apiKey: 'sk-canary-0123456789' }, settings: {}, location: '' },
})

type Answer = readonly [status: number, body: unknown]

/** How a call ends with keys of a provider that answer so, one after the other. */
async function outcomeOf(name: string, answers: readonly Answer[]) {
  const left = answers.map(([status, body]) => Response.json(body, { status }))
  const deps = worldWith({
    fetch: () => Promise.resolve(left.shift() ?? expect.fail()),
    sleep: () => new Promise(() => undefined),
  })
  const prepare = () => ({
    method: 'POST',
    url: 'https://api.example/',
    headers: {},
    body: null,
  })
  const targets = answers.map((_, index) => targetAt(name, `pk_${index + 1}`))
  const { signal } = new AbortController()
  const trace = newTrace('req_1')
  const call = { organizationId: 'org_1', targets, prepare, signal }
  const result = await callFirstHealthy(call, deps, trace)
  return { trace, result, deps }
}

async function errorOf(name: string, answers: readonly Answer[]) {
  const { result, trace, deps } = await outcomeOf(name, answers)
  if (result.kind !== 'failure') return expect.fail()
  const error = await failureError(result.telling, deps, trace)
  return { error, fault: trace.attempts[0]?.fault }
}

const said = (code: string, message = 'It said so') => ({ error: { code, message } })

describe('what 429 means', () => {
  test.each([
    ['zai', said('1305'), 'upstream_overloaded', 503, true, 'zai is overloaded.'],
    ['zai', said('1302'), 'rate_limited', 429, true, 'zai limits the rate of requests.'],
    ['zai', said('1113'), 'rate_limited', 429, false, 'zai lets the account spend no more.'],
    ['zai', said('1999'), 'rate_limited', 429, true, 'zai limits the rate of requests.'],
    ['zai', ['no error'], 'rate_limited', 429, true, 'zai limits the rate of requests.'],
    ['openai', said('1305'), 'rate_limited', 429, true, 'openai limits the rate of requests.'],
    [
      'anthropic',
      {
        type: 'error',
        error: {
          type: 'rate_limit_error',
          message: 'It said so',
          details: { error_code: 'enforced_spend_limit_reached' },
        },
      },
      'rate_limited',
      429,
      false,
      'anthropic lets the account spend no more.',
    ],
  ])('#40 #41 at %s, %j: %s', async (name, body, code, status, retryable, message) => {
    const { error, fault } = await errorOf(name, [[429, body]])
    expect(error).toMatchObject({ code, status, retryable })
    expect(error.message).toContain(message)
    expect(fault).toEqual({ status: 429, message })
    if (!Array.isArray(body)) expect(error.message).toContain('It said so')
  })

  test('is read off a copy, which the native surface hands on whole', async () => {
    const { result } = await outcomeOf('zai', [[429, said('1305')]])
    expect(await result.response?.json()).toEqual(said('1305'))
  })
})

describe('an account that is spent', () => {
  test.each([429, 402])('gives way to the next key: %i', async (status) => {
    const { result } = await outcomeOf('zai', [
      [status, said('1113')],
      [200, {}],
    ])
    expect(result).toMatchObject({ kind: 'answer', target: { keyId: 'pk_2' } })
  })

  test('tells less than a limit that another key will be rid of', async () => {
    const spent = [429, said('1113')] as const
    const busy = [429, said('1302')] as const
    for (const answers of [
      [spent, busy],
      [busy, spent],
    ]) {
      expect((await errorOf('zai', answers)).error.retryable).toBe(true)
    }
  })

  test('tells more than a key that was refused', async () => {
    const refused = [401, said('1000')] as const
    const spent = [429, said('1113')] as const
    for (const answers of [
      [spent, refused],
      [refused, spent],
    ]) {
      const { error } = await errorOf('zai', answers)
      expect(error).toMatchObject({ code: 'rate_limited', retryable: false })
    }
  })
})
