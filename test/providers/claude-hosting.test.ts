import { describe, expect, test } from 'vitest'
import type { CompatMode } from '../../src/core/compat.ts'
import { editMembers } from '../../src/core/json-members.ts'
import type { JsonObject } from '../../src/core/parse.ts'
import { bedrockBetas, vertexBetas } from '../../src/providers/claude-betas.ts'
import { hostedClaudeEdits } from '../../src/providers/claude-hosting.ts'
import type { ClaudeHost } from '../../src/providers/models/claude.ts'
import { compatNoting } from '../support/compat.ts'
import { thrownBy } from '../thrown-by.ts'

describe('#25 the flags that hosts take', () => {
  test.each<[string | null, string[], string[]]>([
    [null, [], []],
    ['', [], []],
    ['context-1m-2025-08-07, context-1m-2025-08-07', ['context-1m-2025-08-07'], []],
    ['advanced-tool-use-2025-11-20', ['tool-search-tool-2025-10-19'], []],
    ['web-search-2025-03-05', ['web-search-2025-03-05'], []],
    [
      'skills-2025-10-02,code-execution-2025-08-25',
      [],
      ['skills-2025-10-02', 'code-execution-2025-08-25'],
    ],
    ['mid-conversation-system-2026-04-07', [], ['mid-conversation-system-2026-04-07']],
    ['toString,__proto__', [], ['toString', '__proto__']],
  ])('Vertex, of %j', (header, kept, dropped) => {
    expect(vertexBetas(header)).toEqual({ kept, dropped })
  })

  test('Vertex counts tokens without the flag of web search', () => {
    expect(vertexBetas('web-search-2025-03-05', true)).toEqual({
      kept: [],
      dropped: ['web-search-2025-03-05'],
    })
  })

  test('Bedrock takes those of bound thinking', () => {
    expect(bedrockBetas('thinking-binding-controls-2026-08-01').dropped).toEqual([])
  })
})

interface HostedModel {
  readonly host: ClaudeHost
  readonly model: string
  readonly betas?: readonly string[]
  readonly mode?: CompatMode
}

const hosts = {
  anthropic: { host: 'anthropic', model: 'claude-opus-4-8' },
  vertex: { host: 'vertex', model: 'claude-opus-4-8' },
  bedrock: { host: 'bedrock', model: 'anthropic.claude-opus-4-8' },
  foundry: { host: 'foundry', model: 'claude-opus-4-8' },
} as const

function hostedClaudeBody(body: JsonObject, { host, model, betas = [], mode }: HostedModel) {
  const warnings: string[] = []
  const compat = compatNoting(warnings, mode)
  const edits = hostedClaudeEdits(host, { model, body, compat }, { kept: betas, dropped: [] })
  return { edits, warnings }
}

/** The body as the host gets it. */
function sent(body: JsonObject, hosted: HostedModel = hosts.vertex) {
  const before = structuredClone(body)
  const { edits, warnings } = hostedClaudeBody(body, hosted)
  expect(body, 'the caller’s body is left alone').toEqual(before)
  return { body: JSON.parse(editMembers(JSON.stringify(body), edits)), warnings }
}

const user = { role: 'user', content: 'Hello' }
const text = (said: string, members: object = {}) => ({ type: 'text', text: said, ...members })
const mark = { type: 'ephemeral' }

