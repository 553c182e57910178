import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../src/core/errors.ts'
import { anthropicStream } from '../../src/formats/anthropic-messages/stream.ts'
import { geminiStream } from '../../src/formats/gemini/stream.ts'
import { openAiChatStream } from '../../src/formats/openai-chat/stream.ts'
import { openAiResponsesStream } from '../../src/formats/openai-responses/stream.ts'

const dialects = {
  'openai-chat': openAiChatStream,
  'openai-responses': openAiResponsesStream,
  'anthropic-messages': anthropicStream,
  gemini: geminiStream,
}
const error = new GatewayError('upstream_error', 'line one\nline two "quoted"', { param: 'x' })

describe('the last event of a dialect is known', () => {
  test.each([
    ['openai-chat', '', '[DONE]', true],
    ['openai-chat', '', '{"error":{"message":"x"}}', true],
    ['openai-chat', '', ' { "error" : "x" }', true],
    ['openai-chat', '', '{"choices":[{"finish_reason":"stop"}]}', false],
    ['openai-chat', '', '{"choices":[{"delta":{"content":"{\\"error\\":[DONE]"}}]}', false],
    ['openai-chat', '', '', false],
    ['openai-responses', 'response.completed', '{}', true],
    ['openai-responses', 'response.incomplete', '{}', true],
    ['openai-responses', 'response.failed', '{}', true],
    ['openai-responses', 'response.cancelled', '{}', true],
    ['openai-responses', 'response.done', '{}', true],
    ['openai-responses', '', '{"type":"response.done"}', true],
    ['openai-responses', 'error', '{}', true],
    ['openai-responses', '', '{"type":"response.completed"}', true],
    ['openai-responses', '', ' { "type" : "error" }', true],
    ['openai-responses', 'response.output_text.done', '{"type":"response.completed"}', false],
    ['openai-responses', 'response.completed.not', '{}', false],
    ['openai-responses', '', '{"delta":"{\\"type\\":\\"error\\""}', false],
    ['anthropic-messages', 'message_stop', '{}', true],
    ['anthropic-messages', 'error', '{}', true],
    ['anthropic-messages', 'message_delta', '{"delta":{"stop_reason":"end_turn"}}', false],
    ['anthropic-messages', 'ping', '{}', false],
    ['gemini', '', '{"candidates":[{"finishReason":"STOP"}]}', true],
    ['gemini', '', '{"candidates":[{"finishReason" : "MAX_TOKENS"}]}', true],
    ['gemini', '', '{"promptFeedback":{"blockReason":"SAFETY"}}', true],
    ['gemini', '', '{"error":{"code":503}}', true],
    [
      'gemini',
      '',
      '{"candidates":[{"content":{"parts":[{"text":"\\"finishReason\\": \\"STOP\\""}]}}]}',
      false,
    ],
    ['gemini', '', '{"candidates":[{"content":{}}]}', false],
  ] as const)('%s %j %j: %s', (dialect, name, data, expected) => {
    const known = dialects[dialect]
    expect(known.isLast({ name, data })).toBe(expected)
    // Text without the marks is not read at all: whatever matters must bear one.
    const isMarked = known.marks.some((mark) => `${name}\n${data}`.includes(mark))
    expect(isMarked || (!expected && known.errorIn({ name, data }) === undefined)).toBe(true)
  })
})

describe('a failure in a stream', () => {
  test.each([
    [
      'openai-chat',
      '',
      {
        error: { message: error.message, type: 'server_error', code: 'upstream_error', param: 'x' },
      },
    ],
    [
      'openai-responses',
      'error',
      { type: 'error', code: 'upstream_error', message: error.message, param: 'x' },
    ],
    [
      'anthropic-messages',
      'error',
      { type: 'error', error: { type: 'api_error', message: error.message }, request_id: 'req_1' },
    ],
    ['gemini', '', { error: { code: 502, message: error.message, status: 'INTERNAL' } }],
  ] as const)('of %s is one whole event', (dialect, name, data) => {
    const text = dialects[dialect].failure(error, 'req_1')
    const [, eventName = '', json = ''] = /^(?:event: (\w+)\n)?data: (.*)\n\n$/.exec(text) ?? []
    expect(eventName).toBe(name)
    expect(JSON.parse(json)).toEqual(data)
  })

  test.each(Object.entries(dialects))('of %s is its last word, and no good one', (_, dialect) => {
    const text = dialect.failure(error, 'req_1')
    const [, name = '', data = ''] = /^(?:event: (\w+)\n)?data: (.*)\n\n$/.exec(text) ?? []
    expect(dialect.isLast({ name, data })).toBe(true)
    expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed|finishReason|finish_reason/)
  })
})
