import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openAi } from '../support/clients.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import type { Prompt, ProviderName, ScriptedAnswer } from '../upstreams/stand-ins.ts'

/** A conversation that goes from model to model, as the caller got it and gives it back. */

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())
afterEach(() => keyway.standIns.reset({ requests: true }))

const tools = [
  {
    type: 'function' as const,
    function: {
      name: 'get_weather',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
]

/** Thinks, calls, and says what it has heard. */
function atWork({ lines }: Prompt): ScriptedAnswer {
  const thought = { reasoning: 'Where is that?' }
  if (lines.at(-1)?.kind === 'result') return { say: [thought, { text: 'It rains.' }] }
  return { say: [thought, { call: 'get_weather', arguments: '{"city":"Paris"}' }] }
}

const MODELS: readonly (readonly [ProviderName, model: string])[] = [
  ['anthropic', 'claude-opus-5-5'],
  ['google_vertex_ai', 'gemini-3.8-flash'],
  ['bedrock', 'bedrock/us.amazon.nova-2-lite-v1:0'],
  ['deepseek', 'deepseek-v4-pro'],
  ['mistral', 'magistral-medium-2509'],
  ['zai', 'glm-5.3'],
  ['xai', 'grok-4.7'],
  ['openai', 'gpt-4.1'],
  ['openai', 'gpt-5.4-pro'],
  ['azure', 'azure/my-deployment'],
]

async function turn(model: string, messages: ChatCompletionMessageParam[]): Promise<string | null> {
  const client = openAi(`${keyway.url}/v1`, organization.apiKey)
  for (;;) {
    const { choices } = await client.chat.completions.create({
      model,
      messages,
      tools,
      reasoning_effort: /gpt-4|my-deployment/.test(model) ? null : 'high',
    })
    const [choice] = choices
    expect.assert(choice !== undefined)
    // With all that the answer holds, as the documentation of the SDK has it.
    messages.push(choice.message)
    const calls = choice.message.tool_calls ?? []
    if (calls.length === 0) return choice.message.content
    for (const { id } of calls) messages.push({ role: 'tool', tool_call_id: id, content: 'Rain' })
  }
}

describe.each(MODELS)('a conversation that %s began with %s', (_, first) => {
  test.each(MODELS)('goes on at %s with %s', async (provider, model) => {
    keyway.standIns.script({ answer: atWork })
    const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: 'Paris?' }]
    expect(await turn(first, messages)).toBe('It rains.')
    messages.push({ role: 'user', content: 'And Paris?' })
    expect(await turn(model, messages)).toBe('It rains.')
    const { prompt } = lastRequest(keyway.standIns, provider)
    const results = prompt?.lines.filter(({ kind }) => kind === 'result') ?? []
    expect(results).toHaveLength(2)
  })
})
