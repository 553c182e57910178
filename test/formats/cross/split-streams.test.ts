import { describe, expect, test } from 'vitest'
import type { ChatFormat } from '../../../src/core/wire-format.ts'
import { bytesOf, splitsOf, textOf, through } from '../../streams/byte-streams.ts'
import { stageTo } from './cross.ts'
import { CLIENT_NAMES, type Place, placeOf } from './places.ts'

/** Streams as providers send them; nothing of how the network cuts them may show in what callers get. */

const SAID = 'Hé, 簡潔に。'
const SIGNATURE = 'Q2lR'.repeat(150)

const geminiChunk = (parts: readonly object[], more: object = {}): object => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...more }],
  responseId: 'r1',
  modelVersion: 'gemini-3.8-flash',
})
const chatChunk = (delta: object, finish_reason: string | null = null): object => ({
  id: 'c1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'mistral-large-4-0',
  choices: [{ index: 0, delta, finish_reason }],
})
const response = { id: 'resp_1', object: 'response', model: 'gpt-5.6-sol', output: [] }
const item = { id: 'msg_1', type: 'message', role: 'assistant', content: [] }
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 }
const said = { type: 'output_text', text: SAID, annotations: [] }

interface Stream {
  readonly format: ChatFormat
  readonly place: Place
  readonly events: readonly (object | '[DONE]')[]
}

const STREAMS: readonly Stream[] = [
  {
    format: 'gemini',
    place: placeOf('google_vertex_ai', 'gemini-3.8-flash', 'gemini'),
    events: [
      geminiChunk([{ text: SAID }]),
      geminiChunk([
        { functionCall: { name: 'look', args: { at: SAID } }, thoughtSignature: SIGNATURE },
      ]),
      geminiChunk([], { finishReason: 'STOP' }),
    ],
  },
  {
    format: 'anthropic-messages',
    place: placeOf('anthropic', 'claude-opus-5-5', 'anthropic-messages'),
    events: [
      {
        type: 'message_start',
        message: { id: 'msg_1', model: 'claude-opus-5-5', usage: { input_tokens: 1 } },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: SAID } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
      { type: 'message_stop' },
    ],
  },
  {
    format: 'openai-chat',
    place: placeOf('mistral', 'mistral-large-4-0', 'openai-chat'),
    events: [chatChunk({ content: SAID }), chatChunk({ content: '' }, 'stop'), '[DONE]'],
  },
  {
    format: 'openai-responses',
    place: placeOf('openai', 'gpt-5.6-sol', 'openai-responses'),
    events: [
      { type: 'response.created', response: { ...response, status: 'in_progress' } },
      { type: 'response.output_item.added', output_index: 0, item },
      { type: 'response.content_part.added', ...place, part: { ...said, text: '' } },
      { type: 'response.output_text.delta', ...place, delta: SAID },
      { type: 'response.output_text.done', ...place, text: SAID },
      { type: 'response.output_item.done', output_index: 0, item: { ...item, content: [said] } },
      {
        type: 'response.completed',
        response: { ...response, status: 'completed', output: [{ ...item, content: [said] }] },
      },
    ],
  },
]

/** An event's lines, by one way of the many that the standard allows. */
const eventIn =
  (space: string, end: string) =>
  (event: object | '[DONE]'): string => {
    const name = typeof event === 'object' && 'type' in event ? String(event.type) : undefined
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    const named = name === undefined ? '' : `event:${space}${name}${end}`
    return `${named}data:${space}${data}${end}${end}`
  }

const streamBytes = ({ events }: Stream, space = ' ', end = '\n'): Uint8Array =>
  bytesOf(events.map(eventIn(space, end)).join(''))

const CROSSINGS = STREAMS.flatMap((stream) =>
  CLIENT_NAMES.filter((client) => client !== stream.format || stream.format === 'openai-chat').map(
    (client) => ({ ...stream, client }),
  ),
)

describe.each(CROSSINGS)('$format to $client', ({ client, ...stream }) => {
  const outOf = (chunks: readonly Uint8Array[]): string =>
    textOf(through(stageTo(client, stream.place), chunks))
  const whole = outOf([streamBytes(stream)])

  test.each([
    ['as they mostly come', ' ', '\n'],
    ['without spaces', '', '\n'],
    ['with the lines of Windows', ' ', '\r\n'],
    ['with the lines of old', '', '\r'],
  ])('#8 events %s say the same, wherever they are cut', (_, space, end) => {
    expect(whole).toContain(SAID)
    for (const chunks of splitsOf(streamBytes(stream, space, end))) {
      const out = outOf(chunks)
      if (out !== whole) expect(out).toBe(whole)
    }
  })
})

test.each(CROSSINGS.filter(({ format }) => format === 'gemini'))(
  '#5 a signature that is longer than what the network brings at once is whole to $client',
  ({ client, ...stream }) => {
    const outs = [...splitsOf(streamBytes(stream))].map((chunks) =>
      textOf(through(stageTo(client, stream.place), chunks)),
    )
    expect(new Set(outs).size).toBe(1)
    const [out = ''] = outs
    // Nothing in the upstream's own words, and the signature where this format has a place for it.
    expect(out).not.toMatch(/candidates|thoughtSignature|functionCall|responseId/)
    const wrapped = [...out.matchAll(/[\w-]{600,}/g)].map(([text]) =>
      Buffer.from(text.replace(/^.*__thought__/, ''), 'base64url').toString(),
    )
    expect([out, ...wrapped].join('\n')).toContain(SIGNATURE)
  },
)
