import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import type { JsonObject } from '../../../../src/core/parse.ts'
import { adaptAnswer, chunkAdapter } from '../../../../src/formats/openai-chat/flavour.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { azureChatProfile } from '../../../../src/providers/models/openai.ts'
import { privateChatProfile } from '../../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { zaiChatProfile } from '../../../../src/providers/models/zai.ts'
import { adaptedChunks, answerOf, chunk, plain, type Wire } from './support.ts'

const mistral = mistralChatProfile('mistral-large-4-0')
const deepseek = deepseekChatProfile('deepseek-v4-pro')
const grok = xaiChatProfile('grok-4.7')
const own = privateChatProfile({})
const azure = azureChatProfile('gpt-6-sol')
const USAGE = { stream_options: { include_usage: true } }
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }

const adapted = (body: JsonObject, profile = own): Wire =>
  adaptAnswer(body, {
    profile,
    body: { model: 'asked' },
    requestId: 'req_1',
    createdSeconds: 5,
  }) as unknown as Wire

describe('a whole answer', () => {
  test('gets what OpenAI’s always have, and keeps what the host adds', () => {
    const body = {
      usage: null,
      choices: [{ message: { content: 'a' }, finish_reason: 'stop' }],
      made_up: [1],
    }
    expect(adapted(body)).toEqual({
      id: 'chatcmpl-req_1',
      object: 'chat.completion',
      created: 5,
      model: 'asked',
      made_up: [1],
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'a', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    })
  })

  test('says null where there is nothing, and when it came', () => {
    const body = { id: '', created: 0, model: '', choices: [{ message: { refusal: 'No.' } }] }
    const answer = adapted(body)
    expect(answer).toMatchObject({ id: 'chatcmpl-req_1', created: 5, model: 'asked' })
    expect(answer.choices[0].message).toEqual({ role: 'assistant', content: null, refusal: 'No.' })
  })

  test('that is exact already stays as it is', () => {
    const message = { role: 'assistant', content: 'a', refusal: null }
    const exact = answerOf({}, 'stop', {
      choices: [{ index: 0, message, logprobs: { content: [] }, finish_reason: 'stop' }],
      usage,
      system_fingerprint: 'x',
    })
    expect(adapted(exact)).toEqual(exact)
  })

  test('#15 content in parts is text, with its reasoning beside it', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'a' },
      { type: 'reference', reference_ids: [1] },
      { type: 'text', text: 'b' },
    ]
    expect(adapted(answerOf({ content }), mistral).choices[0].message).toEqual({
      role: 'assistant',
      content: 'ab',
      refusal: null,
      reasoning_content: 'hm',
    })
  })

  test('#13 reasoning is found under the name that callers know', () => {
    expect(adapted(answerOf({ content: 'a', reasoning: 'hm' })).choices[0].message).toMatchObject({
      reasoning: 'hm',
      reasoning_content: 'hm',
    })
  })

  test('calls get ids, types and arguments that are text', () => {
    const tool_calls = [
      { id: 'gSIMJiOkT', function: { name: 'look', arguments: '{"at":1}' } },
      { id: '', function: { name: 'look', arguments: { at: 2 } } },
      { function: { name: 'look', arguments: '' } },
    ]
    const { message, finish_reason } = adapted(answerOf({ tool_calls, content: '' })).choices[0]
    expect(finish_reason).toBe('tool_calls')
    expect(message.content).toBe('')
    expect(message.tool_calls).toMatchObject([
      { id: 'gSIMJiOkT', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
      { type: 'function', function: { name: 'look', arguments: '{"at":2}' } },
      { type: 'function', function: { name: 'look', arguments: '{}' } },
    ])
    expect(new Set(message.tool_calls.map(({ id }) => id)).size).toBe(3)
    expect(
      adapted(answerOf({ content: 'a', tool_calls: null })).choices[0].message,
    ).not.toHaveProperty('tool_calls')
  })

  test('#16 all choices are kept', () => {
    const choices = [0, 1, 2].map((index) => ({
      index,
      message: { content: `${index}` },
      finish_reason: 'sensitive',
    }))
    const body = adapted({ choices }, zaiChatProfile('glm-5.3'))
    expect(body.choices.map((one) => [one.index, one.message.content, one.finish_reason])).toEqual([
      [0, '0', 'content_filter'],
      [1, '1', 'content_filter'],
      [2, '2', 'content_filter'],
    ])
  })

  test.each([
    [
      'xAI’s',
      grok,
      {
        prompt_tokens: 12,
        completion_tokens: 1,
        total_tokens: 303,
        prompt_tokens_details: { text_tokens: 12, cached_tokens: 40 },
        completion_tokens_details: { reasoning_tokens: 290 },
        cost_in_usd_ticks: 7,
      },
      {
        prompt_tokens: 12,
        completion_tokens: 291,
        total_tokens: 303,
        prompt_tokens_details: { text_tokens: 12, cached_tokens: 12 },
        completion_tokens_details: { reasoning_tokens: 290 },
        cost_in_usd_ticks: 7,
      },
    ],
    [
      'DeepSeek’s',
      deepseek,
      {
        prompt_tokens: 12,
        completion_tokens: 5,
        total_tokens: 17,
        prompt_cache_hit_tokens: 8,
        prompt_cache_miss_tokens: 4,
      },
      {
        prompt_tokens: 12,
        completion_tokens: 5,
        total_tokens: 17,
        prompt_tokens_details: { cached_tokens: 8 },
        prompt_cache_hit_tokens: 8,
        prompt_cache_miss_tokens: 4,
      },
    ],
    [
      'Mistral’s',
      mistral,
      { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17, num_cached_tokens: 8 },
      {
        prompt_tokens: 12,
        completion_tokens: 5,
        total_tokens: 17,
        prompt_tokens_details: { cached_tokens: 8 },
        num_cached_tokens: 8,
      },
    ],
    [
      'one without a total',
      own,
      { prompt_tokens: 1, completion_tokens: 2 },
      { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    ],
    ['half of one', own, { prompt_tokens: 1 }, { prompt_tokens: 1 }],
  ])('#38 usage: %s', (_, profile, given, expected) => {
    expect(adapted(answerOf({ content: 'a' }, 'stop', { usage: given }), profile).usage).toEqual(
      expected,
    )
  })

  test.each([
    [{ error: { message: 'bad', code: 5 } }],
    [{ detail: 'x' }],
    [{ choices: [] }],
    [answerOf({}, 'error')],
  ])('%j is none', (body) => {
    expect(() => adapted(body)).toThrow(GatewayError)
  })
})

