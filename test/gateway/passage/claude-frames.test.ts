import { describe, expect, test } from 'vitest'
import { claudeEventInFrame } from '../../../src/gateway/passage/claude-frames.ts'

const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64')

const frame = (payload: unknown, type = 'chunk') => ({
  messageType: 'event',
  type,
  payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
})

describe("Claude's event in one of Amazon's frames", () => {
  test('is named by its type and is byte for byte what was in it', () => {
    const data = '{"type":"content_block_delta","delta":{"text":"grüße 🎉"},"n":9007199254740993}'
    expect(claudeEventInFrame(frame({ bytes: base64(data), p: 'abcdef' }))).toEqual({
      name: 'content_block_delta',
      data,
    })
  })

  test("is without Amazon's own figures", () => {
    const event = {
      type: 'message_stop',
      'amazon-bedrock-invocationMetrics': { inputTokenCount: 1 },
    }
    expect(claudeEventInFrame(frame({ bytes: base64(event) }))).toEqual({
      name: 'message_stop',
      data: '{"type":"message_stop"}',
    })
  })

  test('is none in a frame that carries no chunk', () => {
    expect(claudeEventInFrame(frame({}, 'initial-response'))).toBeUndefined()
  })

  test.each([
    ['no JSON', 'canary'],
    ['no bytes', {}],
    ['bytes that are not text', { bytes: 1 }],
    ['bytes that are not base64', { bytes: '*canary*' }],
    ['bytes that are not JSON', { bytes: base64('canary') }],
    ['an event without a type', { bytes: base64({ canary: 1 }) }],
    ['an event that is a list', { bytes: base64([]) }],
  ])('is an error for %s, which is not repeated', (_, payload) => {
    expect(() => claudeEventInFrame(frame(payload))).toThrow(/^(?!.*canary)/)
    expect(() => claudeEventInFrame(frame(payload))).not.toThrow(/canary/)
  })
})
