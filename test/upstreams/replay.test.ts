import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ScriptedAnswer } from './stand-ins.ts'
import { type Json, wholeAnswer } from './test-answers.ts'
import { startPosting, type Posting } from './test-posts.ts'

let posting: Posting
beforeAll(async () => {
  posting = await startPosting()
})
afterEach(() => posting.standIns.reset())
afterAll(() => posting[Symbol.asyncDispose]())

const THOUGHT: ScriptedAnswer = {
  say: [{ reasoning: 'hm' }, { call: 'look_up', arguments: '{"x":1}' }, { call: 'look_up' }],
}
const once = () => {
  let count = 0
  posting.standIns.script({ answer: () => (count++ === 0 ? THOUGHT : undefined) })
}

describe('Claude', () => {
  const user = { role: 'user', content: 'hi' }
  const tools = [{ name: 'look_up', input_schema: { type: 'object' } }]
  const base = { model: 'claude-sonnet-5-5', max_tokens: 2000, tools }
  const thinking = { type: 'adaptive' }

  async function answered(change: object = {}): Promise<{ content: Json[]; messages: Json[] }> {
    once()
    const body = { ...base, thinking, messages: [user], ...change }
    const { content } = (await wholeAnswer(posting, 'anthropic', body)) as { content: Json[] }
    const results = content
      .filter(({ type }) => type === 'tool_use')
      .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, content: 'sunny' }))
    const messages = [user, { role: 'assistant', content }, { role: 'user', content: results }]
    return { content, messages }
  }
  const post = (body: object) => posting.post('anthropic', { ...base, thinking, ...body })

  test('takes its thinking back as it was, or none of it', async () => {
    const { content, messages } = await answered()
    expect((await post({ messages })).status).toBe(200)
    const without = messages.with(1, { role: 'assistant', content: content.slice(1) })
    expect((await post({ messages: without })).status).toBe(200)
    const marked = [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }]
    expect((await post({ messages: messages.with(0, { ...user, content: marked }) })).status).toBe(
      200,
    )
  })

  test.each([
    ['a changed thought', (block: Json) => ({ ...block, thinking: 'hm ' })],
    ["somebody else's signature", (block: Json) => ({ ...block, signature: 'c2lnbmF0dXJl' })],
    ['forged secret thinking', () => ({ type: 'redacted_thinking', data: 'c2VjcmV0' })],
  ])('refuses %s', async (_, change) => {
    const { content, messages } = await answered()
    const changed = [change(content[0] ?? {}), ...content.slice(1)]
    const body = { messages: messages.with(1, { role: 'assistant', content: changed }) }
    expect(await post(body)).toEqual({
      status: 400,
      text: expect.stringContaining('messages.1.content.0: Invalid'),
    })
  })

  test.each([
    ['another system prompt', { system: 'Be brief.' }],
    ['another tool', { tools: [...tools, { name: 'more', input_schema: { type: 'object' } }] }],
  ])('refuses thinking under %s, but not with older models', async (_, change) => {
    const { messages } = await answered()
    expect(await post({ messages, ...change })).toEqual({
      status: 400,
      text: expect.stringContaining('bound to a different conversation'),
    })
    const older = await answered({ model: 'claude-opus-4-8' })
    const { status } = await post({
      ...older,
      content: undefined,
      model: 'claude-opus-4-8',
      ...change,
    })
    expect(status).toBe(200)
  })

  test('misses thinking in a tool loop only where its budget is set by hand', async () => {
    const change = {
      model: 'claude-sonnet-4-5',
      thinking: { type: 'enabled', budget_tokens: 1024 },
    }
    const { content, messages } = await answered(change)
    const without = messages.with(1, { role: 'assistant', content: content.slice(1) })
    expect((await post({ ...change, messages })).status).toBe(200)
    expect(await post({ ...change, messages: without })).toEqual({
      status: 400,
      text: expect.stringContaining('Expected `thinking` or `redacted_thinking`'),
    })
  })

  test('through Converse, the same', async () => {
    once()
    const said = { role: 'user', content: [{ text: 'hi' }] }
    const toolConfig = {
      tools: [{ toolSpec: { name: 'look_up', inputSchema: { json: { type: 'object' } } } }],
    }
    const path = 'anthropic.claude-opus-5-5/converse'
    const first = await wholeAnswer(posting, 'bedrock', { messages: [said], toolConfig }, path)
    const { content } = (first as { output: { message: { content: Json[] } } }).output.message
    const results = content.flatMap((block) => {
      const { toolUse } = block as { toolUse?: { toolUseId: string } }
      return toolUse
        ? [
            {
              toolResult: {
                ...toolUse,
                name: undefined,
                input: undefined,
                content: [{ text: 'sunny' }],
              },
            },
          ]
        : []
    })
    const messages = [said, { role: 'assistant', content }, { role: 'user', content: results }]
    const status = async (body: object) =>
      (await posting.post('bedrock', { messages, toolConfig, ...body }, path)).status
    expect(await status({})).toBe(200)
    expect(await status({ system: [{ text: 'Be brief.' }] })).toBe(400)
    const forged = { reasoningContent: { reasoningText: { text: 'hm', signature: 'eA==' } } }
    const changed = messages.with(1, { role: 'assistant', content: [forged, ...content.slice(1)] })
    expect(await status({ messages: changed })).toBe(400)
  })
})

