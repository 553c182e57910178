import { describe, expect, test } from 'vitest'
import type { ReasoningPart, ReasoningProof } from '../../../src/core/chat.ts'
import { assistant, CLAUDE_5, GPT, messagesOf, NOVA, user } from './fixtures.ts'

const thought = (text: string, proof?: ReasoningProof): ReasoningPart => ({
  kind: 'reasoning',
  text,
  ...(proof === undefined ? {} : { proof }),
})
const claude = { family: 'claude', kind: 'signature', value: 'c2ln' } as const
const secret = { family: 'claude', kind: 'encrypted', value: 'ZW5j' } as const
const gpt = { family: 'converse', kind: 'encrypted', value: 'openai:cnNu' } as const

/** The answer as the model gets it back. */
const givenBack = (model: string, ...parts: ReasoningPart[]) =>
  messagesOf([user('a'), assistant(...parts, 'b'), user('c')], model)[1]?.content

describe('#30 reasoning goes back to the model whose word proves it, as it came', () => {
  test.each<[string, string, ReasoningPart, object | undefined]>([
    [
      'signed',
      CLAUDE_5,
      thought(' Hm.\n', claude),
      { reasoningText: { text: ' Hm.\n', signature: 'c2ln' } },
    ],
    [
      'signed without a word',
      CLAUDE_5,
      thought('', claude),
      { reasoningText: { text: '', signature: 'c2ln' } },
    ],
    ['secret', CLAUDE_5, thought('', secret), { redactedContent: 'ZW5j' }],
    ['GPT’s', GPT, thought('', gpt), { redactedContent: 'cnNu' }],
    ['GPT’s, to another', NOVA, thought('', gpt), undefined],
    ['GPT’s, to Claude', CLAUDE_5, thought('', gpt), undefined],
    ['Claude’s, to another', GPT, thought('Hm.', claude), undefined],
    ['unproven', CLAUDE_5, thought('Hm.'), undefined],
    ['with an empty proof', CLAUDE_5, thought('Hm.', { ...claude, value: '' }), undefined],
    ['OpenAI’s own', GPT, thought('', { ...gpt, family: 'gpt' }), undefined],
  ])('%s to %s', (_, model, part, reasoningContent) => {
    const text = { text: 'b' }
    expect(givenBack(model, part)).toEqual(
      reasoningContent === undefined ? [text] : [{ reasoningContent }, text],
    )
  })
})

test('an answer that was cut off in its thoughts is left out', () => {
  const messages = [user('a'), assistant(thought('Hm.', claude)), user('b')]
  expect(messagesOf(messages, CLAUDE_5)).toEqual([
    { role: 'user', content: [{ text: 'a' }, { text: 'b' }] },
  ])
})

test('a thought at the end of an answer is left out', () => {
  const messages = [user('a'), assistant('b', thought('Hm.', claude)), user('c')]
  expect(messagesOf(messages, CLAUDE_5)[1]?.content).toEqual([{ text: 'b' }])
})
