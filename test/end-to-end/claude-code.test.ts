import type { BetaMessageParam, BetaToolUseBlock } from '@anthropic-ai/sdk/resources/beta/messages'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  BETAS,
  claudeCode,
  NOTE,
  REMINDER,
  SESSION,
  settingsFor,
  SYSTEM,
  TOOLS,
  work,
} from '../support/claude-code.ts'
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

const client = () => claudeCode(keyway.url, organization.apiKey)

/** A model at work: it reads, runs two things at once, and then has an answer. */
function atWork({ lines }: Prompt): ScriptedAnswer {
  const results = lines.filter(({ kind }) => kind === 'result').length
  if (results === 0) {
    return {
      say: [
        { reasoning: ['I should ', 'look first.'] },
        { text: ['Let me ', 'look.'] },
        { call: 'Read', arguments: ['{"file_path":', '"/src/é.ts"}'] },
      ],
    }
  }
  if (results === 1) {
    return {
      say: [
        { reasoning: 'Two things at once.' },
        { call: 'Bash', arguments: ['{"command":"npm ', 'test"}'] },
        { call: 'mcp__tracker__list_issues' },
      ],
    }
  }
  return { say: [{ text: ['Done', ': 鍵 ', 'fixed.'] }] }
}

const run = ({ name }: BetaToolUseBlock) =>
  name === 'Bash' ? { content: 'Exit code 1', is_error: true } : { content: `ran ${name}` }

const CLAUDES: readonly (readonly [ProviderName, model: string])[] = [
  ['anthropic', 'claude-opus-5-5'],
  ['anthropic', 'anthropic/claude-sonnet-5-5'],
  ['anthropic', 'claude-haiku-5-5'],
  ['google_vertex_ai', 'google_vertex_ai/claude-opus-5-5'],
  ['google_vertex_ai', 'google_vertex_ai/claude-sonnet-4-6'],
  ['bedrock', 'bedrock/us.anthropic.claude-sonnet-4-6'],
  ['bedrock', 'bedrock/global.anthropic.claude-opus-5-5'],
  ['azure', 'azure/claude-sonnet-5-5'],
]
const OTHERS: readonly (readonly [ProviderName, model: string])[] = [
  ['openai', 'gpt-4.1'],
  ['openai', 'gpt-6-sol'],
  ['openai', 'gpt-5.6-sol'],
  ['mistral', 'mistral-large-4-0'],
  ['mistral', 'magistral-medium-2509'],
  ['google_vertex_ai', 'gemini-3.8-flash'],
  ['google_vertex_ai', 'gemini-2.5-pro'],
  ['bedrock', 'bedrock/us.amazon.nova-2-lite-v1:0'],
  ['deepseek', 'deepseek-v4-pro'],
  ['xai', 'grok-4.7'],
  ['zai', 'glm-5.3'],
  ['azure', 'azure/gpt-6-sol'],
]

