import type { ChatCompletion } from 'openai/resources'
import { describe, expect, test } from 'vitest'
import type { AssistantPart, ChatAnswer, Finish, Usage } from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { unpackToolCallId } from '../../../../src/core/tool-call-id.ts'
import { openAiChatClient } from '../../../../src/formats/openai-chat/client.ts'
import { contextOf } from './fixtures.ts'

const encoded = (answer: Partial<ChatAnswer>, members: JsonObject = {}): ChatCompletion =>
  JSON.parse(
    JSON.stringify(
      openAiChatClient.encodeAnswer(
        { content: [], finish: { reason: 'stop' }, ...answer },
        contextOf(members),
      ),
    ),
  ) as ChatCompletion
const messageOf = (...content: readonly AssistantPart[]): unknown =>
  encoded({ content }).choices[0]?.message
const idsOf = (answer: Partial<ChatAnswer>): readonly string[] =>
  (encoded(answer).choices[0]?.message.tool_calls ?? []).map(({ id }) => id)
const choiceOf = (finish: Finish): unknown => encoded({ finish }).choices[0]

describe('an answer', () => {
  test('has exactly the members of OpenAI’s', () => {
    expect(
      encoded({
        id: 'msg_1',
        model: 'model-2026',
        content: [{ kind: 'text', text: 'hello' }],
        usage: { inputTokens: 3, outputTokens: 2 },
        serviceTier: 'priority',
      }),
    ).toStrictEqual({
      id: 'msg_1',
      object: 'chat.completion',
      created: 1_795_000_000,
      model: 'model-2026',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'hello', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      service_tier: 'priority',
    })
  })

  test.each([[{}], [{ id: '', model: '' }]])('has an id and a model, given %j', (answer) => {
    expect(encoded(answer)).toMatchObject({ id: 'chatcmpl-0123456789', model: 'provider-model' })
  })

  test.each([
    ['default', 'default'],
    ['standard', 'default'],
    ['batch', undefined],
    [undefined, undefined],
  ])('of the tier %j is of %j', (serviceTier, expected) => {
    const answer = serviceTier === undefined ? {} : { serviceTier }
    expect(encoded(answer).service_tier).toBe(expected)
  })
})

