import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ProviderName, ScriptedAnswer } from './stand-ins.ts'
import { type Json, streamedEvents, wholeAnswer } from './test-answers.ts'
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

const tools = [{ type: 'function', function: { name: 'a', parameters: { type: 'object' } } }]

const PARALLEL: ScriptedAnswer = {
  say: [{ text: ['Let me ', 'look.'] }, { call: 'a', arguments: ['{"x"', ':1}'] }, { call: 'b' }],
}

describe('chat', () => {
  const body = (model: string) => ({ model, messages: [user], tools })

  test('openai numbers parallel calls, in turns where asked to', async () => {
    say({ ...PARALLEL, quirks: ['calls-by-turns'] })
    const calls = (await events('openai', body('gpt-4.1'))).flatMap(
      ({ choices }) => (choices as { delta: { tool_calls?: Json[] } }[])[0]?.delta.tool_calls ?? [],
    )
    expect(calls).toMatchObject([
      { index: 0, function: { name: 'a', arguments: '' } },
      { index: 1, function: { name: 'b', arguments: '' } },
      { index: 0, function: { arguments: '{"x"' } },
      { index: 1, function: { arguments: '{}' } },
      { index: 0, function: { arguments: ':1}' } },
    ])
    expect(await whole('openai', body('gpt-4.1'))).toMatchObject({
      choices: [
        {
          message: {
            content: 'Let me look.',
            tool_calls: [{ function: { arguments: '{"x":1}' } }, { function: { arguments: '{}' } }],
          },
          finish_reason: 'tool_calls',
        },
      ],
    })
  })

  test('openai has a place for refusals and hides reasoning', async () => {
    say({ say: [{ reasoning: 'hm' }, { refusal: 'no' }] })
    expect(await whole('openai', body('gpt-4.1'))).toMatchObject({
      choices: [{ message: { content: null, refusal: 'no' }, finish_reason: 'stop' }],
    })
    expect((await posting.post('openai', body('gpt-4.1'))).text).not.toContain('hm')
  })

  test('mistral thinks in its content, and calls without index and type', async () => {
    say({ ...PARALLEL, say: [{ reasoning: 'hm' }, ...PARALLEL.say], quirks: ['array-content'] })
    const sent = await events('mistral', body('mistral-large-4-0'))
    const deltas = sent.map(({ choices }) => (choices as { delta: Json }[])[0]?.delta)
    expect(deltas.slice(1, 3)).toEqual([
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] },
      { content: [{ type: 'text', text: 'Let me ' }] },
    ])
    expect(deltas.at(-1)).toEqual({
      content: null,
      tool_calls: [
        { id: expect.stringMatching(/^\w{9}$/), function: { name: 'a', arguments: '{"x":1}' } },
        { id: expect.stringMatching(/^\w{9}$/), function: { name: 'b', arguments: '{}' } },
      ],
    })
  })

  test('finishes in the words of the provider, or of the script', async () => {
    say({ say: [{ text: 'a' }], finish: 'content-filter' })
    const finish = async (provider: ProviderName, model: string) =>
      (await whole(provider, body(model)))['choices']
    expect(await finish('zai', 'glm-5.3')).toMatchObject([{ finish_reason: 'sensitive' }])
    expect(await finish('xai', 'grok-4.7')).toMatchObject([{ finish_reason: 'content_filter' }])
    say({ say: [{ text: 'a' }], finish: 'length', finishWord: 'model_length' })
    expect(await finish('mistral', 'mistral-large-4-0')).toMatchObject([
      { finish_reason: 'model_length' },
    ])
  })
})

describe('responses', () => {
  const body = { model: 'gpt-6-sol', input: 'hello' }

  test('gives every piece an item, and each of them its events', async () => {
    say({ say: [{ reasoning: ['h', 'm'] }, ...PARALLEL.say] })
    const reasoning = { summary: 'auto' }
    const include = ['reasoning.encrypted_content']
    const asked = { ...body, reasoning, include }
    const { output } = await whole('openai', asked, '/../../responses')
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'hm' }], encrypted_content: expect.any(String) },
      { type: 'message', content: [{ text: 'Let me look.' }] },
      { type: 'function_call', name: 'a', arguments: '{"x":1}' },
      { type: 'function_call', name: 'b', arguments: '{}' },
    ])
    const sent = await events('openai', asked, '/../../responses')
    expect(sent.map(({ sequence_number: number }) => number)).toEqual(sent.map((_, at) => at))
    const types = sent.map(({ type }) => String(type).replace('response.', ''))
    expect(types.filter((type) => type.endsWith('.delta'))).toEqual([
      'reasoning_summary_text.delta',
      'reasoning_summary_text.delta',
      'output_text.delta',
      'output_text.delta',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
    ])
  })

  test('is incomplete where it was cut off', async () => {
    say({ say: [{ call: 'a', arguments: '{"x":' }], finish: 'length' })
    const sent = await events('openai', body, '/../../responses')
    expect(sent.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'max_output_tokens' },
        output: [{ status: 'incomplete', arguments: '{"x":' }],
      },
    })
  })
})
