import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AssistantPart, ReasoningPart } from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiResponsesClient } from '../../../../src/formats/openai-responses/client.ts'
import { encode, outputOf, wholeOf } from './answer.ts'
import { messagesOf } from './request.ts'
import { STREAMS } from './streams.ts'

/** An answer's items as they come back in the next request, with results for its calls. */
const replayed = (output: readonly JsonObject[]): readonly JsonObject[] => [
  { role: 'user', content: 'hi' },
  ...output,
  ...output.flatMap((item) =>
    typeof item['call_id'] !== 'string'
      ? []
      : [{ type: `${String(item['type'])}_output`, call_id: item['call_id'], output: 'ok' }],
  ),
]

const turnOf = (content: readonly AssistantPart[]): readonly AssistantPart[] => {
  const [, turn] = messagesOf(replayed(outputOf(content)))
  if (turn?.role !== 'assistant') throw new Error('no turn')
  return turn.content
}

describe('reasoning comes back as it went', () => {
  test.each<ReasoningPart>([
    { kind: 'reasoning', text: 'hm' },
    {
      kind: 'reasoning',
      text: 'hm',
      proof: { family: 'claude', kind: 'signature', value: 'EqQB' },
    },
    { kind: 'reasoning', text: '', proof: { family: 'claude', kind: 'signature', value: 'EqQB' } },
    { kind: 'reasoning', text: '', proof: { family: 'claude', kind: 'encrypted', value: 'AbC=' } },
    { kind: 'reasoning', text: 'ä\n', proof: { family: 'gemini', kind: 'signature', value: 'x' } },
    { kind: 'reasoning', text: '', proof: { family: 'converse', kind: 'encrypted', value: 'x' } },
    { kind: 'reasoning', text: 'hm', proof: { family: 'gpt', kind: 'encrypted', value: 'gAA' } },
    { kind: 'reasoning', text: '', proof: { family: 'grok', kind: 'encrypted', value: 'x' } },
  ])('%j', (part) => {
    expect(turnOf([part, { kind: 'text', text: 'a' }])).toEqual([part, { kind: 'text', text: 'a' }])
  })

  test.each<ReasoningPart>([
    {
      kind: 'reasoning',
      text: 'signed text',
      proof: { family: 'claude', kind: 'signature', value: 'EqQB' },
    },
    { kind: 'reasoning', text: 'ünsigned\n\ntext' },
  ])('also where the caller kept nothing but its encrypted content: %j', (part) => {
    const [item] = outputOf([part])
    const { encrypted_content } = item ?? {}
    const [turn] = messagesOf([{ type: 'reasoning', summary: [], encrypted_content }])
    expect(turn?.content).toEqual([part])
  })

  test.each(['kwreason.', 'kwreason.%%%', 'kwreason.W10', 'kwreason.WyJhIiwiYiIsImMiXQ'])(
    'what is no envelope of ours proves nothing: %s',
    (encrypted_content) => {
      const summary = [{ type: 'summary_text', text: 'hm' }]
      const [turn] = messagesOf([{ type: 'reasoning', summary, encrypted_content }])
      expect(turn?.content).toEqual([{ kind: 'reasoning', text: 'hm' }])
      const items = [{ type: 'reasoning', summary: [], encrypted_content }]
      expect(messagesOf(items)).toEqual([])
    },
  )
})

test("#22 calls come back under their provider's ids, with Gemini's proofs", () => {
  const proof = { family: 'gemini', kind: 'signature', value: 'sig==' } as const
  const calls: AssistantPart[] = [
    { kind: 'tool-call', id: 'functions.f:0', name: 'f', arguments: '{}', proof },
    { kind: 'tool-call', id: 'a|b', name: 'patch', arguments: '{"input":"x"}' },
    { kind: 'tool-call', id: 'toolu_1', name: 'ns__g', arguments: '{"a":1}' },
  ]
  expect(turnOf(calls)).toEqual(calls)
})

test('any answer comes back, and a longer conversation begins as the shorter one did', () => {
  fc.assert(
    fc.property(STREAMS, (events) => {
      const answer = wholeOf(events)
      const output = encode(answer)['output'] as readonly JsonObject[]
      const before = [{ role: 'user', content: 'go' }]
      const input = [...before, ...replayed(output).slice(1)]
      const { messages } = openAiResponsesClient.decodeRequest({ model: 'm', input })
      expect(messages.slice(0, 1)).toEqual(messagesOf(before))
      const longer = messagesOf([...input, { role: 'user', content: 'more' }])
      expect(longer.slice(0, messages.length)).toEqual(messages)
      const textIn = (parts: readonly AssistantPart[], kind: string): string =>
        parts.map((part) => (part.kind === kind && 'text' in part ? part.text : '')).join('')
      const turns = messages.flatMap((message) =>
        message.role === 'assistant' ? message.content : [],
      )
      for (const kind of ['text', 'refusal', 'reasoning']) {
        expect(textIn(turns, kind)).toBe(textIn(answer.content, kind))
      }
      const callsIn = (parts: readonly AssistantPart[]) =>
        parts.flatMap((part) => (part.kind === 'tool-call' ? [[part.id, part.name]] : []))
      expect(callsIn(turns)).toEqual(callsIn(answer.content))
      const proofsIn = (parts: readonly AssistantPart[]) =>
        parts.flatMap((part) => (part.kind === 'reasoning' && part.proof ? [part.proof] : []))
      expect(proofsIn(turns)).toEqual(proofsIn(answer.content))
    }),
    { numRuns: 1000 },
  )
})