describe('Gemini', () => {
  const user = { role: 'user', parts: [{ text: 'hi' }] }
  const tools = [{ functionDeclarations: [{ name: 'look_up' }] }]
  const path = 'google/models/gemini-3.8-flash:generateContent'
  const response = { functionResponse: { name: 'look_up', response: { output: 'sunny' } } }

  async function post(change: (parts: Json[]) => Json[]) {
    once()
    const body = { contents: [user], tools }
    const answer = await wholeAnswer(posting, 'google_vertex_ai', body, path)
    const [candidate] = (answer as { candidates: { content: { parts: Json[] } }[] }).candidates
    const parts = change((candidate?.content.parts ?? []).filter(({ thought }) => thought !== true))
    const contents = [user, { role: 'model', parts }, { role: 'user', parts: [response, response] }]
    return posting.post('google_vertex_ai', { contents, tools }, path)
  }

  test.each<[string, (parts: Json[]) => Json[], number]>([
    ['takes its signatures back', (parts) => parts, 200],
    [
      'takes the documented way out',
      ([first, ...rest]) => [
        { ...first, thoughtSignature: 'skip_thought_signature_validator' },
        ...rest,
      ],
      200,
    ],
    ['misses one', ([first, ...rest]) => [{ ...first, thoughtSignature: undefined }, ...rest], 400],
    [
      "refuses another call's",
      ([first, second]) => [
        { ...second, thoughtSignature: first?.['thoughtSignature'] },
        first ?? {},
      ],
      400,
    ],
    [
      'refuses a forged one',
      ([first, ...rest]) => [{ ...first, thoughtSignature: 'Zm9yZ2Vk' }, ...rest],
      400,
    ],
    ['misses a call', (parts) => parts.slice(0, 1), 400],
  ])('%s', async (_, change, status) => {
    expect((await post(change)).status).toBe(status)
  })
})

describe('Responses', () => {
  const base = {
    model: 'gpt-6-sol',
    store: false,
    include: ['reasoning.encrypted_content'],
    tools: [{ type: 'function', name: 'look_up' }],
  }
  const user = { role: 'user', content: 'hi' }

  async function post(change: (items: Json[]) => Json[], asked: object = {}) {
    once()
    const body = { ...base, ...asked, input: [user] }
    const { output } = (await wholeAnswer(posting, 'openai', body, '/../../responses')) as {
      output: Json[]
    }
    const results = output
      .filter(({ type }) => type === 'function_call')
      .map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' }))
    const input = [user, ...change(output), ...results]
    return posting.post('openai', { ...base, ...asked, input }, '/../../responses')
  }
  const withoutIds = (items: Json[]) => items.map((item) => ({ ...item, id: undefined }))

  test.each<[string, (items: Json[]) => Json[], number]>([
    ['takes its items back', (items) => items, 200],
    ['takes calls without their ids', (items) => withoutIds(items.slice(1)), 200],
    ['misses the reasoning of calls with ids', (items) => items.slice(1), 400],
    [
      'refuses reasoning that is not its own',
      ([first, ...rest]) => [{ ...first, encrypted_content: 'Zm9yZ2Vk' }, ...rest],
      400,
    ],
    [
      'does not find reasoning that it did not keep',
      ([first, ...rest]) => [{ ...first, encrypted_content: undefined }, ...rest],
      404,
    ],
    ['misses what reasoning led to', (items) => [...items.slice(1), ...items.slice(0, 1)], 400],
    ['misses a call', (items) => items.slice(0, 2), 400],
  ])('%s', async (_, change, status) => {
    expect((await post(change)).status).toBe(status)
  })

  test('finds reasoning that it kept', async () => {
    const { status } = await post((items) => items, { store: true, include: [] })
    expect(status).toBe(200)
  })

  test("refuses Grok's reasoning", async () => {
    once()
    const body = { ...base, model: 'grok-4.7', input: [user] }
    const answer = await wholeAnswer(posting, 'xai', body, '/../../responses')
    const [reasoning] = (answer as { output: Json[] }).output
    const { status } = await post(([, ...rest]) => [reasoning ?? {}, ...withoutIds(rest)])
    expect(status).toBe(400)
  })
})
