import type { ResponseInputItem } from 'openai/resources/responses/responses'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  beginning,
  BROUGHT_TOOLS,
  codex,
  INSTRUCTIONS,
  SESSION,
  settingsFor,
  work,
} from '../support/codex.ts'
import { type Keyway, lastRequest, type Organization, startKeyway } from '../support/keyway.ts'
import type { Prompt, ProviderName, ScriptedAnswer } from '../upstreams/stand-ins.ts'

let keyway: Keyway
let organization: Organization
beforeAll(async () => {
  keyway = await startKeyway()
  organization = await keyway.organization()
})
afterAll(() => keyway[Symbol.asyncDispose]())
afterEach(() => keyway.standIns.reset({ requests: true }))

const client = () => codex(`${keyway.url}/v1`, organization.apiKey)

const PATCH = '*** Begin Patch\n*** Update File: "é.ts"\n-a\n+b\\n\n*** End Patch'
const PATCH_JSON = JSON.stringify({ input: PATCH })

/** A model at work: it looks around, then changes a file and its plan at once, and then has an answer. */
const atWork =
  (patches: boolean) =>
  ({ lines }: Prompt): ScriptedAnswer => {
    const results = lines.filter(({ kind }) => kind === 'result').length
    if (results === 0) {
      return {
        say: [
          { reasoning: ['I should ', 'look first.'] },
          { text: ['Let me ', 'look.'] },
          { call: 'shell', arguments: ['{"command":["ls",', '"-l"]}'] },
        ],
      }
    }
    if (results === 1) {
      const patch = patches
        ? { call: 'apply_patch', arguments: [PATCH_JSON.slice(0, 30), PATCH_JSON.slice(30)] }
        : { call: 'shell', arguments: '{"command":["patch"]}' }
      return {
        say: [
          { reasoning: 'Two things at once.' },
          patch,
          { call: 'update_plan', arguments: '{"plan":[]}' },
        ],
      }
    }
    return { say: [{ text: ['Done', ': 鍵 ', 'fixed.'] }] }
  }

const run = (name: string): string => `ran ${name}`

/** `patches`: whether the stand-in's model can call a tool that takes text. */
const MODELS: readonly (readonly [ProviderName, model: string, patches: boolean])[] = [
  // The stand-ins of the API that Codex is made for call functions alone.
  ['openai', 'gpt-5.5', false],
  ['openai', 'gpt-6-sol', false],
  ['azure', 'azure/gpt-5.5', false],
  ['xai', 'grok-4.7', false],
  ['mistral', 'mistral-large-4-0', true],
  ['zai', 'glm-5.3', true],
  ['deepseek', 'deepseek-v4-pro', true],
  ['anthropic', 'claude-opus-5-5', true],
  ['anthropic', 'claude-haiku-4-5-20251001', true],
  ['google_vertex_ai', 'gemini-3.8-flash', true],
  ['google_vertex_ai', 'google_vertex_ai/claude-sonnet-4-6', true],
  ['bedrock', 'bedrock/us.anthropic.claude-sonnet-4-6', true],
  ['bedrock', 'bedrock/us.amazon.nova-2-lite-v1:0', true],
]

describe.each(MODELS)('Codex at %s with %s', (provider, model, patches) => {
  test('works through a turn of several steps, and through the next', async () => {
    keyway.standIns.script({ answer: atWork(patches) })
    const conversation = beginning('Fix the bug.')
    const { answers, warnings } = await work(client(), model, conversation, run)
    const hasCachedSearch = provider === 'openai' || provider === 'azure'
    expect(warnings.includes('tools.3.type:dropped')).toBe(!hasCachedSearch)
    const said = answers.map((items) =>
      items.flatMap((item): unknown[] => {
        if (item.type === 'function_call') return [[item.name, JSON.parse(item.arguments)]]
        if (item.type === 'custom_tool_call') return [[item.name, item.input]]
        if (item.type !== 'message') return []
        return item.content.map((part) => (part.type === 'output_text' ? part.text : part))
      }),
    )
    expect(said).toEqual([
      ['Let me look.', ['shell', { command: ['ls', '-l'] }]],
      [
        patches ? ['apply_patch', PATCH] : ['shell', { command: ['patch'] }],
        ['update_plan', { plan: [] }],
      ],
      ['Done: 鍵 fixed.'],
    ])

    // The next turn sends all of it again.
    conversation.push({ role: 'user', content: 'Thanks. Anything else?' })
    await work(client(), model, conversation, run)
    const { prompt, refusal } = lastRequest(keyway.standIns, provider)
    expect(refusal).toBeUndefined()
    const lines = prompt?.lines ?? []
    const texts = (kind: string) =>
      lines.flatMap((line) => (line.kind === kind && 'text' in line ? [line.text] : []))
    expect(texts('result')).toEqual([
      'ran shell',
      patches ? 'ran apply_patch' : 'ran shell',
      'ran update_plan',
    ])
    expect(texts('assistant').filter((text) => text !== 'Understood.')).toEqual([
      'Let me look.',
      'Done: 鍵 fixed.',
    ])
    expect(texts('user').at(-1)).toContain('Thanks. Anything else?')
    expect(texts('system').join('\n')).toContain(INSTRUCTIONS)
    expect(JSON.stringify(lines)).toContain('<permissions>read-only</permissions>')
    const calls = lines.flatMap((line) => (line.kind === 'call' ? [line.name] : []))
    expect(calls).toEqual(['shell', patches ? 'apply_patch' : 'shell', 'update_plan'])
  })
})

