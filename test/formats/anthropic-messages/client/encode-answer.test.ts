import type Anthropic from '@anthropic-ai/sdk'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type {
  AssistantPart,
  ChatAnswer,
  Finish,
  ReasoningProof,
  Usage,
} from '../../../../src/core/chat.ts'
import { encodeAnswer } from '../../../../src/formats/anthropic-messages/client/encode-answer.ts'
import { answerOf, CONTEXT } from './answer.ts'
import { decode } from './request.ts'

const encode = (answer: ChatAnswer, context = CONTEXT): Anthropic.Message =>
  encodeAnswer(answer, context) as unknown as Anthropic.Message
const blocks = (...parts: AssistantPart[]) => encode(answerOf(parts)).content
const text = (value: string) => ({ type: 'text', text: value, citations: null })
const call = (id: string, args = '{}') =>
  ({ kind: 'tool-call', id, name: 'f', arguments: args }) as const
const use = (id: string, input: unknown = {}) => ({
  type: 'tool_use',
  id,
  name: 'f',
  input,
  caller: { type: 'direct' },
})

test('a message, with all that its type promises', () => {
  const answer = answerOf([{ kind: 'text', text: 'Hi' }], {
    id: 'chatcmpl-1',
    model: 'said-model',
    usage: { inputTokens: 10, outputTokens: 2 },
  })
  const message: Anthropic.Message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'said-model',
    content: [{ type: 'text', text: 'Hi', citations: null }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
    usage: {
      input_tokens: 10,
      output_tokens: 2,
      cache_creation_input_tokens: null,
      cache_read_input_tokens: null,
      cache_creation: null,
      output_tokens_details: null,
      server_tool_use: null,
      service_tier: null,
      inference_geo: null,
      speed: null,
    },
  }
  expect(encode(answer)).toEqual(message)
})

test('the model that was asked, and a provider’s id that is one', () => {
  expect(encode(answerOf([], { id: 'msg_01X' }))).toMatchObject({
    id: 'msg_01X',
    model: 'asked-model',
  })
})

describe('content', () => {
  const proof = (family: ReasoningProof['family'], kind: ReasoningProof['kind']) => ({
    family,
    kind,
    value: 'v',
  })
  const reasoning = (value: string, by?: ReasoningProof): AssistantPart => ({
    kind: 'reasoning',
    text: value,
    ...(by === undefined ? {} : { proof: by }),
  })
  const thinking = (value: string, signature: string) => ({
    type: 'thinking',
    thinking: value,
    signature,
  })

  test.each<[string, AssistantPart, unknown[]]>([
    ['text', { kind: 'text', text: ' a ' }, [text(' a ')]],
    ['#23 text that is empty', { kind: 'text', text: '' }, []],
    ['a refusal', { kind: 'refusal', text: 'No.' }, [text('No.')]],
    ['signed', reasoning('t', proof('claude', 'signature')), [thinking('t', 'v')]],
    ['#13 signed without text', reasoning('', proof('claude', 'signature')), [thinking('', 'v')]],
    ['unsigned', reasoning('t'), [thinking('t', '')]],
    ['reasoning of nothing', reasoning(''), []],
    [
      'redacted',
      reasoning('', proof('claude', 'encrypted')),
      [{ type: 'redacted_thinking', data: 'v' }],
    ],
    [
      'signed by another family',
      reasoning('t', proof('gemini', 'signature')),
      [thinking('t', 'kwproof.gemini.v')],
    ],
    [
      'encrypted by another family, with a summary',
      reasoning('t', proof('gpt', 'encrypted')),
      [thinking('t', ''), { type: 'redacted_thinking', data: 'kwproof.gpt.v' }],
    ],
    [
      'encrypted by another family',
      reasoning('', proof('gpt', 'encrypted')),
      [{ type: 'redacted_thinking', data: 'kwproof.gpt.v' }],
    ],
    ['a call', call('c', '{"a":[1]}'), [use('c', { a: [1] })]],
    ['#2 a call without arguments', call('c', ''), [use('c')]],
    ['a call whose arguments are white space', call('c', ' \n'), [use('c')]],
    [
      '#3 a call that was cut off keeps what there is of it',
      call('c', '{"command":"rm -rf /ho'),
      [use('c', { _partial_json: '{"command":"rm -rf /ho' })],
    ],
    ['arguments that are no object', call('c', '[1]'), [use('c', { _partial_json: '[1]' })]],
    ['#22 an id that is not plain', call('functions.f:0'), [use('kwid_ZnVuY3Rpb25zLmY6MA')]],
  ])('%s', (_, part, expected) => {
    expect(blocks(part)).toEqual(expected)
  })

  test('stays in order', () => {
    const parts = [reasoning('t'), { kind: 'text', text: 'a' } as const, call('c'), call('d')]
    expect(blocks(...parts)).toEqual([thinking('t', ''), text('a'), use('c'), use('d')])
  })

  test('#14 calls without ids get ids of their own, the same each time', () => {
    const ids = () => blocks(call(''), call('')).map((block) => 'id' in block && block.id)
    expect(ids()).toEqual(ids())
    expect(new Set(ids()).size).toBe(2)
    for (const id of ids()) expect(id).toMatch(/^toolu_[0-9A-Za-z]{9}$/)
    const other = encode(answerOf([call('')]), { ...CONTEXT, requestId: 'req_2' }).content[0]
    expect(ids()).not.toContain(other !== undefined && 'id' in other && other.id)
  })

  test('#22 ids always have Anthropic’s characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (id) => {
        const [block] = blocks(call(id))
        expect(block?.type === 'tool_use' && /^[a-zA-Z0-9_-]+$/.test(block.id)).toBe(true)
      }),
    )
  })

  test('what is shown comes back as it was', () => {
    const parts: AssistantPart[] = [
      reasoning('t', proof('claude', 'signature')),
      reasoning('', proof('converse', 'encrypted')),
      reasoning('s', proof('gpt', 'encrypted')),
      reasoning('u'),
      { kind: 'text', text: 'a' },
      { ...call('get:0', '{"a":1}'), proof: { family: 'gemini', kind: 'signature', value: 'p' } },
    ]
    const content = JSON.parse(JSON.stringify(blocks(...parts))) as { id?: string }[]
    const results = [{ type: 'tool_result', tool_use_id: content.at(-1)?.id }]
    const { messages, untranslated } = decode({
      messages: [
        { role: 'assistant', content },
        { role: 'user', content: results },
      ],
    })
    expect(messages).toEqual([
      { role: 'assistant', content: parts },
      { role: 'tool', callId: 'get:0', content: [] },
    ])
    expect(untranslated).toBeUndefined()
  })
})

