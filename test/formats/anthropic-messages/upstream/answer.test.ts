import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import { thrownBy } from '../../../thrown-by.ts'
import { decode } from './claude.ts'

const message = (content: unknown, more: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-8',
  content,
  stop_reason: 'end_turn',
  stop_sequence: null,
  ...more,
})

describe('a whole answer', () => {
  test('has all its parts in their order', () => {
    const answer = decode(
      message(
        [
          { type: 'thinking', thinking: 'Well.', signature: 's' },
          { type: 'redacted_thinking', data: 'd' },
          { type: 'text', text: 'I ' },
          { type: 'text', text: 'look.', citations: [] },
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: [1, 'b'] } },
          { type: 'tool_use', id: 'toolu_2', name: 'look', input: {} },
        ],
        {
          stop_reason: 'tool_use',
          usage: {
            input_tokens: 1,
            cache_read_input_tokens: 2,
            output_tokens: 3,
            service_tier: 'standard',
          },
        },
      ),
    )
    expect(answer).toEqual({
      id: 'msg_1',
      model: 'claude-opus-4-8',
      content: [
        {
          kind: 'reasoning',
          text: 'Well.',
          proof: { family: 'claude', kind: 'signature', value: 's' },
        },
        { kind: 'reasoning', text: '', proof: { family: 'claude', kind: 'encrypted', value: 'd' } },
        { kind: 'text', text: 'I look.' },
        { kind: 'tool-call', id: 'toolu_1', name: 'look', arguments: '{"at":[1,"b"]}' },
        { kind: 'tool-call', id: 'toolu_2', name: 'look', arguments: '{}' },
      ],
      finish: { reason: 'tool-calls' },
      usage: { inputTokens: 3, cachedInputTokens: 2, outputTokens: 3 },
      serviceTier: 'default',
    })
  })

  test('without usage has none', () => {
    expect(decode(message([]))).toEqual({
      id: 'msg_1',
      model: 'claude-opus-4-8',
      content: [],
      finish: { reason: 'stop' },
    })
  })

  test('that met a stop sequence says which', () => {
    const stopped = message([], { stop_reason: 'stop_sequence', stop_sequence: 'END' })
    expect(decode(stopped).finish).toEqual({ reason: 'stop-sequence', stopSequence: 'END' })
  })

  test('#39 that was refused says why', () => {
    const stop_details = { type: 'refusal', category: null, explanation: 'Not this.' }
    const refused = decode(message([], { stop_reason: 'refusal', stop_details }))
    expect(refused.content).toEqual([{ kind: 'refusal', text: 'Not this.' }])
    expect(refused.finish).toEqual({ reason: 'content-filter' })
  })

  test.each([
    [{}],
    [{ content: 'text' }],
    [{ type: 'error', error: { type: 'api_error', message: 'No.' } }],
    [{ choices: [] }],
  ])('is not %j', (body) => {
    const error = thrownBy(() => decode(body))
    expect(error).toBeInstanceOf(GatewayError)
    expect(error).toMatchObject({ code: 'upstream_error' })
  })

  test('takes blocks that make no sense without harm', () => {
    expect(
      decode(message([null, 1, {}, { type: 'text' }, { type: 'thinking' }, { type: 'tool_use' }]))
        .content,
    ).toEqual([])
  })
})
