import { describe, expect, test } from 'vitest'
import { memberReader } from '../../src/core/json-members.ts'
import type { StreamDialect } from '../../src/core/wire-format.ts'
import { anthropicStream } from '../../src/formats/anthropic-messages/stream.ts'
import { geminiStream } from '../../src/formats/gemini/stream.ts'
import { openAiChatStream } from '../../src/formats/openai-chat/stream.ts'
import { askForUsage, isUsageChunk } from '../../src/formats/openai-chat/usage-chunk.ts'
import { openAiResponsesStream } from '../../src/formats/openai-responses/stream.ts'
import { openAiChatProfile } from '../../src/providers/models/openai.ts'

type Told = readonly (readonly [name: string, data: unknown])[]

const CHAT_USAGE = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 30 },
}

/** Events as the dialect tells them, and all that is known when they are over. */
const STREAMS: readonly (readonly [string, StreamDialect, Told, object])[] = [
  [
    'chat',
    openAiChatStream,
    [
      ['', { model: 'gpt', choices: [{}], usage: null }],
      [
        '',
        { model: 'gpt', choices: [{ delta: { content: '\\"prompt_tokens\\": 7' } }], usage: null },
      ],
      ['', { model: 'gpt', choices: [], usage: CHAT_USAGE }],
    ],
    {
      usage: { inputTokens: 100, cachedInputTokens: 30, outputTokens: 20 },
      model: 'gpt',
    },
  ],
  [
    'chat where reasoning is counted beside the completion',
    openAiChatStream,
    [
      [
        '',
        {
          choices: [],
          usage: {
            prompt_tokens: 10,
            completion_tokens: 5,
            total_tokens: 22,
            completion_tokens_details: { reasoning_tokens: 7 },
          },
        },
      ],
    ],
    { usage: { inputTokens: 10, outputTokens: 12, reasoningTokens: 7 } },
  ],
  [
    'responses',
    openAiResponsesStream,
    [
      ['response.created', { type: 'response.created', response: { model: 'x', usage: null } }],
      [
        'response.completed',
        {
          type: 'response.completed',
          response: { model: 'gpt', usage: { input_tokens: 100, output_tokens: 20 } },
        },
      ],
    ],
    { usage: { inputTokens: 100, outputTokens: 20 }, model: 'gpt' },
  ],
  [
    'messages',
    anthropicStream,
    [
      [
        'message_start',
        {
          message: {
            model: 'claude',
            usage: {
              input_tokens: 60,
              cache_read_input_tokens: 30,
              cache_creation_input_tokens: 10,
            },
          },
        },
      ],
      ['message_delta', { usage: { output_tokens: 20 } }],
    ],
    {
      usage: {
        inputTokens: 100,
        cachedInputTokens: 30,
        cacheWriteTokens: 10,
        outputTokens: 20,
      },
    },
  ],
  [
    'gemini',
    geminiStream,
    [
      ['', { modelVersion: 'gemini', usageMetadata: { promptTokenCount: 100 } }],
      ['', { usageMetadata: { candidatesTokenCount: 13, thoughtsTokenCount: 7 } }],
    ],
    { usage: { inputTokens: 100, outputTokens: 20, reasoningTokens: 7 } },
  ],
]

describe.each(STREAMS)('%s', (_, dialect, events, told) => {
  test('a stream tells its tokens', () => {
    const read = dialect.usageReader()
    const all = events.map(([name, data]) => read({ name, data: JSON.stringify(data) }))
    expect(all.findLast((one) => one !== undefined)).toEqual(told)
  })

  test('every event that does, but for the first, holds a mark', () => {
    const marks = [...dialect.marks, ...dialect.usageMarks]
    const read = dialect.usageReader()
    for (const [at, [name, data]] of events.entries()) {
      const text = `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
      const tells = read({ name, data: JSON.stringify(data) })?.usage !== undefined
      if (tells && at > 0) expect(marks.some((mark) => text.includes(mark))).toBe(true)
    }
  })

  test('what makes no sense tells nothing', () => {
    const read = dialect.usageReader()
    for (const data of ['', '{', 'null', '[]', '{"usage":7}', '{"usage":{"prompt_tokens":"7"}}']) {
      for (const name of ['', 'message_start', 'message_delta', 'response.completed'])
        expect(read({ name, data })?.usage).toBeUndefined()
    }
  })
})

describe('a whole answer', () => {
  test.each([
    [openAiChatStream, { usage: CHAT_USAGE, model: 'm' }],
    [openAiResponsesStream, { usage: { input_tokens: 100 }, model: 'm' }],
    [anthropicStream, { usage: { input_tokens: 100 }, model: 'm' }],
    [geminiStream, { usageMetadata: { promptTokenCount: 100 }, modelVersion: 'm' }],
  ])('tells its tokens by its members', (dialect, body: Record<string, unknown>) => {
    const told = dialect.usageOfAnswer((name) => body[name])
    expect(told).toMatchObject({ usage: { inputTokens: 100 }, model: 'm' })
    expect(dialect.usageOfAnswer(() => null)).toEqual({})
  })

  test.each([
    ['{"data":[[1,2],{"usage":1}],"usage":{"a":[1]},"x":"\\"usage\\":2"}', '{"a":[1]}'],
    ['{"usage":1,"usage":2}', '2'],
    ['{"a":1}', undefined],
    ['', undefined],
    ['nonsense', undefined],
    ['{"usage', undefined],
    ['[{"usage":1}]', '1'],
    ['<html>{}</html>', undefined],
  ])('of %j has the member %j', (text, member) => {
    expect(memberReader(text)('usage')).toBe(member)
  })
})

describe('asking for the usage of a stream', () => {
  const profile = openAiChatProfile('gpt-4.1')

  test('keeps what the caller said beside it', () => {
    const body = { stream: true, stream_options: { include_obfuscation: false } }
    expect(askForUsage(body, profile)).toEqual({
      set: { stream_options: { include_obfuscation: false, include_usage: true } },
    })
    expect(askForUsage({ stream: true, stream_options: null }, profile)).toBeDefined()
  })

  test.each([
    [{}],
    [{ stream: false }],
    [{ stream: true, stream_options: { include_usage: true } }],
  ])('is not done for %j', (body) => {
    expect(askForUsage(body, profile)).toBeUndefined()
  })

  test('is not done where nobody knows whether the host understands it', () => {
    const members = { ...profile.members, streamOptions: 'if-asked' as const }
    expect(askForUsage({ stream: true }, { members })).toBeUndefined()
  })

  test.each([
    [{ choices: [], usage: CHAT_USAGE }, true],
    [{ choices: [{ delta: {} }], usage: CHAT_USAGE }, false],
    [{ choices: [], usage: null }, false],
    [{ choices: [], prompt_filter_results: [] }, false],
  ])('the answer to it is the chunk %j: %s', (chunk, isIt) => {
    expect(isUsageChunk({ name: '', data: JSON.stringify(chunk) })).toBe(isIt)
  })
})
