import { describe, expect, test } from 'vitest'
import type { ChatFormat } from '../../../src/core/wire-format.ts'
import { bytesOf, join, splitsOf, textOf, through } from '../../streams/byte-streams.ts'
import { eventFrame, exceptionFrame } from '../../upstreams/dialects/aws-event-stream.ts'
import { stageTo } from './cross.ts'
import { CLIENT_NAMES, type Place, placeOf } from './places.ts'
import { CLIENT_READERS } from './recorded/read-by-sdk.ts'

/** A stream of each format: how it begins, a piece of its answer, and an error that its provider says. */
interface Failing {
  readonly place: Place
  readonly begun: Uint8Array
  readonly said: Uint8Array
  readonly failed: Uint8Array
}

const sse = (data: unknown, name?: string): Uint8Array =>
  bytesOf(`${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`)
const NOTHING = new Uint8Array(0)
const chunk = (delta: object) => sse({ id: 'c', model: 'm', choices: [{ index: 0, delta }] })

const FAILING: Readonly<Record<ChatFormat, Failing>> = {
  'openai-chat': {
    place: placeOf('openai', 'gpt-5.4', 'openai-chat'),
    begun: chunk({ role: 'assistant', content: '' }),
    said: chunk({ content: 'Half an ans' }),
    failed: sse({ error: { message: 'Too busy.', type: 'overloaded_error', code: null } }),
  },
  'openai-responses': {
    place: placeOf('openai', 'gpt-5.6-sol', 'openai-responses'),
    begun: sse({ type: 'response.created', response: { id: 'resp_1' } }, 'response.created'),
    said: sse(
      { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta: 'Half' },
      'response.output_text.delta',
    ),
    failed: sse(
      {
        type: 'response.failed',
        response: {
          status: 'failed',
          error: { code: 'server_overloaded', message: 'Too busy.' },
        },
      },
      'response.failed',
    ),
  },
  'anthropic-messages': {
    place: placeOf('anthropic', 'claude-opus-5-5', 'anthropic-messages'),
    begun: sse(
      { type: 'message_start', message: { id: 'msg_1', model: 'm', usage: { input_tokens: 1 } } },
      'message_start',
    ),
    said: join([
      sse(
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        'content_block_start',
      ),
      sse(
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Half' } },
        'content_block_delta',
      ),
    ]),
    failed: sse(
      { type: 'error', error: { type: 'overloaded_error', message: 'Too busy.' } },
      'error',
    ),
  },
  'bedrock-converse': {
    place: placeOf('bedrock', 'global.amazon.nova-2-lite-v1:0', 'bedrock-converse'),
    begun: eventFrame('messageStart', { role: 'assistant' }).bytes,
    said: eventFrame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Half' } }).bytes,
    failed: exceptionFrame('serviceUnavailableException', 'Too busy.').bytes,
  },
  gemini: {
    place: placeOf('google_vertex_ai', 'gemini-3.8-flash', 'gemini'),
    begun: NOTHING,
    said: sse({
      candidates: [{ index: 0, content: { role: 'model', parts: [{ text: 'Half' }] } }],
    }),
    failed: sse({ error: { code: 503, message: 'Too busy.', status: 'UNAVAILABLE' } }),
  },
}

const PAIRS = CLIENT_NAMES.flatMap((client) =>
  (Object.keys(FAILING) as ChatFormat[])
    .filter((format) => format !== client)
    .map((format) => ({ client, format })),
)

describe('an error that a provider says in its stream', () => {
  test.each(PAIRS)(
    '#6 of $format before its answer is a status for $client',
    ({ client, format }) => {
      const { place, begun, failed } = FAILING[format]
      const stage = stageTo(client, place)
      stage.next(join([begun, failed]))
      expect(stage.earlyFailure).toMatchObject({
        code: 'upstream_overloaded',
        message: 'Too busy.',
      })
    },
  )

  test.each(PAIRS)(
    '#6 #7 of $format within its answer is the last word to $client, wherever it is split',
    async ({ client, format }) => {
      const { place, begun, said, failed } = FAILING[format]
      const outs = new Set<string>()
      for (const reads of splitsOf(join([begun, said, failed]))) {
        const stage = stageTo(client, place)
        outs.add(textOf(through(stage, reads)))
        expect(stage.earlyFailure).toBeUndefined()
      }
      const [out = '', ...others] = outs
      expect(others).toEqual([])
      expect(out).toContain('Half')
      expect(CLIENT_READERS[client].failure(out)).toBe('Too busy.')
      await expect(CLIENT_READERS[client].stream(out)).rejects.toThrow('Too busy.')
    },
  )
})
