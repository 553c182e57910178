import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assembleAnswer } from '../../../../src/core/assemble-answer.ts'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type {
  AssistantPart,
  ChatAnswer,
  FinishReason,
  ReasoningPart,
  ReasoningProof,
} from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiChatClient } from '../../../../src/formats/openai-chat/client.ts'
import { contextOf, decodedMessages } from './fixtures.ts'

type EventOf<Kind extends ChatEvent['kind']> = Extract<ChatEvent, { readonly kind: Kind }>

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
const proofValue = fc.string({ minLength: 1, maxLength: 6 })
/** Claude's encrypted reasoning has no text beside it; that it stays apart is tested elsewhere. */
const proof: fc.Arbitrary<ReasoningProof> = fc.oneof(
  fc.record({
    family: fc.constantFrom('claude', 'gemini', 'converse'),
    kind: fc.constant('signature'),
    value: proofValue,
  }),
  fc.record({
    family: fc.constantFrom('gpt', 'grok'),
    kind: fc.constant('encrypted'),
    value: proofValue,
  }),
)
const said = fc.record({ kind: fc.constantFrom('text', 'refusal', 'reasoning'), text })
const proofs = fc.record({ kind: fc.constant('reasoning-proof'), proof })
/** A call, which is given its number and its id later. */
const call = fc.record({
  name: fc.constantFrom('get', 'patch', 'functions.x'),
  pieces: fc.array(fc.oneof(fc.constantFrom('', '{', '}', '"a":'), text), { maxLength: 3 }),
  signature: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  interleaved: fc.option(said, { nil: undefined }),
})
const finish = fc.constantFrom<FinishReason>('stop', 'tool-calls', 'length', 'content-filter')

const stream = fc
  .tuple(fc.array(fc.oneof(said, proofs, call), { maxLength: 8 }), finish)
  .map(([pieces, reason]): readonly ChatEvent[] => {
    let count = 0
    const events = pieces.flatMap((piece): readonly ChatEvent[] => {
      if ('kind' in piece) return [piece]
      const number = count++
      const hasArguments = piece.pieces.join('') !== ''
      return [
        callEvent(number, piece.name, piece.signature),
        ...piece.pieces.map((part): ChatEvent => ({
          kind: 'tool-arguments',
          call: number,
          text: part,
        })),
        ...(hasArguments && piece.interleaved !== undefined ? [piece.interleaved] : []),
        { kind: 'tool-call-end', call: number },
      ]
    })
    return [
      { kind: 'start', id: 'a', model: 'm' },
      ...events,
      { kind: 'finish', finish: { reason } },
      { kind: 'usage', usage: { inputTokens: 3, outputTokens: 2, reasoningTokens: 1 } },
      { kind: 'end' },
    ]
  })

function callEvent(
  number: number,
  name: string,
  signature: string | undefined,
): EventOf<'tool-call'> {
  const event = {
    kind: 'tool-call',
    call: number,
    id: `functions.${name}:${number}`,
    name,
  } as const
  if (signature === undefined) return event
  return { ...event, proof: { family: 'gemini', kind: 'signature', value: signature } }
}

const CONTEXT = contextOf({
  stream_options: { include_usage: true },
  tools: [{ type: 'custom', custom: { name: 'patch' } }],
})

/** What a client makes of chunks: pieces are joined, those with an index by it. */
function joined(before: unknown, piece: unknown): unknown {
  if (before === undefined || before === null)
    return Array.isArray(piece) ? joined([], piece) : piece
  if (typeof before === 'string' && typeof piece === 'string') return before + piece
  if (Array.isArray(before) && Array.isArray(piece)) {
    const list: unknown[] = [...before]
    for (const item of piece as JsonObject[]) {
      const { index, type, ...rest } = item
      const old = (list[Number(index)] ?? {}) as JsonObject
      list[Number(index)] = { ...joinedMembers(old, rest), ...(type === undefined ? {} : { type }) }
    }
    return list
  }
  return joinedMembers(before as JsonObject, piece as JsonObject)
}

function joinedMembers(before: JsonObject, piece: JsonObject): JsonObject {
  const members = Object.entries(piece).map(([name, value]) => [name, joined(before[name], value)])
  return { ...before, ...Object.fromEntries(members) }
}