test.each(MODELS.filter(([provider]) => provider !== 'xai'))(
  'tools that Codex brings along are there at %s with %s',
  async (provider, model, patches) => {
    keyway.standIns.script({ answer: atWork(patches) })
    const conversation = [BROUGHT_TOOLS, ...beginning('Fix the bug.')]
    const { answers } = await work(client(), model, conversation, run)
    expect(answers.at(-1)?.at(-1)).toMatchObject({ type: 'message', status: 'completed' })
    const { prompt, refusal } = lastRequest(keyway.standIns, provider)
    expect(refusal).toBeUndefined()
    const names = prompt?.tools.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['shell', 'update_plan']))
  },
)

test("OpenAI's own models hear every byte as Codex said it", async () => {
  const input = beginning('Fix the bug.')
  await work(client(), 'openai/gpt-5.5', [...input], run)
  const { path, body, headers } = lastRequest(keyway.standIns, 'openai')
  expect(path).toBe('/v1/responses')
  const own = JSON.stringify({ ...settingsFor('openai/gpt-5.5'), input, stream: true })
  expect(body).toBe(own.replace('openai/gpt-5.5', 'gpt-5.5'))
  expect(headers).not.toHaveProperty('session_id')
  expect(JSON.stringify(headers)).not.toContain(SESSION)
})

/** The reasoning in the last request, as the model that it goes back to has it. */
const REPLAYED: readonly (readonly [ProviderName, model: string, RegExp])[] = [
  ['openai', 'gpt-5.5', /"encrypted_content":"[A-Za-z0-9+/]{20,}/],
  ['anthropic', 'claude-opus-5-5', /"type":"thinking","thinking":"[^"]*","signature":"[^"]{8,}"/],
  ['bedrock', 'bedrock/us.anthropic.claude-sonnet-4-6', /"signature":"[^"]{8,}"/],
  ['google_vertex_ai', 'gemini-3.8-flash', /"thoughtSignature":"[A-Za-z0-9+/=]{8,}"/],
  ['deepseek', 'deepseek-v4-pro', /"reasoning_content":"I should look first\."/],
  ['zai', 'glm-5.3', /"reasoning_content":"I should look first\."/],
]

test.each(REPLAYED)('%s gets its reasoning of %s back', async (provider, model, expected) => {
  keyway.standIns.script({ answer: atWork(false) })
  const conversation = beginning('Fix the bug.')
  const { answers } = await work(client(), model, conversation, run)
  expect(answers[0]?.[0]).toMatchObject({ type: 'reasoning' })
  expect(lastRequest(keyway.standIns, provider).body).toMatch(expected)
})

test('a conversation goes on with any model that another began', async () => {
  keyway.standIns.script({ answer: atWork(false) })
  const conversation: ResponseInputItem[] = beginning('Fix the bug.')
  for (const [, model] of [...MODELS.toReversed(), ...MODELS]) {
    const { answers } = await work(client(), model, conversation, run)
    expect(answers.at(-1)?.at(-1)).toMatchObject({ type: 'message', status: 'completed' })
    conversation.push({ role: 'user', content: `Next, after ${model}.` })
  }
})

test.each([
  ['previous_response_id', 'resp_1'],
  ['conversation', 'conv_1'],
  ['background', true],
])(
  '%s, which needs a memory that other providers lack, is refused by name',
  async (name, value) => {
    const call = client().responses.create({
      ...settingsFor('mistral-large-4-0'),
      input: 'Hello',
      stream: false,
      [name]: value,
    })
    await expect(call).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_parameter',
      param: name,
    })
    expect(keyway.standIns.requests).toEqual([])
  },
)
