import { describe, expect, test } from 'vitest'
import type { AssistantPart, ChatAnswer, FinishReason, Usage } from '../../../../src/core/chat.ts'
import { answerOf, CONTEXT, encode, outputOf } from './answer.ts'
import { decode } from './request.ts'

const text = (value: string): AssistantPart => ({ kind: 'text', text: value })
const call = (name: string, args: string, id = 'c'): AssistantPart => ({
  kind: 'tool-call',
  id,
  name,
  arguments: args,
})

test.each([
  ['flex', 'flex'],
  ['standard', 'default'],
  ['reserved', 'default'],
])('a tier that a provider calls %j is %j', (serviceTier, expected) => {
  expect(encode(answerOf([text('hi')], { serviceTier }))).toMatchObject({ service_tier: expected })
})

test('a whole Response object', () => {
  const usage: Usage = {
    inputTokens: 10,
    cachedInputTokens: 4,
    outputTokens: 5,
    reasoningTokens: 2,
  }
  const context = { ...CONTEXT, request: decode({}) }
  expect(encode(answerOf([text('hi')], { model: 'said-model', usage }), context)).toEqual({
    id: 'resp_1',
    object: 'response',
    created_at: 1700,
    status: 'completed',
    completed_at: null,
    error: null,
    incomplete_details: null,
    model: 'said-model',
    service_tier: 'default',
    output: [
      {
        id: 'msg_1_0',
        type: 'message',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'hi', annotations: [], logprobs: [] }],
      },
    ],
    usage: {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 2 },
      total_tokens: 15,
    },
    access_programs: null,
    background: false,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    parallel_tool_calls: true,
    previous_response_id: null,
    prompt_cache_key: null,
    prompt_cache_retention: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    store: false,
    temperature: 1,
    text: { format: { type: 'text' }, verbosity: 'medium' },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    user: null,
  })
})

test('what the request said is repeated', () => {
  const members = {
    instructions: 'be kind',
    max_output_tokens: 9,
    metadata: { a: 'b' },
    parallel_tool_calls: false,
    prompt_cache_key: 'k',
    temperature: 0,
    tool_choice: { type: 'function', name: 'f' },
    tools: [{ type: 'function', name: 'f', parameters: null, strict: true }],
    top_p: 0.5,
    truncation: 'auto',
    user: 'u',
  }
  const request = decode({
    ...members,
    reasoning: { effort: 'high' },
    text: { verbosity: 'low' },
    store: true,
  })
  expect(encode(answerOf([]), { ...CONTEXT, request })).toMatchObject({
    ...members,
    reasoning: { effort: 'high', summary: null },
    text: { format: { type: 'text' }, verbosity: 'low' },
    store: false,
    model: 'asked-model',
  })
})

describe('items', () => {
  test('texts and refusals that follow each other are one message', () => {
    expect(
      outputOf([text('a'), text('b'), { kind: 'refusal', text: 'no' }, text('c')]),
    ).toMatchObject([
      {
        content: [
          { type: 'output_text', text: 'ab' },
          { type: 'refusal', refusal: 'no' },
          { type: 'output_text', text: 'c' },
        ],
      },
    ])
  })

  test('reasoning is shown as a summary, and packed for callers who give back nothing else', () => {
    const [item] = outputOf([{ kind: 'reasoning', text: 'hm' }])
    expect(item).toEqual({
      id: 'rs_1_0',
      type: 'reasoning',
      status: 'completed',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: expect.stringMatching(/^kwreason\./),
    })
  })

  test("OpenAI's own proof is bare, and other's wrapped", () => {
    const items = outputOf([
      {
        kind: 'reasoning',
        text: '',
        proof: { family: 'gpt', kind: 'encrypted', value: 'gAAA' },
      },
      { kind: 'reasoning', text: '', proof: { family: 'claude', kind: 'signature', value: 'x' } },
      { kind: 'reasoning', text: '' },
    ])
    expect(items).toMatchObject([
      { type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
      { type: 'reasoning', summary: [], encrypted_content: expect.stringMatching(/^kwreason\./) },
    ])
    expect(items).toHaveLength(2)
  })

  test.each<[AssistantPart, object]>([
    [
      call('f', '{"a":1}'),
      { id: 'fc_1_0', type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' },
    ],
    [call('f', ''), { arguments: '{}' }],
    [
      call('patch', '{"input":"a\\nb"}'),
      { id: 'ctc_1_0', type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'a\nb' },
    ],
    [call('patch', ''), { type: 'custom_tool_call', input: '' }],
    [call('ns__g', '{}'), { type: 'function_call', namespace: 'ns', name: 'g' }],
    [call('stranger', '{}'), { type: 'function_call', name: 'stranger' }],
    [call('f', '{}', 'functions.f:0'), { call_id: 'kwid_ZnVuY3Rpb25zLmY6MA' }],
  ])('%j', (part, item) => {
    expect(outputOf([part])).toMatchObject([{ status: 'completed', ...item }])
  })

  test('empty content has no items', () => {
    expect(outputOf([text(''), { kind: 'refusal', text: '' }])).toEqual([])
  })
})

describe('how an answer ended', () => {
  test.each<[FinishReason, string, object | null]>([
    ['stop', 'completed', null],
    ['stop-sequence', 'completed', null],
    ['tool-calls', 'completed', null],
    ['pause', 'completed', null],
    ['length', 'incomplete', { reason: 'max_output_tokens' }],
    // #39 The same as in a stream.
    ['content-filter', 'incomplete', { reason: 'content_filter' }],
  ])('%s', (reason, status, incomplete_details) => {
    const response = encode(answerOf([text('a')], { finish: { reason } }))
    expect(response).toMatchObject({ status, incomplete_details, output: [{ status }] })
  })

  test('#3 arguments that were cut off stay as they are', () => {
    const finish = { reason: 'length' } as const
    const calls = [call('f', '', 'a'), call('f', '{"a', 'b')]
    expect(outputOf(calls, { finish })).toMatchObject([
      { status: 'completed', arguments: '{}' },
      { status: 'incomplete', arguments: '{"a' },
    ])
    expect(outputOf([call('f', '')], { finish })).toMatchObject([{ arguments: '' }])
  })
})

describe('#38 usage', () => {
  const usageOf = (usage: ChatAnswer['usage']): unknown =>
    encode(answerOf([], usage === undefined ? {} : { usage }))['usage']
  test.each<[Usage | undefined, unknown]>([
    [undefined, null],
    [{}, null],
    [{ inputTokens: 1 }, null],
    [
      { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 30, outputTokens: 9 },
      {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
        output_tokens: 9,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 109,
      },
    ],
  ])('%j', (usage, expected) => {
    expect(usageOf(usage)).toEqual(expected)
  })
})
