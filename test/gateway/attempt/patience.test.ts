import { describe, expect, test } from 'vitest'
import { guessOf, latenessError, patienceOf } from '../../../src/gateway/attempt/patience.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import type { EndpointRecord, Timeouts } from '../../../src/storage/replica/records.ts'

const target: Target = {
  provider: findProvider('openai') ?? expect.fail(),
  keyId: 'pk_1',
  site: { credential: { kind: 'key', apiKey: 'sk' }, settings: {}, location: '' },
}
const endpointWith = (timeouts: Timeouts): Target => ({
  ...target,
  endpoint: { name: 'lab', timeouts } as EndpointRecord,
})

const MINUTE_MS = 60_000
const thinks = (): boolean => true

describe('a target is waited for', () => {
  test('without end altogether, where nobody says otherwise', () => {
    for (const answer of ['stream', 'whole', 'native'] as const) {
      expect(patienceOf(target, { answer, mayThink: thinks }).totalMs).toBe(Infinity)
    }
  })

  test('for a stream minutes, and longer where its model thinks first', () => {
    const { firstByteMs, idleMs } = guessOf(target, { answer: 'stream' })
    expect(firstByteMs).toBeLessThanOrEqual(2 * MINUTE_MS)
    const thinking = patienceOf(target, { answer: 'stream', mayThink: thinks })
    expect(thinking.firstByteMs).toBeGreaterThan(firstByteMs)
    expect(thinking.idleMs).toBeGreaterThan(idleMs)
    expect(patienceOf(target, { answer: 'stream', mayThink: () => false })).toEqual({
      firstByteMs,
      idleMs,
      totalMs: Infinity,
    })
  })

  test('for a whole answer as long as the providers say that one may take', () => {
    const { firstByteMs } = guessOf(target, { answer: 'whole' })
    expect(firstByteMs).toBeGreaterThanOrEqual(10 * MINUTE_MS)
    const thinking = patienceOf(target, { answer: 'whole', mayThink: thinks })
    expect(thinking.firstByteMs).toBeGreaterThan(firstByteMs)
  })

  test('longest on the native surface, whose calls may be anything', () => {
    const native = guessOf(target, { answer: 'native' })
    const longest = patienceOf(target, { answer: 'whole', mayThink: thinks })
    expect(native.firstByteMs).toBeGreaterThan(longest.firstByteMs)
    expect(patienceOf(target, { answer: 'native', mayThink: thinks })).toEqual(native)
  })

  test('as its endpoint says, and before that as its route says, each for what it says', () => {
    const said = { first_byte_ms: 1, idle_ms: 2, total_ms: 3 }
    expect(guessOf(endpointWith(said), { answer: 'stream' })).toEqual({
      firstByteMs: 1,
      idleMs: 2,
      totalMs: 3,
    })
    const timeouts = { idle_ms: 20 }
    expect(guessOf(endpointWith(said), { answer: 'native', timeouts })).toEqual({
      firstByteMs: 1,
      idleMs: 20,
      totalMs: 3,
    })
    const usual = guessOf(target, { answer: 'stream' })
    expect(guessOf(target, { answer: 'stream', timeouts })).toEqual({ ...usual, idleMs: 20 })
    expect(guessOf(endpointWith({}), { answer: 'stream' })).toMatchObject({
      firstByteMs: 600_000,
      idleMs: 300_000,
    })
  })
})

test.each([
  [
    target,
    'silent',
    1500,
    'openai sent nothing for 1.5 s. `timeouts` of a route or its target can allow it more.',
  ],
  [
    endpointWith({}),
    'silent',
    300_000,
    'The endpoint lab sent nothing for 300 s. `timeouts` of a route, its target or the endpoint can allow it more.',
  ],
  [
    target,
    'unfinished',
    60_000,
    'openai did not finish its answer within 60 s. `timeouts` of a route or its target can allow it more.',
  ],
  [
    target,
    'silent',
    1_800_000,
    'openai sent nothing for 1800 s. On the native surface that is as long as anything is waited for.',
    'native',
  ],
  [
    endpointWith({}),
    'silent',
    300_000,
    'The endpoint lab sent nothing for 300 s. `timeouts` of the endpoint can allow it more.',
    'native',
  ],
] as const)(
  'what is late is told as what it is: %#',
  (at, kind, limitMs, message, answer: 'whole' | 'native' = 'whole') => {
    expect(latenessError(at, { kind, limitMs }, { answer })).toMatchObject({
      code: 'upstream_timeout',
      message,
    })
  },
)
