import fc from 'fast-check'
import type { ReasoningProof } from '../../../../src/core/chat.ts'
import { redactThinking, signThinking } from '../../../upstreams/dialects/claude-thinking.ts'
import { signText } from '../../../upstreams/dialects/gemini-signature.ts'
import { encryptReasoning } from '../../../upstreams/dialects/openai-items.ts'

/** A conversation in no format, such as callers of any format can have, with what they wish for beside it. */
export interface Talk {
  readonly instructions: readonly string[]
  readonly opening: readonly Saying[]
  readonly rounds: readonly Round[]
  readonly wishes: Wishes
}

/** What the model said, what its calls gave, and what was said to that. */
export interface Round {
  readonly thoughts: readonly Thought[]
  readonly texts: readonly string[]
  readonly refusal: string | undefined
  readonly calls: readonly Call[]
  /** Whether results come in the order of their calls. */
  readonly isInOrder: boolean
  readonly after: readonly Saying[]
}

export type Saying =
  | { readonly role: 'user'; readonly parts: readonly SayingPart[] }
  | { readonly role: 'system'; readonly texts: readonly string[] }

export type SayingPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image' | 'file' }

export interface Thought {
  readonly text: string
  readonly proof?: ReasoningProof
}

export interface Call {
  readonly id: string
  readonly name: string
  readonly input: object
  readonly results: readonly string[]
  readonly isError: boolean
  readonly hasImage: boolean
}

export interface Wishes {
  readonly stream: boolean
  readonly maxTokens: number | undefined
  readonly temperature: number | undefined
  readonly effort: 'none' | 'low' | 'medium' | 'high' | undefined
  readonly toolChoice: 'auto' | 'none' | 'required' | undefined
  readonly isSerial: boolean
  readonly wantsJson: boolean
  readonly stop: readonly string[]
}

/** Tools that every caller has. */
export const TOOL_NAMES = ['look', 'find_it', `a-${'long_'.repeat(12)}`] as const

const text = fc.oneof(
  fc.constantFrom('', ' ', '\n\t', 'Hello', '<system>', '{"a":1}', 'data: [DONE]', '東京 é😀'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const texts = (minLength: number) => fc.array(text, { minLength, maxLength: 2 })

const proofs: readonly ((text: string) => ReasoningProof)[] = [
  (said) => ({ family: 'claude', kind: 'signature', value: signThinking(said, '') }),
  () => ({ family: 'gemini', kind: 'signature', value: signText() }),
  () => ({ family: 'gpt', kind: 'encrypted', value: encryptReasoning('openai', 'hidden') }),
  () => ({ family: 'grok', kind: 'encrypted', value: encryptReasoning('xai', 'hidden') }),
]
const thought: fc.Arbitrary<Thought> = fc.oneof(
  text.map((said) => ({ text: said })),
  fc
    .tuple(text, fc.constantFrom(...proofs))
    .map(([said, proof]) => ({ text: said, proof: proof(said) })),
  fc.constant({
    text: '',
    proof: { family: 'claude' as const, kind: 'encrypted' as const, value: redactThinking('') },
  }),
)

const call = fc.record({
  id: fc.oneof(
    fc.constantFrom('call_1', 'toolu_1', 'functions.look:0', 'a|b', 'x.y', 'kwid_eA', '123456789'),
    fc.stringMatching(/^[a-zA-Z0-9_-]{1,64}$/),
  ),
  name: fc.constantFrom(...TOOL_NAMES),
  input: fc.dictionary(fc.constantFrom('a', 'b é', ''), fc.jsonValue({ maxDepth: 2 }), {
    maxKeys: 2,
  }),
  results: texts(0),
  isError: fc.boolean(),
  hasImage: fc.boolean(),
})

const userSaying = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: text.map((said) => ({ kind: 'text' as const, text: said })) },
      fc.constantFrom({ kind: 'image' as const }, { kind: 'file' as const }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => ({ role: 'user' as const, parts }))
const systemSaying = texts(1).map((said) => ({ role: 'system' as const, texts: said }))
const question = text.map((said) => ({
  role: 'user' as const,
  parts: [{ kind: 'text' as const, text: `As JSON: ${said}` }],
}))
/** At least one thing that is no blank, and more around it. */
const sayings = (minLength: number): fc.Arbitrary<readonly Saying[]> =>
  fc
    .tuple(
      fc.array(fc.oneof(userSaying, systemSaying), { maxLength: 1 }),
      fc.array(question, { minLength, maxLength: 1 }),
      fc.array(fc.oneof(userSaying, systemSaying), { maxLength: 1 }),
    )
    .map((parts) => parts.flat())

const round: fc.Arbitrary<Round> = fc
  .record({
    thoughts: fc.array(thought, { maxLength: 2 }),
    texts: texts(0),
    refusal: fc.option(text, { nil: undefined, freq: 5 }),
    calls: fc.uniqueArray(call, { selector: ({ id }) => id, maxLength: 3 }),
    isInOrder: fc.boolean(),
  })
  .chain((said) =>
    // Calls may be all that there is; where there are none, somebody has to go on.
    sayings(said.calls.length > 0 ? 0 : 1).map((after) => ({ ...said, after })),
  )

const wishes: fc.Arbitrary<Wishes> = fc.record({
  stream: fc.boolean(),
  maxTokens: fc.constantFrom(undefined, 16, 1500, 4000),
  temperature: fc.constantFrom(undefined, 0, 0.7, 1),
  effort: fc.constantFrom(undefined, undefined, 'none', 'low', 'medium', 'high'),
  toolChoice: fc.constantFrom(undefined, undefined, 'auto', 'none', 'required'),
  isSerial: fc.boolean(),
  wantsJson: fc.boolean(),
  stop: fc.constantFrom([], [], ['END'], ['END', '\n\n']),
})

export const talks: fc.Arbitrary<Talk> = fc
  .record({
    instructions: texts(0),
    opening: sayings(1),
    rounds: fc.array(round, { maxLength: 3 }),
    wishes,
  })
  .map(numbered)

/** Every text that is no blank, with a number of its own, so that each can be found again. */
function numbered({ instructions, opening, rounds, wishes: wished }: Talk): Talk {
  let count = 0
  const mark = (said: string) => (said.trim() === '' ? said : `§${++count}§${said}§`)
  const markAll = (list: readonly string[]) => list.map(mark)
  const markSayings = (list: readonly Saying[]) =>
    list.map((one) =>
      one.role === 'system'
        ? { ...one, texts: markAll(one.texts) }
        : {
            ...one,
            parts: one.parts.map((part) =>
              part.kind === 'text' ? { ...part, text: mark(part.text) } : part,
            ),
          },
    )
  return {
    instructions: markAll(instructions),
    opening: markSayings(opening),
    rounds: rounds.map((one) => ({
      ...one,
      texts: markAll(one.texts),
      refusal: one.refusal === undefined ? undefined : mark(one.refusal),
      calls: one.calls.map((made) => ({ ...made, results: markAll(made.results) })),
      after: markSayings(one.after),
    })),
    wishes: wished,
  }
}

/** The results in the order in which the caller gives them. */
export const resultsOf = ({ calls, isInOrder }: Round): readonly Call[] =>
  isInOrder ? calls : calls.toReversed()
