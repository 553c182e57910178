import { describe, expect, test } from 'vitest'
import { callFirstHealthy } from '../../../src/gateway/attempt/call-upstream.ts'
import { newTrace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { worldWith } from '../dependencies.ts'

const provider = findProvider('openai')
if (provider === undefined) throw new Error('there is no such provider')

const target: Target = {
  provider,
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: 'sk-canary-0123456789' }, settings: {}, location: '' },
}

async function attemptOf(
  answer: () => Promise<Response>,
  signal = new AbortController().signal,
  at = target,
) {
  const trace = newTrace('req_1')
  const prepare = () => ({
    method: 'POST',
    url: 'https://api.example/',
    headers: {},
    body: null,
  })
  const call = { organizationId: 'org_1', targets: [at], prepare, signal }
  await callFirstHealthy(call, worldWith({ fetch: answer }), trace)
  return trace.attempts[0]
}

const faultOf = async (...asked: Parameters<typeof attemptOf>) => (await attemptOf(...asked))?.fault

const answers = (status: number) => () =>
  Promise.resolve(new Response('sk-canary-0123456789', { status }))
const breaks = () => Promise.reject(new Error('sk-canary-0123456789'))

describe('what is remembered against a key', () => {
  test.each([
    [401, 'openai refused the key.'],
    [403, 'openai refused the key.'],
    [429, 'openai limits the rate of requests.'],
    [500, 'openai failed.'],
    [307, 'openai answered with a redirect, which is never followed.'],
  ])('an answer of %i, in our own words', async (status, message) => {
    expect(await faultOf(answers(status))).toEqual({ status, message })
  })

  test('a broken connection', async () => {
    expect(await faultOf(breaks)).toEqual({ status: null, message: 'openai could not be reached.' })
  })

  test.each([200, 400, 404, 422])('nothing for an answer of %i', async (status) => {
    expect(await faultOf(answers(status))).toBeUndefined()
  })

  test('nothing where the caller left', async () => {
    expect(await faultOf(breaks, AbortSignal.abort())).toBeUndefined()
  })
  test.each([200, 401])('what the credential came from, with an answer of %i', async (status) => {
    const record = {
      id: 'pk_1',
      sealed: 'v1.k1.0123456789abcdef',
      api_key_ids: [],
      priority: 0,
      models: [],
      disabled: false,
      settings: {},
      created_at: '2026-11-21T12:00:00.000Z',
    }
    const { signal } = new AbortController()
    expect(await attemptOf(answers(status), signal, { ...target, record })).toMatchObject({
      record,
    })
  })
})