describe('how it ended', () => {
  const refusal = { type: 'refusal', category: null, explanation: null }
  const ending = (finish: Finish, members = {}, content: AssistantPart[] = []) => {
    const context = { ...CONTEXT, request: decode(members) }
    const { stop_reason, stop_sequence, stop_details } = encode(
      answerOf(content, { finish }),
      context,
    )
    return [stop_reason, stop_sequence, stop_details]
  }

  test.each<[Finish, unknown[]]>([
    [{ reason: 'stop' }, ['end_turn', null, null]],
    [{ reason: 'stop-sequence', stopSequence: 'E' }, ['stop_sequence', 'E', null]],
    [{ reason: 'stop-sequence' }, ['stop_sequence', null, null]],
    [{ reason: 'tool-calls' }, ['tool_use', null, null]],
    [{ reason: 'length' }, ['max_tokens', null, null]],
    [{ reason: 'content-filter' }, ['refusal', null, refusal]],
    [{ reason: 'pause' }, ['pause_turn', null, null]],
  ])('#39 %j', (finish, expected) => {
    expect(ending(finish)).toEqual(expected)
  })

  test('#44 the only stop sequence is the one that was met', () => {
    const finish = { reason: 'stop-sequence' } as const
    expect(ending(finish, { stop_sequences: ['E'] })[1]).toBe('E')
    expect(ending(finish, { stop_sequences: ['E', 'F'] })[1]).toBeNull()
    expect(ending({ reason: 'stop' }, { stop_sequences: ['E'] })[1]).toBeNull()
  })

  test('#39 a model that declined in its own words has refused', () => {
    const declined: AssistantPart[] = [{ kind: 'refusal', text: 'No.' }]
    expect(ending({ reason: 'stop' }, {}, declined)).toEqual(['refusal', null, refusal])
    expect(ending({ reason: 'length' }, {}, declined)[0]).toBe('max_tokens')
  })
})

describe('#38 usage', () => {
  test.each<[Usage | undefined, object]>([
    [undefined, { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: null }],
    [
      { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 30, outputTokens: 7 },
      {
        input_tokens: 10,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 30,
        cache_creation: null,
        output_tokens: 7,
      },
    ],
    [
      { inputTokens: 5, cachedInputTokens: 9 },
      { input_tokens: 0, cache_read_input_tokens: 9 },
    ],
    [
      { cacheWriteTokens: 30, cacheWriteHourTokens: 20 },
      {
        input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
      },
    ],
    [
      { outputTokens: 50, reasoningTokens: 40 },
      { output_tokens: 50, output_tokens_details: { thinking_tokens: 40 } },
    ],
    [{ reasoningTokens: 0 }, { output_tokens_details: { thinking_tokens: 0 } }],
  ])('%j', (usage, expected) => {
    const answer = answerOf([], usage === undefined ? {} : { usage })
    expect(encode(answer).usage).toMatchObject(expected)
  })

  test.each([
    ['default', 'standard'],
    ['priority', 'priority'],
    ['flex', null],
    ['toString', null],
  ])('service tier %s is %s', (serviceTier, expected) => {
    expect(encode(answerOf([], { serviceTier })).usage.service_tier).toBe(expected)
  })
})
