import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  packToolCallId,
  type ToolCallIdentity,
  unpackToolCallId,
} from '../../src/core/tool-call-id.ts'

const proof = (value: string) => ({ family: 'gemini', kind: 'signature', value }) as const

describe('packing', () => {
  test.each([
    ['call_a-1', 'call_a-1'],
    ['toolu_01AbC', 'toolu_01AbC'],
    ['functions.get:0', 'kwid_ZnVuY3Rpb25zLmdldDow'],
    ['', 'kwid_'],
    ['kwid_a', 'kwid_a3dpZF9h'],
    ['a'.repeat(64), 'a'.repeat(64)],
  ])('%j is shown as %s', (id, shown) => {
    expect(packToolCallId({ id })).toBe(shown)
  })

  test('a proof hangs on the id', () => {
    expect(packToolCallId({ id: 'call_1', proof: proof('sig+/=') })).toBe(
      'call_1__thought__c2lnKy89',
    )
  })
})

describe('unpacking', () => {
  test.each<[string, ToolCallIdentity]>([
    ['call_1', { id: 'call_1' }],
    ['functions.get:0', { id: 'functions.get:0' }],
    ['call_1__thought__c2lnKy89', { id: 'call_1', proof: proof('sig+/=') }],
    // Not ours, though they look so.
    ['kwid_*', { id: 'kwid_*' }],
    ['kwid__w', { id: 'kwid__w' }],
    ['kwid_eA', { id: 'kwid_eA' }],
    ['call__thought__*', { id: 'call__thought__*' }],
    ['call__thought__gICA', { id: 'call__thought__gICA' }],
  ])('%s stands for %j', (packed, identity) => {
    expect(unpackToolCallId(packed)).toEqual(identity)
  })
})

const id = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^(?:kwid_|_|__thought|__|a|\ufeff|[.:|]){0,6}$/),
  fc.string({ maxLength: 5 }).map((text) => packToolCallId({ id: text, proof: proof(text) })),
)
const identity: fc.Arbitrary<ToolCallIdentity> = fc.oneof(
  fc.record({ id }),
  fc.record({ id, proof: fc.oneof(fc.base64String(), id).map(proof) }),
)

test('#22 whatever was packed comes back whole', () => {
  fc.assert(
    fc.property(identity, (one) => {
      expect(unpackToolCallId(packToolCallId(one))).toEqual(one)
    }),
    { numRuns: 2000 },
  )
})

test('#22 every packed id is plain', () => {
  fc.assert(
    fc.property(identity, (one) => {
      expect(packToolCallId(one)).toMatch(/^[a-zA-Z0-9_-]+$/)
    }),
  )
})