describe.each([...CLAUDES, ...OTHERS])('Claude Code at %s with %s', (provider, model) => {
  test('works through a turn of several steps, and through the next', async () => {
    keyway.standIns.script({ answer: atWork })
    const conversation: BetaMessageParam[] = [{ role: 'user', content: 'Fix the bug.' }]
    const { answers } = await work(client(), model, conversation, run)
    expect(answers.map(({ stop_reason }) => stop_reason)).toEqual([
      'tool_use',
      'tool_use',
      'end_turn',
    ])
    const said = answers.map(({ content }) =>
      content.flatMap((block): unknown[] => {
        if (block.type === 'text') return [block.text]
        return block.type === 'tool_use' ? [[block.name, block.input]] : []
      }),
    )
    expect(said).toEqual([
      ['Let me look.', ['Read', { file_path: '/src/é.ts' }]],
      [
        ['Bash', { command: 'npm test' }],
        ['mcp__tracker__list_issues', {}],
      ],
      ['Done: 鍵 fixed.'],
    ])
    for (const { usage } of answers) {
      expect(usage.input_tokens).toBeGreaterThan(0)
      expect(usage.output_tokens).toBeGreaterThan(0)
    }

    // The next turn sends all of it again.
    conversation.push({ role: 'user', content: 'Thanks. Anything else?' })
    await work(client(), model, conversation, run)
    const { prompt, refusal } = lastRequest(keyway.standIns, provider)
    expect(refusal).toBeUndefined()
    const lines = prompt?.lines ?? []
    const texts = (kind: string) =>
      lines.flatMap((line) => (line.kind === kind && 'text' in line ? [line.text] : []))
    expect(texts('result')).toEqual([
      'ran Read',
      expect.stringContaining('Exit code 1'),
      'ran mcp__tracker__list_issues',
    ])
    // Mistral's models must say something between a result and what a user says.
    expect(texts('assistant').filter((text) => text !== 'Understood.')).toEqual([
      'Let me look.',
      'Done: 鍵 fixed.',
    ])
    expect(texts('user').at(-1)).toContain('Thanks. Anything else?')
    const instructions = texts('system').join('\n')
    for (const { text } of SYSTEM) expect(instructions).toContain(text)
    expect(instructions.includes(NOTE)).toBe(provider === 'anthropic')
    const everything = JSON.stringify(lines)
    expect(everything.split('The todo list is empty.')).toHaveLength(3)
  })

  test('is answered where it only asks how long a conversation is', async () => {
    const { betas, system, tools, thinking } = settingsFor(model)
    const counted = await client().beta.messages.countTokens({
      model,
      betas,
      system,
      tools,
      thinking,
      messages: [{ role: 'user', content: 'Fix the bug.' }],
    })
    expect(counted.input_tokens).toBeGreaterThan(0)
  })
})

describe('Claude at Anthropic', () => {
  test('hears every byte as Claude Code said it, and every flag', async () => {
    const messages = [{ role: 'user' as const, content: 'Fix the bug.' }]
    const { betas, ...settings } = settingsFor('anthropic/claude-opus-5-5')
    await client()
      .beta.messages.stream({ ...settings, betas, messages })
      .finalMessage()
    const { path, headers, body } = lastRequest(keyway.standIns, 'anthropic')
    expect(path).toMatch(/^\/v1\/messages/)
    expect(headers['anthropic-beta']).toBe(BETAS.join(','))
    expect(headers['anthropic-version']).toBe('2023-06-01')
    const own = JSON.stringify({ ...settings, messages, stream: true })
    expect(body).toBe(own.replace('anthropic/claude-opus-5-5', 'claude-opus-5-5'))
    expect(JSON.stringify(headers)).not.toContain(organization.apiKey)
    expect(JSON.stringify(headers)).not.toContain(SESSION)
  })

  test('takes its own thinking back, bound to what was said before', async () => {
    keyway.standIns.script({ answer: atWork })
    const conversation: BetaMessageParam[] = [{ role: 'user', content: 'Fix the bug.' }]
    const { answers } = await work(client(), 'claude-opus-5-5', conversation, run)
    const thought = answers[0]?.content[0]
    expect(thought).toMatchObject({ type: 'thinking', signature: expect.stringMatching(/./) })
    expect(lastRequest(keyway.standIns, 'anthropic').json).toMatchObject({
      messages: [{}, { content: [thought, {}, {}] }, {}, {}, {}, {}, {}],
    })
  })
})

