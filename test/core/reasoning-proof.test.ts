import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ReasoningProof } from '../../src/core/chat.ts'
import { packProof, unpackProof } from '../../src/core/reasoning-proof.ts'

test.each<[ReasoningProof, string]>([
  [{ family: 'claude', kind: 'signature', value: 'EqQB' }, 'EqQB'],
  [{ family: 'gpt', kind: 'encrypted', value: 'gAAA.b' }, 'kwproof.gpt.gAAA.b'],
  [{ family: 'gemini', kind: 'signature', value: '' }, 'kwproof.gemini.'],
  [{ family: 'claude', kind: 'signature', value: 'kwproof.x' }, 'kwproof.claude.kwproof.x'],
])('%j travels as %s', (proof, text) => {
  expect(packProof(proof)).toBe(text)
  expect(unpackProof(text, proof.kind)).toEqual(proof)
})

test.each(['kwproof.', 'kwproof.gpt', 'kwproof.nobody.x', 'kwproof.claude', ''])(
  '%j is nobody else’s, so it is Claude’s as it is',
  (text) => {
    expect(unpackProof(text, 'encrypted')).toEqual({
      family: 'claude',
      kind: 'encrypted',
      value: text,
    })
  },
)

test('every proof comes back as it was', () => {
  const proof = fc.record<ReasoningProof>({
    family: fc.constantFrom('claude', 'gemini', 'gpt', 'converse'),
    kind: fc.constantFrom('signature', 'encrypted'),
    value: fc.oneof(fc.string(), fc.stringMatching(/^kwproof\.(?:claude|gpt|x)?\.?a?$/)),
  })
  fc.assert(
    fc.property(proof, (one) => {
      expect(unpackProof(packProof(one), one.kind)).toEqual(one)
    }),
  )
})
