import { expect, test } from 'vitest'
import type { ReasoningPart, ReasoningProof } from '../../src/core/chat.ts'
import { joinReasoning } from '../../src/core/reasoning-proof.ts'

const proof = (family: ReasoningProof['family'], kind: ReasoningProof['kind'] = 'encrypted') => ({
  family,
  kind,
  value: 'v',
})
const part = (text: string, by?: ReasoningProof): ReasoningPart => ({
  kind: 'reasoning',
  text,
  ...(by === undefined ? {} : { proof: by }),
})

test.each<[string, ReasoningPart, ReasoningPart, ReasoningPart | undefined]>([
  ['a summary and what it sums up', part('t'), part('', proof('grok')), part('t', proof('grok'))],
  ['of Claude', part('t'), part('', proof('claude')), undefined],
  ['a text that is proved already', part('t', proof('grok')), part('', proof('grok')), undefined],
  ['what has a text of its own', part('t'), part('u', proof('grok')), undefined],
  ['a signature', part('t'), part('', proof('gemini', 'signature')), undefined],
  ['two texts', part('t'), part('u'), undefined],
])('%s', (_, shown, next, expected) => {
  expect(joinReasoning(shown, next)).toEqual(expected)
})
