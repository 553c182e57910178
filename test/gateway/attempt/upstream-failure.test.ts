import { describe, expect, test } from 'vitest'
import { declinedError, failureError } from '../../../src/gateway/attempt/upstream-failure.ts'
import { retryAfterMsOf } from '../../../src/gateway/failure/retry-after.ts'
import { inStreamError } from '../../../src/gateway/failure/stream-errors.ts'
import {
  type AttemptRecord,
  type FailureReason,
  newTrace,
} from '../../../src/gateway/record/trace.ts'
import { openai } from '../../../src/providers/openai.ts'

const target = {
  provider: openai,
  keyId: 'pk_1',
  site: {
    credential: { kind: 'key', apiKey: 'the-very-key-of-no-known-shape' },
    settings: {},
    location: '',
  },
} as const

/** The error for attempts that ended so, the last one with the response. */
function errorOf(attempts: readonly [FailureReason, string][], response?: Response) {
  const trace = newTrace('req_1')
  trace.attempts.push(
    ...attempts.map(([reason, outcome], i): AttemptRecord => ({
      keyId: `pk_${i + 1}`,
      outcome,
      reason,
    })),
  )
  const [reason, outcome] = attempts.findLast(([why]) => why !== 'refused') ?? ['refused', '401']
  const answered = response ?? responseOf(outcome)
  const failure = { kind: 'failure', target, reason } as const
  if (answered === undefined) return failureError(failure, deps, trace)
  const nowMs = Date.parse('2026-11-21T12:00:00Z')
  const retryAfterMs = retryAfterMsOf({ headers: answered.headers }, nowMs)
  return failureError({ ...failure, response: answered, retryAfterMs }, deps, trace)
}

/** Nothing here waits: an error's body is there at once, and the deadline never comes. */
const deps = { sleep: () => new Promise<void>(() => undefined) }

const responseOf = (outcome: string): Response | undefined =>
  /^\d+$/.test(outcome) ? new Response(null, { status: Number(outcome) }) : undefined

const answer = (response: Response) => ({ kind: 'answer', target, response }) as const

const json = (body: unknown, status: number, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers })

/** A body that begins like an error and then goes on for ever. */
function endless(body: object): ReadableStream<Uint8Array> {
  const begin = new TextEncoder().encode(JSON.stringify(body))
  return new ReadableStream({
    start: (controller) => controller.enqueue(begin),
    pull: (controller) => controller.enqueue(new TextEncoder().encode(' x'.repeat(10_000))),
  })
}

describe('when no key gave an answer, the caller is told', () => {
  test.each([
    [[['refused', '401']], 'upstream_rejected_key', 403, false],
    [
      [
        ['refused', '401'],
        ['refused', '403'],
      ],
      'upstream_rejected_key',
      403,
      false,
    ],
    [[['rate-limited', '429']], 'rate_limited', 429, true],
    [
      [
        ['refused', '401'],
        ['rate-limited', '429'],
      ],
      'rate_limited',
      429,
      true,
    ],
    [[['overloaded', '429']], 'upstream_overloaded', 503, true],
    [[['failed', '500']], 'upstream_error', 502, true],
    [[['failed', '502']], 'upstream_error', 502, true],
    [[['failed', '503']], 'upstream_overloaded', 503, true],
    [[['failed', '529']], 'upstream_overloaded', 503, true],
    [[['failed', '408']], 'upstream_timeout', 504, true],
    [[['failed', '504']], 'upstream_timeout', 504, true],
    [[['unreachable', 'unreachable']], 'upstream_unreachable', 502, true],
    [[['redirected', '302']], 'upstream_redirect', 502, false],
    [
      [
        ['rate-limited', '429'],
        ['refused', '401'],
      ],
      'rate_limited',
      429,
      true,
    ],
  ] as const)('%j: %s', async (attempts, code, status, retryable) => {
    const error = await errorOf(attempts.map(([reason, outcome]) => [reason, outcome]))
    expect(error).toMatchObject({ code, status, retryable })
    for (const [index, [, outcome]] of attempts.entries()) {
      expect(error.message).toContain(`pk_${index + 1} (${outcome})`)
    }
    expect(error.message).toContain('openai')
  })

  test.each(['refused', 'spent'] as const)(
    'that other keys are left, where those that were tried were %s',
    async (reason) => {
      const failure = { kind: 'failure', target, reason, hasMoreKeys: true } as const
      const error = await failureError(failure, deps, newTrace('req_1'))
      expect(error).toMatchObject({ code: 'unavailable', status: 503, retryable: true })
      expect(error.details.retryAfterSeconds).toBe(1)
      expect(error.message).toContain('16 keys of openai')
    },
  )

  test('in the words of the upstream, and when to come back', async () => {
    const response = json({ error: { message: 'Slow down' } }, 429, { 'retry-after': '7' })
    const error = await errorOf([['rate-limited', '429']], response)
    expect(error.message).toContain('Slow down')
    expect(error.details.retryAfterSeconds).toBe(7)
  })

  test.each([
    [{ 'retry-after-ms': '1500' }, 2],
    [{ 'retry-after-ms': '1500', 'retry-after': '9' }, 2],
    [{ 'retry-after': '0' }, undefined],
    [{ 'retry-after': 'Fri, 20 Nov 2026 00:00:00 GMT' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
  ])('%j: %s seconds', async (headers: Record<string, string>, seconds) => {
    const error = await errorOf([['rate-limited', '429']], json({}, 429, headers))
    expect(error.details.retryAfterSeconds).toBe(seconds)
  })

  test.each([
    ['#40 HTML', new Response('<html>canary</html>', { status: 502 })],
    ['JSON of no known shape', json({ canary: 1 }, 502)],
    [
      'a body that never ends',
      new Response(endless({ error: { message: 'canary' } }), { status: 502 }),
    ],
  ])('without %s', async (_, response) => {
    expect((await errorOf([['failed', '502']], response)).message).not.toContain('canary')
  })
})

describe('#41 an account that is spent is not to be tried again', () => {
  test('by 429', async () => {
    const body = { error: { type: 'insufficient_quota', message: 'Pay' } }
    const error = await errorOf([['spent', '429']], json(body, 429))
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryable: false })
    expect(error.message).toContain('Pay')
  })

  test('by 402, which keeps its status and its words', async () => {
    const body = { error: { message: 'Insufficient Balance', type: 'unknown_error' } }
    const error = await errorOf([['spent', '402']], json(body, 402))
    expect(error).toMatchObject({ status: 402, retryable: false, message: 'Insufficient Balance' })
  })
})