describe('a body', () => {
  test.each(Object.entries(hosts))('at %s that has nothing special is not touched', (_, hosted) => {
    const body = {
      system: [text('Be brief.', { cache_control: mark })],
      messages: [user],
      metadata: {},
    }
    expect(hostedClaudeBody(body, hosted)).toEqual({ edits: { set: {}, remove: [] }, warnings: [] })
  })

  const special = {
    messages: [
      { role: 'user', content: [text('Hello', { cache_control: { ...mark, scope: 'x' } })] },
    ],
    cache_control: mark,
    output_format: { type: 'json_schema', schema: {} },
    context_management: { edits: [] },
    service_tier: 'auto',
    speed: 'fast',
  }

  test('goes to Anthropic as it is', () => {
    const { edits, warnings } = hostedClaudeBody(special, hosts.anthropic)
    expect({ edits, warnings }).toEqual({ edits: { set: {}, remove: [] }, warnings: [] })
  })

  test.each(['vertex', 'bedrock'] as const)('goes to %s without what is refused there', (name) => {
    expect(sent(special, hosts[name])).toEqual({
      body: {
        messages: [{ role: 'user', content: [text('Hello', { cache_control: mark })] }],
        output_config: { format: { type: 'json_schema', schema: {} } },
      },
      warnings: ['context_management:dropped', 'speed:dropped'],
    })
  })

  test('with a thread goes to Anthropic alone, and is refused as its SDK understands it', () => {
    const thread = { type: 'continue', previous_message_id: 'msg_1' }
    const body = { messages: [user], thread }
    expect(sent(body, hosts.anthropic).body).toEqual(body)
    for (const host of ['vertex', 'bedrock', 'foundry'] as const) {
      const hosted = { host, model: 'claude-opus-4-8' }
      expect(thrownBy(() => hostedClaudeBody(body, hosted))).toMatchObject({
        status: 400,
        details: { facts: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } },
      })
      const alone = { messages: [user], thread: null }
      const expected = host === 'foundry' ? alone : { messages: [user] }
      expect(sent(alone, hosted)).toEqual({ body: expected, warnings: [] })
    }
  })

  test('keeps what its flags allow', () => {
    const body = { messages: [user], context_management: { edits: [] } }
    const betas = ['context-management-2025-06-27']
    expect(sent(body, { host: 'vertex', model: 'claude-opus-4-8', betas }).body).toEqual(body)
  })

  test('that nobody can do without is left for the host to refuse', () => {
    const body = { messages: [user], container: 'c_1', mcp_servers: [{}], inference_geo: 'eu' }
    expect(sent(body).body).toEqual(body)
  })

  test('loses scopes wherever marks can be, and nowhere else', () => {
    const scoped = { ...mark, ttl: '1h', scope: 'global' }
    const plain = { ...mark, ttl: '1h' }
    const bodyWith = (control: object) => ({
      system: [text('Be brief.', { cache_control: control }), text('Always.')],
      tools: [
        {
          name: 'a',
          input_schema: { cache_control: { scope: 'a property' } },
          cache_control: control,
        },
      ],
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: 't', name: 'a', input: { cache_control: { scope: 1 } } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [text('ok', { cache_control: control })],
            },
          ],
        },
      ],
    })
    expect(sent(bodyWith(scoped)).body).toEqual(bodyWith(plain))
  })

  test('has its own mark put at the end of the conversation', () => {
    const body = {
      messages: [user, { role: 'assistant', content: 'Hi' }, user],
      cache_control: mark,
    }
    expect(sent(body)).toEqual({
      body: {
        messages: [
          user,
          { role: 'assistant', content: 'Hi' },
          { role: 'user', content: [text('Hello', { cache_control: mark })] },
        ],
      },
      warnings: [],
    })
  })

  test('has its own mark dropped where there are four others', () => {
    const content = [1, 2, 3, 4].map((n) => text(`${n}`, { cache_control: mark }))
    const body = {
      messages: [{ role: 'user', content: [...content, text('5')] }],
      cache_control: mark,
    }
    const { body: got, warnings } = sent(body)
    expect(got).toEqual({ messages: body.messages })
    expect(warnings).toEqual(['cache_control:dropped'])
  })

  test('has the old name of its output format changed beside what is there', () => {
    const body = {
      messages: [user],
      output_format: { type: 'a' },
      output_config: { effort: 'low' },
    }
    expect(sent(body).body).toEqual({
      messages: [user],
      output_config: { format: { type: 'a' }, effort: 'low' },
    })
  })
})

describe('Claude Code’s note in front of its instructions', () => {
  const note = (cch: string) => `x-anthropic-billing-header: cc_version=2.1; cch=${cch};`
  const agent = text('You are an agent.', { cache_control: { ...mark, scope: 'global' } })
  const others = ['vertex', 'bedrock', 'foundry'] as const

  test('goes to Anthropic with every byte, and to no other host', () => {
    const body = { messages: [user], system: [text(note('a1b2c')), agent] }
    expect(sent(body, hosts.anthropic).body).toEqual(body)
    for (const name of others) {
      expect(sent(body, hosts[name]).warnings).toEqual([])
      expect(sent(body, hosts[name]).body.system).toEqual([
        name === 'foundry' ? agent : text('You are an agent.', { cache_control: mark }),
      ])
    }
  })

  test.each([
    [note('a1b2c'), undefined],
    [[text(note('a1b2c'), { cache_control: { ...mark, scope: 'global' } })], undefined],
    [`${note('a1b2c')}\n\nBe brief.\n${note('d')}`, `Be brief.\n${note('d')}`],
    [[text(`${note('a1b2c')}\nBe brief.`, { x: 1 })], [text('Be brief.', { x: 1 })]],
    [`Be brief.\n${note('a1b2c')}`, `Be brief.\n${note('a1b2c')}`],
    [
      [null, 'x', {}],
      [null, 'x', {}],
    ],
    ['', ''],
  ])('of %j leaves %j', (system, left) => {
    for (const name of others) {
      const expected = { messages: [user], ...(left === undefined ? {} : { system: left }) }
      expect(sent({ messages: [user], system }, hosts[name]).body).toEqual(expected)
    }
  })
})

