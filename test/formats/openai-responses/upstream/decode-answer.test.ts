import { describe, expect, test } from 'vitest'
import type { ChatAnswer } from '../../../../src/core/chat.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { openAiResponsesUpstream } from '../../../../src/formats/openai-responses/upstream.ts'
import { source } from './source.ts'

const TOOLS = source({ tools: [{ name: 'f' }, { name: 'patch', isFreeform: true }] })

const decode = (output: readonly unknown[], more: JsonObject = {}, from = TOOLS): ChatAnswer =>
  openAiResponsesUpstream.decodeAnswer(
    { id: 'resp_1', model: 'said', status: 'completed', output, ...more },
    from,
  )

const message = (...texts: readonly string[]): JsonObject => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  content: texts.map((text) => ({ type: 'output_text', text, annotations: [] })),
})
const call = (members: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'c',
  name: 'f',
  arguments: '{"a":1}',
  ...members,
})

test('a whole answer', () => {
  const usage = {
    input_tokens: 9,
    input_tokens_details: { cached_tokens: 3, cache_write_tokens: 2 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 14,
  }
  expect(decode([message('hi')], { usage, service_tier: 'flex' })).toEqual({
    id: 'resp_1',
    model: 'said',
    content: [{ kind: 'text', text: 'hi' }],
    finish: { reason: 'stop' },
    usage: {
      inputTokens: 9,
      cachedInputTokens: 3,
      cacheWriteTokens: 2,
      outputTokens: 5,
      reasoningTokens: 1,
    },
    serviceTier: 'flex',
  })
})

describe('items', () => {
  test.each<[unknown[], ChatAnswer['content']]>([
    // #27 One answer, however many messages, each a paragraph of it.
    [
      [message('plan'), message(''), message('answer', 'more')],
      [{ kind: 'text', text: 'plan\n\nanswermore' }],
    ],
    [
      [message('plan'), call(), message('answer')],
      [
        { kind: 'text', text: 'plan' },
        { kind: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}' },
        { kind: 'text', text: '\n\nanswer' },
      ],
    ],
    [
      [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }],
      [{ kind: 'refusal', text: 'no' }],
    ],
    [[call()], [{ kind: 'tool-call', id: 'c', name: 'f', arguments: '{"a":1}' }]],
    [[call({ arguments: '' })], [{ kind: 'tool-call', id: 'c', name: 'f', arguments: '' }]],
    [
      [{ type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'a"b' }],
      [{ kind: 'tool-call', id: 'c', name: 'patch', arguments: '{"input":"a\\"b"}' }],
    ],
    // A call that a host shows of a tool of its own.
    [[{ type: 'custom_tool_call', call_id: 'c', name: 'x_search', input: 'a' }], []],
    [
      [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'a' },
            { type: 'summary_text', text: '' },
            { type: 'summary_text', text: 'b' },
          ],
          encrypted_content: 'gAAA',
        },
      ],
      [
        {
          kind: 'reasoning',
          text: 'a\n\nb',
          proof: { family: 'gpt', kind: 'encrypted', value: 'gAAA' },
        },
      ],
    ],
    [
      [{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'a' }] }],
      [{ kind: 'reasoning', text: 'a' }],
    ],
    [[{ type: 'reasoning', summary: [], encrypted_content: null }], []],
    [[{ type: 'web_search_call' }, { type: 'new' }, null, 7], []],
    [[call({ call_id: 7 }), { type: 'message' }], []],
  ])('%j', (output, content) => {
    expect(decode(output).content).toEqual(content)
  })

  test("calls come back under the caller's names", () => {
    const name = `${'n'.repeat(70)}.x`
    const from = source({ tools: [{ name }] })
    const target = { model: 'm', profile: from.profile, compat: { changed() {}, refused() {} } }
    const body = openAiResponsesUpstream.encodeRequest(from.request, target)
    const [tool] = body['tools'] as { name: string }[]
    const answer = decode([call({ name: tool?.name })], {}, from)
    expect(answer.content).toMatchObject([{ name }])
  })
})

describe('what a model says on its way to an answer', () => {
  const phased = (phase: string | null, text: string): JsonObject => ({ ...message(text), phase })
  const said = [
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
    phased('commentary', 'I will check.'),
    phased('final_answer', '{"a":1}'),
  ]

  test.each([
    { kind: 'json' },
    { kind: 'json-schema', name: 'n', schema: { type: 'object' } },
  ] as const)('is reasoning where the answer is to be $kind', (outputFormat) => {
    expect(decode(said, {}, source({ tools: [], outputFormat })).content).toEqual([
      { kind: 'reasoning', text: 'hm\n\nI will check.' },
      { kind: 'text', text: '{"a":1}' },
    ])
  })

  test('is a paragraph of the answer where that is free text', () => {
    expect(decode(said).content).toEqual([
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'I will check.\n\n{"a":1}' },
    ])
  })
})

describe('how it ended', () => {
  test.each<[JsonObject, unknown[], string]>([
    [{}, [message('a')], 'stop'],
    [{}, [message('a'), call()], 'tool-calls'],
    [{ status: undefined }, [call()], 'tool-calls'],
    [
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      [call()],
      'length',
    ],
    [
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      [],
      'content-filter',
    ],
    [{ status: 'incomplete', incomplete_details: { reason: 'new' } }, [], 'length'],
    [{ status: 'incomplete', incomplete_details: null }, [], 'length'],
  ])('%j', (more, output, reason) => {
    expect(decode(output, more).finish).toEqual({ reason })
  })

  test.each<[JsonObject, string, number]>([
    [
      { status: 'failed', error: { code: 'server_error', message: 'broke' } },
      'upstream_error',
      502,
    ],
    [
      { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'broke' } },
      'rate_limited',
      429,
    ],
    [
      { status: 'failed', error: { code: 'invalid_image', message: 'broke' } },
      'invalid_request',
      400,
    ],
    [{ status: 'cancelled', error: { message: 'broke' } }, 'upstream_error', 502],
  ])('%j is no answer', (more, code, status) => {
    const error = expect.objectContaining({ code, status, message: 'broke' })
    expect(() => decode([], more)).toThrow(error)
  })

  test.each([{ output: null }, { output: {} }])('%j is none either', (more) => {
    expect(() => decode([], more)).toThrow(expect.objectContaining({ code: 'upstream_error' }))
  })
})

describe('#38 usage', () => {
  test.each<[unknown, unknown]>([
    [null, undefined],
    [undefined, undefined],
    [{ input_tokens: 5 }, { inputTokens: 5 }],
    [
      { input_tokens: 5, output_tokens: 0 },
      { inputTokens: 5, outputTokens: 0 },
    ],
    [{ input_tokens: 5, input_tokens_details: null, output_tokens: 'x' }, { inputTokens: 5 }],
    // xAI counts what its cache gave beside the input, now and then.
    [
      { input_tokens: 5, input_tokens_details: { cached_tokens: 7 } },
      { inputTokens: 12, cachedInputTokens: 7 },
    ],
  ])('%j', (usage, expected) => {
    expect(decode([], { usage }).usage).toEqual(expected)
  })
})
