import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { echo, startStandIns, type StandIns } from './stand-ins.ts'
import { baseUrl } from './test-clients.ts'

let standIns: StandIns
let client: Anthropic
beforeAll(async () => {
  standIns = await startStandIns()
  const apiKey = await standIns.issueCredential('anthropic', 'anthropic')
  client = new Anthropic({ apiKey, baseURL: baseUrl(standIns, 'anthropic'), maxRetries: 0 })
})
afterAll(() => standIns.close())

const model = 'claude-sonnet-5-5'
const messages = [{ role: 'user' as const, content: 'the weather, please' }]
const weather = betaTool({
  name: 'look_up',
  description: 'The weather.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
  run: () => 'sunny',
})
const bodies = () => standIns.requests.slice(-2).map(({ json }) => json)

test.each([false, true])(
  "Anthropic's runner sends only what is new; streamed: %s",
  async (stream) => {
    const runner = client.beta.messages.toolRunner({
      model,
      max_tokens: 99,
      messages,
      tools: [weather],
      stream,
    })
    const { content } = await runner.runUntilDone()
    expect(content).toMatchObject([{ type: 'text', text: echo('anthropic', 'sunny') }])
    expect(bodies()).toMatchObject([
      { thread: { type: 'create' }, messages },
      { thread: { type: 'continue' }, messages: [{ content: [{ type: 'tool_result' }] }] },
    ])
    const { lines = [] } = standIns.requests.at(-1)?.prompt ?? {}
    expect(lines.map(({ kind }) => kind)).toEqual(['user', 'call', 'result'])
  },
)

const continued = { type: 'continue' as const, previous_message_id: 'msg_01unknown' }
const betas = ['message-threads-2026-08-12']

test('a thread that nobody began is not found, in words for programs', async () => {
  const call = client.beta.messages.create({
    model,
    max_tokens: 9,
    messages,
    betas,
    thread: continued,
  })
  await expect(call).rejects.toMatchObject({
    status: 404,
    error: { error: { details: { error_code: 'thread_not_found' } } },
  })
})

test('a thread without the beta is a field that nobody knows', async () => {
  const thread = { type: 'create' as const }
  const call = client.beta.messages.create({ model, max_tokens: 9, messages, thread })
  await expect(call).rejects.toThrow(/thread: Extra inputs/)
})