test.each<[JsonObject, HostedModel, param: string]>([
  [{ speed: 'fast' }, hosts.vertex, 'speed'],
  [{ service_tier: 'standard_only' }, hosts.bedrock, 'service_tier'],
  [{ context_management: { edits: [] } }, hosts.bedrock, 'context_management'],
])('a strict caller is refused what %j would lose', (members, hosted, param) => {
  const body = { messages: [user], ...members }
  expect(thrownBy(() => hostedClaudeBody(body, { ...hosted, mode: 'strict' }))).toMatchObject({
    code: 'unsupported_parameter',
    details: { param },
  })
})

test('a strict caller is refused a flag that the host does not know', () => {
  const call = { model: 'claude-opus-4-8', body: {}, compat: compatNoting([], 'strict') }
  expect(
    thrownBy(() => hostedClaudeEdits('vertex', call, vertexBetas('files-api-2025-04-14'))),
  ).toMatchObject({ details: { param: 'anthropic-beta.files-api-2025-04-14' } })
})

describe('#24 turns of role system', () => {
  const messages = [
    user,
    { role: 'assistant', content: 'Hi' },
    user,
    { role: 'system', content: 'Be brief.' },
  ]
  const folded = [
    ...messages.slice(0, 3),
    { role: 'user', content: [text('<system>\nBe brief.\n</system>')] },
  ]

  test.each([
    ['anthropic', 'claude-opus-4-8', false],
    ['anthropic', 'claude-sonnet-5-5', false],
    ['foundry', 'claude-sonnet-5-5', false],
    ['anthropic', 'claude-opus-4-6', true],
    ['vertex', 'claude-opus-4-8', true],
    ['bedrock', 'us.anthropic.claude-opus-5-5', true],
  ] as const)('at %s, %s are folded: %s', (host, model, isFolded) => {
    expect(sent({ messages }, { host, model }).body.messages).toEqual(isFolded ? folded : messages)
  })

  test('are folded before the mark is put at the end', () => {
    expect(sent({ messages, cache_control: mark }).body.messages.at(-1)).toEqual({
      role: 'user',
      content: [text('<system>\nBe brief.\n</system>', { cache_control: mark })],
    })
  })
})

describe("other models' thinking", () => {
  const foreign = { type: 'thinking', thinking: 'Hm.', signature: 'kwproof.gemini.CiQ' }
  const call = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'x' }
  const messages = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: [foreign, call] },
    { role: 'user', content: [result] },
    { role: 'system', content: 'Be brief.' },
  ]
  const begun = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: [call] },
    { role: 'user', content: [result] },
  ]
  const brief = {
    role: 'user',
    content: [{ type: 'text', text: '<system>\nBe brief.\n</system>' }],
  }

  test.each([
    ['anthropic', 'claude-opus-5-5', messages.at(-1)],
    ['foundry', 'claude-sonnet-4-5', brief],
    ['vertex', 'claude-sonnet-4-6', brief],
    ['bedrock', 'anthropic.claude-sonnet-4-6', brief],
  ] as const)(
    'is left out at %s, and turns of the system are folded behind it',
    (host, model, end) => {
      const { edits } = hostedClaudeBody({ messages }, { host, model })
      expect(edits.set?.['messages']).toEqual([...begun, end])
    },
  )

  test('leaves every byte of the rest as it came', () => {
    const came = `{ "metadata":{"user_id":"\\u0061"}, "messages":${JSON.stringify(messages)},"max_tokens":9.0 }`
    const body = JSON.parse(came) as JsonObject
    const hosted = { host: 'anthropic', model: 'claude-opus-5-5' } as const
    expect(editMembers(came, hostedClaudeBody(body, hosted).edits)).toBe(
      `{ "metadata":{"user_id":"\\u0061"}, "messages":${JSON.stringify([...begun, messages.at(-1)])},"max_tokens":9.0 }`,
    )
  })

  test.each([
    ['enabled', messages.slice(0, 3), { type: 'disabled' }, ['thinking:disabled']],
    ['adaptive', messages.slice(0, 3), undefined, []],
    ['enabled', messages.slice(0, 1), undefined, []],
  ])('with thinking %s', (type, conversation, thinking, warnings) => {
    const body = { messages: conversation, thinking: { type, budget_tokens: 2048 } }
    const hosted = { host: 'anthropic', model: 'claude-sonnet-4-5' } as const
    const made = hostedClaudeBody(body, hosted)
    expect(made.edits.set?.['thinking']).toEqual(thinking)
    expect(made.warnings).toEqual(warnings)
  })
})
