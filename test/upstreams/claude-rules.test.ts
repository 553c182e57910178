import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterAll(() => posting[Symbol.asyncDispose]())

const user = { role: 'user', content: 'hi' }
const tools = [{ name: 'look_up', input_schema: { type: 'object' } }]
const forced = { tools, tool_choice: { type: 'any' } }
const prefill = { messages: [user, { role: 'assistant', content: 'Well' }] }
const manual = { thinking: { type: 'enabled', budget_tokens: 1024 } }
const adaptive = { thinking: { type: 'adaptive' } }
const disabled = { thinking: { type: 'disabled' } }
const effort = (level: string) => ({ output_config: { effort: level } })
const format = {
  output_config: {
    format: { type: 'json_schema', schema: { type: 'object', additionalProperties: false } },
  },
}

const post = (model: string, change: object) =>
  posting.post('anthropic', { model, max_tokens: 2000, messages: [user], ...change })

/** What a model is asked for, and whether it does it. */
const table: Record<string, [asked: object, taken: boolean][]> = {
  'claude-sonnet-4-20250514': [
    [{ temperature: 0.5 }, true],
    [manual, true],
    [adaptive, false],
    [effort('low'), false],
    [format, false],
    [prefill, true],
  ],
  'claude-sonnet-4-5-20250929': [
    [{ temperature: 0.5 }, true],
    [{ temperature: 0.5, top_p: 0.9 }, false],
    [{ temperature: 0.5, ...manual }, false],
    [{ temperature: 1, ...manual }, true],
    [manual, true],
    [adaptive, false],
    [effort('low'), false],
    [forced, true],
    [{ ...forced, ...manual }, false],
    [prefill, true],
    [format, true],
    [{ max_tokens: 64_001 }, false],
  ],
  'claude-opus-4-5@20251101': [
    [effort('high'), true],
    [effort('max'), false],
  ],
  'claude-opus-4-6': [
    [{ temperature: 0.5 }, true],
    [manual, true],
    [adaptive, true],
    [effort('max'), true],
    [effort('xhigh'), false],
    [forced, true],
    [prefill, false],
    [{ max_tokens: 128_000 }, true],
  ],
  'claude-opus-4-8': [
    [{ temperature: 1 }, false],
    [{ top_k: 5 }, false],
    [manual, false],
    [adaptive, true],
    [disabled, true],
    [effort('xhigh'), true],
    [{ ...forced, ...adaptive }, true],
    [prefill, false],
  ],
  'claude-opus-5': [
    [{ ...disabled, ...effort('high') }, true],
    [{ ...disabled, ...effort('xhigh') }, false],
    [forced, true],
  ],
  'claude-fable-5': [
    [disabled, false],
    [forced, true],
  ],
  'claude-fable-5-2': [
    [disabled, false],
    [forced, false],
    [{ top_p: 1 }, false],
  ],
  'claude-opus-5-5': [
    [{ thinking: { type: 'between_tools' } }, false],
    [forced, false],
  ],
  'claude-sonnet-5-5': [
    [{ thinking: { type: 'between_tools' } }, true],
    [disabled, false],
    [{ tools, tool_choice: { type: 'tool', name: 'look_up' } }, false],
    [{ tools, tool_choice: { type: 'auto' } }, true],
  ],
  'claude-haiku-5-5': [
    [forced, true],
    [disabled, true],
    [{ ...disabled, ...effort('max') }, false],
    [{ temperature: 1 }, false],
  ],
  'claude-quartz-7': [
    [{ temperature: 1 }, false],
    [forced, false],
    [adaptive, true],
  ],
}

describe.each(Object.entries(table))('%s', (model, rows) => {
  test.each(rows)('%j: %s', async (asked, taken) => {
    const { status, text } = await post(model, asked)
    expect(status, text).toBe(taken ? 200 : 400)
  })
})

const text = (said: string, mark?: object) => ({ type: 'text', text: said, cache_control: mark })
const marks = (...ttls: ('5m' | '1h')[]) => ({
  messages: [{ role: 'user', content: ttls.map((ttl) => text('a', { type: 'ephemeral', ttl })) }],
})
const call = { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: {} }] }
const result = { type: 'tool_result', tool_use_id: 'a', content: 'c' }
const system = { role: 'system', content: 'Be brief.' }

test.each<[string, object, string]>([
  ['five cache marks', marks('5m', '5m', '5m', '5m', '5m'), 'maximum of 4 blocks'],
  ['a long-lived mark behind a short-lived one', marks('5m', '1h'), "ttl='1h'"],
  ['white space', { messages: [{ role: 'user', content: [text(' \n')] }] }, 'non-whitespace'],
  [
    'text before a result',
    { tools, messages: [user, call, { role: 'user', content: [text('x'), result] }] },
    'without `tool_result`',
  ],
  [
    'a result said twice',
    { tools, messages: [user, call, { role: 'user', content: [result, result] }] },
    'single result',
  ],
  [
    'an id with a colon',
    { messages: [user, { ...call, content: [{ ...call.content[0], id: 'functions.b:0' }] }] },
    'messages.1.content.0.id',
  ],
  [
    'an assistant first',
    { messages: [call, { role: 'user', content: [result] }] },
    'first message',
  ],
  ['two tools of one name', { tools: [...tools, ...tools] }, 'unique'],
  ['a choice without tools', { tool_choice: { type: 'auto' } }, 'while providing tools'],
  ['a tool that is not there', { tools, tool_choice: { type: 'tool', name: 'x' } }, 'not found'],
  ['instructions in the middle without the beta', { messages: [user, system] }, 'messages.1.role'],
  [
    'an open schema',
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    'additionalProperties',
  ],
  [
    'a schema with bounds',
    {
      output_config: {
        format: {
          type: 'json_schema',
          schema: {
            type: 'object',
            additionalProperties: false,
            properties: { a: { type: 'integer', minimum: 1 } },
          },
        },
      },
    },
    'minimum',
  ],
  [
    'image/jpg',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/jpg', data: 'AAAA' } },
          ],
        },
      ],
    },
    'media_type',
  ],
])('claude refuses %s', async (_, change, message) => {
  const answer = await post('claude-opus-4-8', change)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining(message) })
})

test('what is refused is not counted either', async () => {
  const count = (asked: object) =>
    posting.post(
      'anthropic',
      { model: 'claude-opus-4-8', messages: [user], ...asked },
      '/count_tokens',
    )
  expect((await count({})).status).toBe(200)
  const answer = await count(manual)
  expect(answer).toEqual({ status: 400, text: expect.stringContaining('not supported') })
})

test('on other hosts there are neither URLs nor scopes', async () => {
  const path = 'anthropic.claude-opus-4-8/invoke'
  const bodyOf = (block: object) => ({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 9,
    messages: [{ role: 'user', content: [block] }],
  })
  const image = { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } }
  expect((await posting.post('bedrock', bodyOf(image), path)).status).toBe(400)
  const scoped = text('a', { type: 'ephemeral', scope: 'global' })
  expect((await posting.post('bedrock', bodyOf(scoped), path)).status).toBe(400)
  expect((await posting.post('bedrock', bodyOf(text('a')), path)).status).toBe(200)
})
