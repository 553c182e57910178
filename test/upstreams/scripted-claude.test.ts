import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ProviderName, ScriptedAnswer } from './stand-ins.ts'
import { streamedEvents, wholeAnswer } from './test-answers.ts'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterEach(() => posting.standIns.reset())
afterAll(() => posting[Symbol.asyncDispose]())

const user = { role: 'user', content: 'hello' }
const say = (answer: ScriptedAnswer) => posting.standIns.script({ answer: () => answer })
const whole = (provider: ProviderName, body: object, path?: string) =>
  wholeAnswer(posting, provider, body, path)
const events = (provider: ProviderName, body: object, path?: string) =>
  streamedEvents(posting, provider, { ...body, stream: true }, path)

const PARALLEL: ScriptedAnswer = {
  say: [{ text: ['Let me ', 'look.'] }, { call: 'a', arguments: ['{"x"', ':1}'] }, { call: 'b' }],
}

describe('anthropic', () => {
  const body = { model: 'claude-sonnet-5-5', max_tokens: 9, messages: [user] }

  test('says several things in their order, calls without arguments as nothing at all', async () => {
    say(PARALLEL)
    expect(await whole('anthropic', body)).toMatchObject({
      content: [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', name: 'a', input: { x: 1 } },
        { type: 'tool_use', name: 'b', input: {} },
      ],
      stop_reason: 'tool_use',
    })
    const deltas = (await events('anthropic', body)).filter(
      ({ type }) => type === 'content_block_delta',
    )
    expect(deltas.map(({ index, delta }) => [index, delta])).toEqual([
      [0, { type: 'text_delta', text: 'Let me ' }],
      [0, { type: 'text_delta', text: 'look.' }],
      [1, { type: 'input_json_delta', partial_json: '' }],
      [1, { type: 'input_json_delta', partial_json: '{"x"' }],
      [1, { type: 'input_json_delta', partial_json: ':1}' }],
      [2, { type: 'input_json_delta', partial_json: '' }],
    ])
  })

  test('cuts arguments off at the limit, and counts what it wrote to the cache apart', async () => {
    say({
      say: [{ call: 'a', arguments: '{"x":' }],
      finish: 'length',
      usage: { input: 100, cached: 30, written: 20, output: 7, reasoning: 3 },
    })
    expect(await whole('anthropic', body)).toMatchObject({
      stop_reason: 'max_tokens',
      usage: {
        input_tokens: 50,
        cache_read_input_tokens: 30,
        cache_creation_input_tokens: 20,
        output_tokens: 10,
      },
    })
  })

  test('refuses with details and without a word; hides thinking but not its signature', async () => {
    say({ say: [{ refusal: 'no' }] })
    expect(await whole('anthropic', body)).toMatchObject({
      content: [],
      stop_reason: 'refusal',
      stop_details: { explanation: 'no' },
    })
    say({ say: [{ reasoning: 'hm' }, { reasoning: 'x', isRedacted: true }, { text: 'yes' }] })
    const thinking = { type: 'adaptive', display: 'omitted' }
    const { content } = await whole('anthropic', { ...body, thinking })
    expect(content).toEqual([
      { type: 'thinking', thinking: '', signature: expect.stringMatching(/.{60}/) },
      { type: 'redacted_thinking', data: expect.any(String) },
      { type: 'text', text: 'yes' },
    ])
  })

  test('starts twice, or counts the input late, where the script says so', async () => {
    say({ say: [{ text: 'a' }], quirks: ['second-start'] })
    const types = (await events('anthropic', body)).map(({ type }) => type)
    expect(types.slice(0, 2)).toEqual(['message_start', 'message_start'])
    say({ say: [{ text: 'a' }], quirks: ['late-input-count'], usage: { input: 61, cached: 0 } })
    const sent = await events('anthropic', body)
    expect(sent[0]).toMatchObject({ message: { usage: { input_tokens: 1 } } })
    expect(sent.at(-2)).toMatchObject({ usage: { input_tokens: 61 } })
  })
})

test.each([
  ['anthropic', { model: 'claude-sonnet-5-5', max_tokens: 9 }, 'rate_limit_error'],
  ['xai', { model: 'grok-4.7' }, 'Some resource has been exhausted'],
  ['zai', { model: 'glm-5.3' }, '1302'],
] as const)(
  '%s says in a stream what goes wrong, also as its first word',
  async (provider, body, word) => {
    for (const afterEvents of [0, 2]) {
      const fault = { kind: 'error-event', afterEvents, as: 'rate-limit' } as const
      posting.standIns.misbehave(provider, fault, { times: 1 })
      const sent = await events(provider, { ...body, messages: [user] })
      expect(sent).toHaveLength(afterEvents + 1)
      expect(JSON.stringify(sent.at(-1))).toContain(word)
    }
  },
)

describe('without a script', () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'integer' } } },
    required: ['city', 'days'],
    additionalProperties: false,
  }
  const fitting = { city: expect.any(String) as string, days: [42] }
  const messages = [{ role: 'user', content: `Answer as JSON: ${JSON.stringify(schema)}` }]

  test.each<[string, ProviderName, object, string?]>([
    [
      'response_format',
      'openai',
      {
        model: 'gpt-4.1',
        response_format: { type: 'json_schema', json_schema: { name: 'a', schema } },
      },
    ],
    [
      'a schema in the prompt',
      'deepseek',
      { model: 'deepseek-v4-pro', response_format: { type: 'json_object' } },
    ],
    [
      'output_config',
      'anthropic',
      {
        model: 'claude-sonnet-5-5',
        max_tokens: 9,
        output_config: { format: { type: 'json_schema', schema } },
      },
    ],
  ])('JSON fits the schema: %s', async (_, provider, body) => {
    const { text } = await posting.post(provider, { messages, ...body })
    const said = /"(?:content|text)":"((?:\\.|[^"\\])*)"/.exec(text)?.[1] ?? ''
    expect(JSON.parse(JSON.parse(`"${said}"`) as string)).toEqual(fitting)
  })

  test('a forced tool is called, with arguments that fit; none is not called', async () => {
    const offered = [{ name: 'look_up', input_schema: schema }]
    const body = { model: 'claude-opus-4-8', max_tokens: 9, messages, tools: offered }
    const forced = await whole('anthropic', { ...body, tool_choice: { type: 'any' } })
    expect(forced['content']).toEqual([
      { type: 'tool_use', id: expect.any(String), name: 'look_up', input: fitting },
    ])
    const weather = { ...body, messages: [{ role: 'user', content: 'weather' }] }
    const { content } = await whole('anthropic', { ...weather, tool_choice: { type: 'none' } })
    expect(content).toMatchObject([{ type: 'text' }])
  })
})