describe('the facts that programs go by', () => {
  const body = (error_code: string) => ({
    type: 'error',
    error: { type: 'not_found_error', message: 'No', details: { error_code } },
  })

  test('are kept, where the request was declined and where no key gave an answer', async () => {
    const facts = { error_code: 'thread_not_found' }
    const declined = await declinedError(answer(json(body('thread_not_found'), 404)), deps)
    expect(declined.details).toMatchObject({ facts })
    const failed = await errorOf([['failed', '500']], json(body('thread_not_found'), 500))
    expect(failed.details).toMatchObject({ facts })
  })

  test('repeat no key', async () => {
    const said = json(body('the-very-key-of-no-known-shape'), 400)
    expect((await declinedError(answer(said), deps)).details).toMatchObject({
      facts: { error_code: '[key]' },
    })
  })
})

describe('an upstream that declines a request is quoted', () => {
  test.each([
    [400, 'invalid_request'],
    [402, 'invalid_request'],
    [404, 'not_found'],
    [413, 'request_too_large'],
    [422, 'invalid_request'],
  ])('with its own status %d', async (status, code) => {
    const body = { error: { message: 'No', type: 't', code: 'c', param: 'p' } }
    expect(await declinedError(answer(json(body, status)), deps)).toMatchObject({
      code,
      status,
      message: 'No',
      details: { param: 'p', upstream: { type: 't', code: 'c' } },
    })
  })

  test('as a sentence of ours where it said nothing that can be read', async () => {
    const error = await declinedError(answer(new Response('<html>', { status: 405 })), deps)
    expect(error).toMatchObject({ status: 405, message: 'openai answered 405 without saying why.' })
  })

  test('no longer than anyone reads', async () => {
    const error = await declinedError(answer(json({ message: 'x'.repeat(100_000) }, 400)), deps)
    expect(error.message).toHaveLength(2000)
  })

  test.each([
    'sk-proj-abcdef0123456789',
    'sk-ant-api03-abcdef0123456789',
    'xai-abcdef0123456789',
    'kw_abcdef0123456789',
    'AKIAIOSFODNN7EXAMPLE',
    'ya29.a0AfH6SMBcanary',
    'eyJhbGciOi.eyJpc3MiOi.c2lnbmF0dXJl',
    'the-very-key-of-no-known-shape',
  ])('without the key %s', async (key) => {
    const error = await declinedError(
      answer(json({ message: `The key ${key} is bad.` }, 400)),
      deps,
    )
    expect(error.message).toBe('The key [key] is bad.')
  })
  test('without a key in its names for the error', async () => {
    const { apiKey } = target.site.credential
    const error = { message: 'No', type: apiKey, code: apiKey, param: `headers.${apiKey}` }
    const declined = await declinedError(answer(json({ error }, 400)), deps)
    expect(declined.details).toMatchObject({ param: 'headers.[key]', upstream: {} })
    expect(JSON.stringify(declined.details)).not.toContain(apiKey)
    expect(JSON.stringify(inStreamError(error, target).details)).not.toContain(apiKey)
  })
})