describe('hosts of Claude', () => {
  const ask = async (model: string) => {
    const conversation: BetaMessageParam[] = [{ role: 'user', content: 'Fix the bug.' }]
    return await work(client(), model, conversation, run)
  }
  const FOREIGN = [
    'anthropic-beta.claude-code-20250219:dropped',
    'anthropic-beta.prompt-caching-scope-2026-01-05:dropped',
    'anthropic-beta.mid-conversation-system-2026-04-07:dropped',
  ]

  test('#25 Bedrock gets the flags that it knows, in the body', async () => {
    const { warnings } = await ask('bedrock/us.anthropic.claude-sonnet-4-6')
    const { json, headers } = lastRequest(keyway.standIns, 'bedrock')
    expect(json).toMatchObject({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: [
        'interleaved-thinking-2025-05-14',
        'fine-grained-tool-streaming-2025-05-14',
        'context-management-2025-06-27',
        'effort-2025-11-24',
      ],
      tools: TOOLS,
    })
    expect(headers).not.toHaveProperty('anthropic-beta')
    expect(warnings).toEqual(FOREIGN)
  })

  test('#25 Vertex gets those that it knows, in the header', async () => {
    const { warnings } = await ask('google_vertex_ai/claude-opus-5-5')
    const { json, headers } = lastRequest(keyway.standIns, 'google_vertex_ai')
    expect(headers['anthropic-beta']).toBe(
      'interleaved-thinking-2025-05-14,context-management-2025-06-27',
    )
    expect(json).toMatchObject({ anthropic_version: 'vertex-2023-10-16', tools: TOOLS })
    expect(json).not.toHaveProperty('anthropic_beta')
    expect(new Set(warnings)).toEqual(
      new Set([
        ...FOREIGN,
        'anthropic-beta.fine-grained-tool-streaming-2025-05-14:dropped',
        'anthropic-beta.effort-2025-11-24:dropped',
      ]),
    )
  })

  test.each([
    ['bedrock', 'bedrock/us.anthropic.claude-sonnet-4-6'],
    ['google_vertex_ai', 'google_vertex_ai/claude-sonnet-4-6'],
  ] as const)(
    '#24 %s hears what the system says amid a conversation from the user',
    async (provider, model) => {
      keyway.standIns.script({ answer: atWork })
      await ask(model)
      const { messages } = lastRequest(keyway.standIns, provider).json as {
        messages: { role: string; content: unknown }[]
      }
      expect(messages.map(({ role }) => role)).not.toContain('system')
      expect(messages[3]).toEqual({
        role: 'user',
        content: [{ type: 'text', text: `<system>\n${REMINDER}\n</system>` }],
      })
    },
  )
})

test('a conversation goes on with Claude where another model began it', async () => {
  keyway.standIns.script({ answer: atWork })
  const conversation: BetaMessageParam[] = [{ role: 'user', content: 'Fix the bug.' }]
  await work(client(), 'gemini-3.8-flash', conversation, run)
  conversation.push({ role: 'user', content: 'And now Claude.' })
  await work(client(), 'deepseek-v4-pro', conversation, run)
  conversation.push({ role: 'user', content: 'And now Claude.' })
  expect(JSON.stringify(conversation)).toMatch(/"type":"thinking"/)
  for (const [provider, model] of CLAUDES) {
    const { answers } = await work(client(), model, [...conversation], run)
    expect(answers.at(-1)?.stop_reason).toBe('end_turn')
    expect(lastRequest(keyway.standIns, provider).body).not.toMatch(
      /"type":"(?:redacted_)?thinking"/,
    )
  }
})

describe('the list of models', () => {
  test('is found at the start, in the shape of Anthropic', async () => {
    const response = await fetch(`${keyway.url}/v1/models?limit=1000`, {
      headers: {
        authorization: `Bearer ${organization.apiKey}`,
        'anthropic-version': '2023-06-01',
      },
      redirect: 'error',
    })
    expect(response.status).toBe(200)
    const list = await response.json<{ data: { id: string }[] }>()
    expect(list).toMatchObject({
      has_more: false,
      first_id: list.data[0]?.id,
      last_id: list.data.at(-1)?.id,
    })
    for (const model of list.data) {
      expect(model).toMatchObject({
        type: 'model',
        display_name: expect.any(String) as string,
        created_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T/) as string,
      })
    }
    // It shows no others.
    const shown = list.data.map(({ id }) => id).filter((id) => /^(?:claude|anthropic)/.test(id))
    expect(shown).toContain('anthropic/claude-opus-5-5')
  })

  test('holds names that can be called', async () => {
    const { data } = await client().models.list({ limit: 1000 })
    const first = data.map(({ id }) => id).find((id) => /^(?:claude|anthropic)/.test(id))
    const { answers } = await work(client(), first ?? '', [{ role: 'user', content: 'Hello' }], run)
    expect(answers).toHaveLength(1)
  })
})