function messageOf(events: readonly ChatEvent[]): JsonObject {
  const encoder = openAiChatClient.streamEncoder(CONTEXT)
  let message: JsonObject = {}
  for (const event of events.flatMap((one) => encoder.next(one).split('\n\n'))) {
    if (event === '' || event === 'data: [DONE]') continue
    const chunk = JSON.parse(event.slice('data: '.length)) as { choices: [{ delta: JsonObject }?] }
    message = joinedMembers(message, chunk.choices[0]?.delta ?? {})
  }
  return message
}

function answerOf(events: readonly ChatEvent[]): ChatAnswer {
  const assembly = assembleAnswer()
  for (const event of events) assembly.next(event)
  const answer = assembly.answer()
  if (answer === undefined) throw new Error('not whole')
  return answer
}

test('#39 the chunks of a stream join to the message of the whole answer', () => {
  fc.assert(
    fc.property(stream, (events) => {
      const { choices } = openAiChatClient.encodeAnswer(answerOf(events), CONTEXT) as {
        choices: [{ message: JsonObject }]
      }
      const { content, thinking_blocks, ...whole } = choices[0].message
      const { content: pieces, thinking_blocks: blocks, ...streamed } = messageOf(events)
      expect(streamed).toEqual(whole)
      // The first chunk comes before it is known whether there will be words.
      expect(pieces).toBe(content ?? '')
      // And reasoning before it is known whether it will be proved.
      if (thinking_blocks !== undefined) expect(blocks).toEqual(thinking_blocks)
    }),
    { numRuns: 1000 },
  )
})

/** The parts in the order of a message of this format, texts joined: all that such a message can say of their order. */
function inOrder(content: readonly AssistantPart[]): readonly AssistantPart[] {
  const of = <Kind extends AssistantPart['kind']>(
    kind: Kind,
  ): readonly Extract<AssistantPart, { kind: Kind }>[] =>
    content.filter((part): part is Extract<AssistantPart, { kind: Kind }> => part.kind === kind)
  const joinedOf = (kind: 'text' | 'refusal'): readonly AssistantPart[] => {
    const whole = of(kind)
      .map((part) => part.text)
      .join('')
    return whole === '' ? [] : [{ kind, text: whole }]
  }
  const reasoning = of('reasoning').filter((part) => part.text !== '' || part.proof !== undefined)
  const hasProof = reasoning.some((part) => part.proof !== undefined)
  const unproved = reasoning.map((part) => part.text).join('')
  return [
    ...(hasProof || unproved === '' ? reasoning : [{ kind: 'reasoning' as const, text: unproved }]),
    ...joinedOf('text'),
    ...joinedOf('refusal'),
    ...of('tool-call'),
  ]
}

test('#30 what a model said comes back as it was, when it is sent back', () => {
  fc.assert(
    fc.property(stream, (events) => {
      const answer = answerOf(events)
      const content = answer.content
        .filter((part) => part.kind !== 'tool-call' || part.name !== 'patch')
        .map((part) => (part.kind === 'tool-call' ? { ...part, arguments: '{"a": 1}' } : part))
      // A proof without a text is taken for that of an unproved text right before it, which no provider makes.
      const reasoning = content.filter((part) => part.kind === 'reasoning')
      fc.pre(reasoning.every((part, at) => !isProofAlone(part) || isProved(reasoning[at - 1])))
      const { choices } = openAiChatClient.encodeAnswer({ ...answer, content }, CONTEXT) as {
        choices: [{ message: JsonObject & { tool_calls?: readonly { id: string }[] } }]
      }
      const { message } = choices[0]
      const results = (message.tool_calls ?? []).map(({ id }) => ({
        role: 'tool',
        tool_call_id: id,
        content: 'ok',
      }))
      const back = decodedMessages({ role: 'user', content: 'hi' }, message, ...results, {
        role: 'user',
        content: 'go on',
      })
      const heard = back.find(({ role }) => role === 'assistant')
      expect(heard?.content ?? []).toEqual(inOrder(content))
    }),
    { numRuns: 1000 },
  )
})

function isProofAlone({ text: words, proof: own }: ReasoningPart): boolean {
  return words === '' && own?.kind === 'encrypted'
}

function isProved(part: ReasoningPart | undefined): boolean {
  return part === undefined || part.proof !== undefined
}