describe('a stream', () => {
  test('gets what OpenAI’s always have, in every chunk', () => {
    const chunks = adaptedChunks(
      [
        { choices: [{ delta: { content: 'a' } }], model: 'm', extra: 1 },
        { choices: [{ delta: {}, finish_reason: 'model_length' }], usage },
      ],
      mistral,
    )
    const head = { id: 'chatcmpl-req_1', object: 'chat.completion.chunk', created: 5, model: 'm' }
    expect(chunks).toEqual([
      {
        ...head,
        extra: 1,
        choices: [{ index: 0, delta: { role: 'assistant', content: 'a' }, finish_reason: null }],
      },
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'length' }] },
    ])
  })

  test.each(['', 'null'])('that says in each piece that its end is %j has come to none', (none) => {
    const chunks = adaptedChunks([chunk({ content: 'a' }, none), chunk({}, 'length')], own)
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'length'])
  })

  test('tells its usage last, and to whom asked for it', () => {
    const given = [
      chunk({ content: 'a' }, undefined, { usage: null }),
      chunk({}, 'stop', { usage }),
    ]
    expect(adaptedChunks(given, mistral).map((one) => one.usage)).toEqual([undefined, undefined])
    const asked = adaptedChunks(given, mistral, USAGE)
    expect(asked.map((one) => one.usage)).toEqual([null, null, usage])
    expect(asked[2]).toMatchObject({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      choices: [],
    })
    const apart = [chunk({ content: 'a' }, 'stop'), { id: 'chatcmpl-1', choices: [], usage }]
    expect(adaptedChunks(apart, deepseek, USAGE).map((one) => one.usage)).toEqual([null, usage])
    expect(adaptedChunks(apart, deepseek)).toHaveLength(1)
    expect(adaptedChunks([chunk({ content: 'a' }, 'stop')], own, USAGE)).toHaveLength(1)
  })

  test('passes what is in shape already as it is, once a choice has begun', () => {
    const adapter = chunkAdapter({
      profile: deepseek,
      body: USAGE,
      requestId: 'r',
      createdSeconds: 5,
    })
    const shaped = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
      ...chunk({}),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
      usage: null,
      ...more,
    })
    const passes = (one: JsonObject): boolean => adapter.next(one) === one
    expect(passes(shaped({ content: 'a' }))).toBe(false)
    expect(passes(shaped({ content: 'a' }))).toBe(true)
    expect(passes(shaped({ content: null, reasoning_content: 'a' }))).toBe(true)
    expect(passes(shaped({ reasoning: 'a', reasoning_content: 'a' }))).toBe(true)
    expect(passes(shaped({ reasoning: 'a' }))).toBe(false)
    expect(passes(shaped({ content: [] }))).toBe(false)
    expect(passes(shaped({ tool_calls: [] }))).toBe(false)
    expect(passes(shaped({ content: 'a' }, { usage }))).toBe(false)
    for (const strange of [{ id: 'x' }, { created: 1 }, { model: 'x' }, { object: 'x' }]) {
      expect(passes(shaped({ content: 'a' }, strange))).toBe(false)
    }
    expect(passes({ ...chunk({ content: 'a' }), usage: null })).toBe(false)
    const other = { index: 1, delta: { content: 'a' }, finish_reason: null }
    expect(passes({ ...chunk({}), choices: [other] })).toBe(false)
    expect(passes({ ...chunk({}), choices: [other] })).toBe(true)
  })

  test('that has no calls ends as the host says', () => {
    const [, last] = adaptedChunks([chunk({ content: 'a' }), chunk({}, 'stop')], own)
    expect(last.choices[0].finish_reason).toBe('stop')
  })

  test('#14 tells a name that comes late as soon as it is there', () => {
    const delta = (call: JsonObject) => chunk({ tool_calls: [{ index: 0, ...call }] })
    const chunks = adaptedChunks(
      [
        delta({ id: 'a', function: { arguments: '' } }),
        delta({ function: { name: 'look' } }),
        delta({ function: { name: 'look', arguments: '{}' } }),
      ],
      own,
    )
    expect(chunks.map(({ choices }) => choices[0].delta.tool_calls[0])).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: '', arguments: '' } },
      { index: 0, function: { name: 'look', arguments: '' } },
      { index: 0, function: { arguments: '{}' } },
    ])
  })

  test('#13 #15 has text and reasoning as strings', () => {
    const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }
    const deltas = adaptedChunks(
      [
        chunk({ content: [thinking] }),
        chunk({ content: [{ type: 'text', text: 'a' }] }),
        chunk({ reasoning: 'x', content: null }),
      ],
      mistral,
    ).map((one) => one.choices[0].delta)
    expect(deltas).toEqual([
      { role: 'assistant', content: '', reasoning_content: 'hm' },
      { content: 'a' },
      { content: null, reasoning: 'x', reasoning_content: 'x' },
    ])
  })

  test('#14 #15 has calls with index, id and type', () => {
    const delta = (...tool_calls: readonly unknown[]) => chunk({ content: null, tool_calls })
    const look = (more: object, args?: string) => ({
      ...more,
      function: { name: 'look', ...(args === undefined ? {} : { arguments: args }) },
    })
    const chunks = adaptedChunks(
      [
        delta(look({ id: 'a' }, '{"at":1}'), look({ id: 'b' }, '{"at"')),
        delta({ function: { arguments: ':2}' } }),
        delta(look({ id: '' }, '{"at":3}')),
        delta(look({ id: '' })),
        chunk({ tool_calls: null }, 'stop'),
      ],
      own,
    )
    const deltas = chunks.map((one) => one.choices[0].delta.tool_calls)
    expect(deltas[0]).toEqual([
      { index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
      { index: 1, id: 'b', type: 'function', function: { name: 'look', arguments: '{"at"' } },
    ])
    expect(deltas[1]).toEqual([{ index: 1, function: { arguments: ':2}' } }])
    expect(deltas[2]).toEqual([
      {
        index: 2,
        id: expect.stringMatching(/^call_\w{9}$/),
        type: 'function',
        function: { name: 'look', arguments: '{"at":3}' },
      },
    ])
    expect(deltas[3]).toEqual([{ index: 2, function: { arguments: '' } }])
    expect(deltas[4]).toBeUndefined()
    expect(chunks[4].choices[0].finish_reason).toBe('tool_calls')
  })

  test('#16 keeps all choices, each with calls of its own', () => {
    const call = (index: number) => ({
      index,
      delta: { tool_calls: [{ function: { name: 'look', arguments: '{}' } }] },
    })
    const chunks = adaptedChunks(
      [
        { choices: [call(0), call(1)] },
        {
          choices: [
            { index: 1, delta: {}, finish_reason: 'stop' },
            { index: 0, delta: {}, finish_reason: 'stop' },
          ],
        },
      ],
      own,
    )
    const [first, second] = chunks[0].choices
    expect(first.delta.tool_calls[0].index).toBe(0)
    expect(second.delta.tool_calls[0].index).toBe(0)
    expect(first.delta.tool_calls[0].id).not.toBe(second.delta.tool_calls[0].id)
    expect(chunks[1].choices.map((one) => [one.index, one.finish_reason])).toEqual([
      [1, 'tool_calls'],
      [0, 'tool_calls'],
    ])
  })

  test('#9 of Azure passes as it is, but for what is no chunk', () => {
    const filter = { choices: [], id: '', model: '', object: '', prompt_filter_results: [{}] }
    const text = chunk({ content: 'a' }, undefined, { obfuscation: 'x' })
    const late = {
      id: '',
      choices: [{ index: 0, finish_reason: null, content_filter_offsets: {} }],
    }
    const adapter = chunkAdapter({ profile: azure, body: USAGE, requestId: 'r', createdSeconds: 5 })
    expect(adapter.next(filter)).toBeUndefined()
    expect(adapter.next(text)).toBe(text)
    expect(adapter.next(late)).toEqual({ ...late, choices: [{ delta: {}, ...late.choices[0] }] })
    const last = { id: 'chatcmpl-1', model: 'm', created: 9, choices: [], usage }
    expect(adapter.next(last)).toBeUndefined()
    expect(adapter.last()).toBe(last)
    expect(plain.isExact).toBe(true)
  })

  test('that fails says how', () => {
    const fail = (one: JsonObject) => () => adaptedChunks([chunk({ content: 'a' }), one], deepseek)
    expect(fail(chunk({}, 'insufficient_system_resource'))).toThrow(
      expect.objectContaining({
        code: 'upstream_error',
        details: { status: 503, upstream: { code: 'insufficient_system_resource' } },
      }),
    )
    expect(fail({ error: { message: 'bad', type: 'x' } })).toThrow('bad')
  })
})

