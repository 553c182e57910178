import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../../src/core/errors.ts'
import { deepseekChatProfile } from '../../../../src/providers/models/deepseek.ts'
import { mistralChatProfile } from '../../../../src/providers/models/mistral.ts'
import { privateChatProfile } from '../../../../src/providers/models/private-models.ts'
import { xaiChatProfile } from '../../../../src/providers/models/xai.ts'
import { answerOf, assembled, chunk, decode, events, plain } from './support.ts'

const own = privateChatProfile({})
const mistral = mistralChatProfile('mistral-large-4-0')
const called = (id: string | undefined, name: string, text: unknown) => ({
  ...(id === undefined ? {} : { id }),
  type: 'function',
  function: { name, arguments: text },
})

describe('a whole answer', () => {
  test('is text, and what is known of it', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
    expect(
      decode(
        answerOf({ content: 'hi', refusal: null }, 'stop', { usage, service_tier: 'default' }),
      ),
    ).toEqual({
      id: 'chatcmpl-1',
      model: 'model-1',
      content: [{ kind: 'text', text: 'hi' }],
      finish: { reason: 'stop' },
      usage: { inputTokens: 3, outputTokens: 2 },
      serviceTier: 'default',
    })
  })

  test('#16 is the first choice', () => {
    const { choices } = answerOf({ content: 'mine' }) as { choices: [object] }
    const other = { index: 1, message: { content: 'other' }, finish_reason: 'length' }
    expect(decode(answerOf({}, 'stop', { choices: [other, ...choices] })).content).toEqual([
      { kind: 'text', text: 'mine' },
    ])
  })

  test('#13 begins with its reasoning', () => {
    for (const member of ['reasoning', 'reasoning_content']) {
      expect(decode(answerOf({ content: 'a', [member]: 'hm' }), { profile: own }).content).toEqual([
        { kind: 'reasoning', text: 'hm' },
        { kind: 'text', text: 'a' },
      ])
    }
  })

  test('#15 is a list of parts at Mistral', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    expect(decode(answerOf({ content }), { profile: mistral }).content).toEqual([
      { kind: 'reasoning', text: 'hm' },
      { kind: 'text', text: 'ab' },
    ])
  })

  test('#14 has calls, each of them one, whatever they say', () => {
    const tool_calls = [
      called(undefined, 'look', ''),
      called('', 'look', { at: 1 }),
      called('c', 'look', '{"at":2}'),
    ]
    const { content, finish } = decode(answerOf({ content: null, tool_calls }, 'stop'), {
      profile: own,
    })
    expect(content).toMatchObject([
      { kind: 'tool-call', name: 'look', arguments: '{}' },
      { kind: 'tool-call', name: 'look', arguments: '{"at":1}' },
      { kind: 'tool-call', id: 'c', name: 'look', arguments: '{"at":2}' },
    ])
    expect(new Set(content.map((part) => part.kind === 'tool-call' && part.id)).size).toBe(3)
    expect(finish).toEqual({ reason: 'tool-calls' })
  })

  test('#3 that was cut off keeps what came of its last call', () => {
    const cut = (text: string) =>
      decode(answerOf({ tool_calls: [called('a', 'look', text)] }, 'length'))
    expect(cut('{"a').content).toMatchObject([{ arguments: '{"a' }])
    expect(cut('').content).toMatchObject([{ arguments: '' }])
    expect(cut('{"a').finish).toEqual({ reason: 'length' })
  })

  test('old calls of functions are not read', () => {
    const answer = decode(
      answerOf({ content: 'a', function_call: { name: 'look', arguments: '{}' } }, 'function_call'),
    )
    expect(answer).toMatchObject({ content: [{ kind: 'text' }], finish: { reason: 'stop' } })
  })

  test('without a reason has come to its end all the same', () => {
    const { choices, ...rest } = answerOf({ content: 'a' }) as {
      choices: [{ finish_reason?: string }]
    }
    delete choices[0].finish_reason
    expect(decode({ ...rest, choices }).finish).toEqual({ reason: 'stop' })
    expect(decode(answerOf({ content: 'a' }, '')).finish).toEqual({ reason: 'stop' })
  })

  test('may be empty', () => {
    expect(decode(answerOf({ content: null }))).toMatchObject({
      content: [],
      finish: { reason: 'stop' },
    })
  })

  test.each([
    [{}],
    [{ choices: [] }],
    [{ choices: null }],
    [{ choices: ['a'] }],
    [{ error: { message: 'bad' } }],
    [{ object: 'error', message: 'bad' }],
    [answerOf({ content: 'a' }, 'insufficient_system_resource')],
    [answerOf({ content: 'a' }, 'error')],
  ])('%j is none', (body) => {
    let thrown: unknown
    try {
      decode(body, { profile: deepseekChatProfile('deepseek-flash') })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(GatewayError)
    expect(thrown).toMatchObject({ code: 'upstream_error' })
  })
})

test('a failure in its place keeps the provider’s own words', () => {
  const error = { message: 'bad', type: 'server_error', code: 'x' }
  expect(() => decode({ error })).toThrow(
    expect.objectContaining({
      message: 'bad',
      details: { upstream: { type: 'server_error', code: 'x' } },
    }),
  )
})

describe('#39 whole and streamed, an answer is the same', () => {
  const messages = [
    { content: 'a' },
    { content: '', reasoning_content: 'hm' },
    { content: null, refusal: 'No.' },
    { content: 'a', refusal: 'No.', reasoning: 'hm' },
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'a' },
      ],
    },
    {
      content: 'a',
      tool_calls: [
        { index: 0, ...called('a', 'look', '{"at":1}') },
        { index: 1, ...called('b', 'look', '') },
      ],
    },
  ]
  const reasons = [
    'stop',
    'length',
    'tool_calls',
    'content_filter',
    'sensitive',
    'model_length',
    'eos',
  ]
  test.each(messages.flatMap((message) => reasons.map((reason) => [message, reason] as const)))(
    '%j, %s',
    (message, reason) => {
      for (const profile of [plain, own, mistral, xaiChatProfile('grok-4.7')]) {
        const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
        const whole = decode(answerOf(message, reason, { usage }), { profile })
        const streamed = events([chunk(message), chunk({}, reason, { usage })], { profile })
        expect(assembled(streamed)).toEqual(whole)
      }
    },
  )

  test.each(['content_filter', 'sensitive'])(
    'a refusal that ends as %s is the filter’s',
    (reason) => {
      expect(decode(answerOf({ refusal: 'No.' }, reason))).toMatchObject({
        content: [{ kind: 'refusal', text: 'No.' }],
        finish: { reason: 'content-filter' },
      })
    },
  )
})
