import { createOpenAI } from '@ai-sdk/openai'
import { describe, expect, test } from 'vitest'
import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiResponsesClient } from '../../../../src/formats/openai-responses/client.ts'
import { CONTEXT, encode, streamOf, wholeOf } from './answer.ts'

/** The AI SDK holds what it reads against schemas of its own. */
const PROMPT = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }]

function model(answer: string, type: string, sent: JsonObject[] = []) {
  const fetch: typeof globalThis.fetch = (_, init) => {
    sent.push(JSON.parse(String(init?.body)) as JsonObject)
    return Promise.resolve(new Response(answer, { headers: { 'content-type': type } }))
  }
  return createOpenAI({ apiKey: 'k', fetch }).responses('gpt-6-astra')
}

const proof = { family: 'claude', kind: 'signature', value: 'EqQB' } as const
const EVENTS: readonly ChatEvent[] = [
  { kind: 'start', id: 'x', model: 'said' },
  { kind: 'reasoning', text: 'hm' },
  { kind: 'reasoning-proof', proof },
  { kind: 'text', text: 'I ' },
  { kind: 'text', text: 'look.' },
  { kind: 'tool-call', call: 0, id: 'c0', name: 'f' },
  { kind: 'tool-arguments', call: 0, text: '{"a":1}' },
  { kind: 'tool-call-end', call: 0 },
  { kind: 'finish', finish: { reason: 'tool-calls' } },
  { kind: 'usage', usage: { inputTokens: 9, outputTokens: 5, reasoningTokens: 2 } },
  { kind: 'end' },
]

async function partsOf(text: string) {
  const { stream } = await model(text, 'text/event-stream').doStream({ prompt: PROMPT })
  return Array.fromAsync(stream)
}

describe('the AI SDK', () => {
  test('reads a whole answer', async () => {
    const whole = JSON.stringify(encode(wholeOf(EVENTS)))
    const result = await model(whole, 'application/json').doGenerate({ prompt: PROMPT })
    expect(result.content).toMatchObject([
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'I look.' },
      { type: 'tool-call', toolCallId: 'c0', toolName: 'f', input: '{"a":1}' },
    ])
    expect(result.finishReason).toMatchObject({ unified: 'tool-calls' })
    expect(result.usage).toMatchObject({ inputTokens: { total: 9 }, outputTokens: { total: 5 } })
  })

  test('reads a stream', async () => {
    const parts = await partsOf(streamOf(EVENTS))
    expect(parts.filter(({ type }) => type === 'error')).toEqual([])
    const deltas = (kind: string): string =>
      parts.map((part) => (part.type === kind && 'delta' in part ? part.delta : '')).join('')
    expect(deltas('reasoning-delta')).toBe('hm')
    expect(deltas('text-delta')).toBe('I look.')
    expect(deltas('tool-input-delta')).toBe('{"a":1}')
    expect(parts.at(-1)).toMatchObject({
      type: 'finish',
      finishReason: { unified: 'tool-calls' },
      usage: { inputTokens: { total: 9 } },
    })
  })

  test('reads an answer that was cut off, of which nobody knows what it cost', async () => {
    const parts = await partsOf(
      streamOf([
        { kind: 'start' },
        { kind: 'text', text: 'a' },
        { kind: 'finish', finish: { reason: 'length' } },
        { kind: 'end' },
      ]),
    )
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'length' } })
  })

  test('reads a failure', async () => {
    const encoder = openAiResponsesClient.streamEncoder(CONTEXT)
    const text = EVENTS.slice(0, 4).map((event) => encoder.next(event))
    const failure = encoder.fail(new GatewayError('upstream_error', 'It broke.'))
    const parts = await partsOf([...text, failure].join(''))
    expect(parts.filter(({ type }) => type === 'error')).not.toEqual([])
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: { unified: 'error' } })
  })

  test('gives back what proves reasoning', async () => {
    const whole = JSON.stringify(encode(wholeOf(EVENTS)))
    const sent: JsonObject[] = []
    const sdk = model(whole, 'application/json', sent)
    const { content } = await sdk.doGenerate({ prompt: PROMPT })
    const turn = content.filter(
      (part) => part.type === 'reasoning' || part.type === 'text' || part.type === 'tool-call',
    )
    const output = { type: 'text' as const, value: 'done' }
    await sdk.doGenerate({
      prompt: [
        ...PROMPT,
        {
          role: 'assistant',
          content: turn.map((part) => ({
            ...part,
            ...(part.type === 'tool-call' ? { input: JSON.parse(part.input) as unknown } : {}),
            ...(part.providerMetadata === undefined
              ? {}
              : { providerOptions: part.providerMetadata }),
          })) as never,
        },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: 'c0', toolName: 'f', output }],
        },
      ],
      providerOptions: { openai: { store: false } },
    })
    const { messages } = openAiResponsesClient.decodeRequest(sent[1] ?? {})
    expect(messages).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { kind: 'reasoning', text: 'hm', proof },
          { kind: 'text', text: 'I look.' },
          { kind: 'tool-call', id: 'c0', name: 'f', arguments: '{"a":1}' },
        ],
      },
      { role: 'tool', callId: 'c0' },
    ])
  })
})