describe('any JSON', () => {
  const choice = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        index: fc.oneof(fc.nat(1), fc.jsonValue()),
        delta: fc.jsonValue(),
        message: fc.record({ content: fc.jsonValue(), tool_calls: fc.jsonValue() }),
        finish_reason: fc.oneof(fc.constantFrom('stop', 'error'), fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
  )
  const body = fc.record(
    {
      id: fc.jsonValue(),
      choices: fc.oneof(fc.array(choice, { maxLength: 3 }), fc.jsonValue()),
      usage: fc.jsonValue(),
      error: fc.constantFrom(undefined, null, {}),
    },
    { requiredKeys: [] },
  )

  test('is brought into shape or refused', () => {
    const taken = { streams: 0, answers: 0 }
    fc.assert(
      fc.property(
        fc.array(body, { maxLength: 4 }),
        fc.constantFrom(mistral, grok, own, azure),
        (bodies, profile) => {
          try {
            for (const one of adaptedChunks(bodies, profile, USAGE))
              expect(Array.isArray(one.choices)).toBe(true)
            taken.streams++
          } catch (error) {
            expect(error).toMatchObject({ name: 'GatewayError', code: 'upstream_error' })
          }
          for (const one of bodies) {
            try {
              expect(adapted(one, profile).choices.length).toBeGreaterThan(0)
              taken.answers++
            } catch (error) {
              expect(error).toMatchObject({ name: 'GatewayError', code: 'upstream_error' })
            }
          }
        },
      ),
      { numRuns: 500 },
    )
    // So that it is not refused for some other reason all the time.
    expect(taken.streams).toBeGreaterThan(100)
    expect(taken.answers).toBeGreaterThan(100)
  })
})