describe('the message of an answer', () => {
  const refusal = { kind: 'refusal', text: 'no' } as const
  const call = { kind: 'tool-call', id: 'a', name: 'get', arguments: '{"x": 1}' } as const
  const encodedCall = {
    id: 'a',
    type: 'function',
    function: { name: 'get', arguments: '{"x": 1}' },
  }

  test.each([
    ['of nothing', [], { content: '', refusal: null }],
    [
      'of several texts, in one choice',
      [{ kind: 'text', text: 'a' }, call, { kind: 'text', text: ' b' }],
      { content: 'a b', refusal: null, tool_calls: [encodedCall] },
    ],
    ['that refuses', [refusal], { content: null, refusal: 'no' }],
    ['that only calls', [call], { content: null, refusal: null, tool_calls: [encodedCall] }],
    [
      'with arguments that are none',
      [{ ...call, arguments: '' }],
      {
        content: null,
        refusal: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'get', arguments: '{}' } }],
      },
    ],
    [
      'with reasoning',
      [
        { kind: 'reasoning', text: 'h' },
        { kind: 'reasoning', text: 'm' },
        { kind: 'text', text: 'a' },
      ],
      { content: 'a', refusal: null, reasoning_content: 'hm' },
    ],
    [
      'with reasoning and proofs',
      [
        {
          kind: 'reasoning',
          text: 'h',
          proof: { family: 'claude', kind: 'signature', value: 's=' },
        },
        {
          kind: 'reasoning',
          text: '',
          proof: { family: 'claude', kind: 'encrypted', value: 'e=' },
        },
        { kind: 'reasoning', text: 'm' },
        { kind: 'reasoning', text: '', proof: { family: 'gemini', kind: 'signature', value: 'g' } },
        {
          kind: 'reasoning',
          text: 'o',
          proof: { family: 'gpt', kind: 'encrypted', value: 'x' },
        },
        { kind: 'text', text: 'a' },
      ],
      {
        content: 'a',
        refusal: null,
        reasoning_content: 'hmo',
        thinking_blocks: [
          { type: 'thinking', thinking: 'h', signature: 's=' },
          { type: 'redacted_thinking', data: 'e=' },
          { type: 'thinking', thinking: 'm' },
          { type: 'thinking', thinking: '', signature: 'kwproof.gemini.g' },
          { type: 'thinking', thinking: 'o' },
          { type: 'redacted_thinking', data: 'kwproof.gpt.x' },
        ],
      },
    ],
    [
      'with nothing but a proof',
      [{ kind: 'reasoning', text: '', proof: { family: 'claude', kind: 'signature', value: 's' } }],
      {
        content: '',
        refusal: null,
        thinking_blocks: [{ type: 'thinking', thinking: '', signature: 's' }],
      },
    ],
  ] as const)('%s', (_, content, expected) => {
    expect(messageOf(...content)).toStrictEqual({ role: 'assistant', ...expected })
  })

  test('calls a tool that takes text by its text', () => {
    const tools = [{ type: 'custom', custom: { name: 'patch' } }]
    const content = [
      { kind: 'tool-call', id: 'a', name: 'patch', arguments: '{"input":"x\\ny"}' },
      { kind: 'tool-call', id: 'b', name: 'get', arguments: '{}' },
    ] as const
    expect(encoded({ content }, { tools }).choices[0]?.message.tool_calls).toStrictEqual([
      { id: 'a', type: 'custom', custom: { name: 'patch', input: 'x\ny' } },
      { id: 'b', type: 'function', function: { name: 'get', arguments: '{}' } },
    ])
  })

  test('#22 has ids that are plain, and carries what belongs to a call in them', () => {
    const proof = { family: 'gemini', kind: 'signature', value: 'c2ln' } as const
    const id = 'functions.get:0'
    const [first, second] = idsOf({
      content: [
        { ...call, id, proof },
        { ...call, id: 'b' },
      ],
    })
    expect(first).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(unpackToolCallId(first ?? '')).toEqual({ id, proof })
    expect(second).toBe('b')
  })

  test.each([
    ['', ''],
    ['{"x": "ab', '{"x": "ab'],
  ])('#3 shows the arguments of a call that was cut off, %j, as they are', (text, expected) => {
    const content = [{ ...call, arguments: text }]
    expect(encoded({ content, finish: { reason: 'length' } }).choices[0]).toMatchObject({
      finish_reason: 'length',
      message: { tool_calls: [{ function: { arguments: expected } }] },
    })
  })
})

describe('the end of an answer', () => {
  test.each([
    [{ reason: 'stop' }, { finish_reason: 'stop' }],
    [{ reason: 'stop-sequence' }, { finish_reason: 'stop' }],
    [
      { reason: 'stop-sequence', stopSequence: '\n\n' },
      { finish_reason: 'stop', stop_sequence: '\n\n' },
    ],
    [{ reason: 'tool-calls' }, { finish_reason: 'tool_calls' }],
    [{ reason: 'length' }, { finish_reason: 'length' }],
    [{ reason: 'content-filter' }, { finish_reason: 'content_filter' }],
    [{ reason: 'pause' }, { finish_reason: 'stop', paused: true }],
  ] as const)('#39 %j: %j', (finish, expected) => {
    const message = { role: 'assistant', content: '', refusal: null }
    expect(choiceOf(finish)).toStrictEqual({ index: 0, message, logprobs: null, ...expected })
  })
})

describe('#38 usage', () => {
  test.each<[Usage, object | undefined]>([
    [{}, undefined],
    [{ inputTokens: 3 }, undefined],
    [{ outputTokens: 3 }, undefined],
    [
      { inputTokens: 0, outputTokens: 0 },
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    ],
    // The input has the cache in it, the output the reasoning: nothing is added twice.
    [
      {
        inputTokens: 100,
        cachedInputTokens: 60,
        cacheWriteTokens: 30,
        cacheWriteHourTokens: 10,
        outputTokens: 50,
        reasoningTokens: 20,
      },
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
        completion_tokens_details: { reasoning_tokens: 20 },
      },
    ],
    [
      { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, reasoningTokens: 0 },
      {
        prompt_tokens: 1,
        completion_tokens: 1,
        total_tokens: 2,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    ],
  ])('of %j is %j', (usage, expected) => {
    expect(encoded({ usage }).usage).toStrictEqual(expected)
  })

  test('that nobody gave is left out', () => {
    expect(encoded({})).not.toHaveProperty('usage')
  })
})
