import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AssistantPart,
  type ChatMessage,
  type ChatRequest,
  EFFORTS,
  type UserPart,
} from '../../../../src/core/chat.ts'
import { GatewayError } from '../../../../src/core/errors.ts'
import { type Asked, encode, type Json, MIXED, NEWEST, OLD } from './claude.ts'

const asked: fc.Arbitrary<Asked> = fc.record({
  model: fc.constantFrom(OLD, MIXED, NEWEST, 'claude-3-haiku', 'claude-haiku-5-5'),
  host: fc.constantFrom('anthropic', 'foundry', 'vertex', 'bedrock'),
})

const words = fc.oneof(
  fc.constantFrom('', ' ', '\n\t', 'a ', 'Hello', '<system>'),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const said = words.filter((text) => text.trim() !== '')
const ids = fc.oneof(
  fc.constantFrom('', 'x', 'toolu_1', 'functions.get:0', 'a|b', 'kwid_x', 'x\u00002'),
  fc.string({ maxLength: 6 }),
)
const cache = fc.option(fc.record({ ttl: fc.constantFrom('5m', '1h') }, { requiredKeys: [] }), {
  nil: undefined,
})
const textPart = (text: fc.Arbitrary<string>) =>
  fc.record({ kind: fc.constant('text' as const), text })
const markedText = (text: fc.Arbitrary<string>) =>
  fc.tuple(textPart(text), cache).map(([part, mark]) => (mark ? { ...part, cache: mark } : part))

const source = fc.oneof(
  fc.record({
    kind: fc.constant('data' as const),
    mediaType: fc.constantFrom('image/png', 'application/pdf', 'text/plain', 'audio/wav'),
    data: fc.constantFrom('aGk=', '', '%'),
  }),
  fc.record({
    kind: fc.constant('url' as const),
    url: fc.constantFrom('https://e.com/a.png', 'gs://b/c', 'no url', ''),
  }),
  fc.record({ kind: fc.constant('file' as const), id: fc.string() }),
)
const userPart: fc.Arbitrary<UserPart> = fc.oneof(
  { weight: 5, arbitrary: markedText(words) },
  fc.record({ kind: fc.constant('image' as const), source }),
  fc.record({
    kind: fc.constant('file' as const),
    source: fc.oneof(source, fc.record({ kind: fc.constant('text' as const), text: words })),
  }),
  fc.record({
    kind: fc.constant('audio' as const),
    data: fc.constant(''),
    format: fc.constant('wav'),
  }),
)
const reasoning = fc.oneof(
  fc.record({ kind: fc.constant('reasoning' as const), text: words }),
  fc.record({
    kind: fc.constant('reasoning' as const),
    text: words,
    proof: fc.record({
      family: fc.constantFrom('claude', 'claude', 'gemini', 'gpt', 'converse'),
      kind: fc.constantFrom('signature', 'encrypted'),
      value: fc.constantFrom('', 's1', 'a very long signature='),
    }),
  }),
)

/** A turn of the model and what the caller says to it, as a caller who keeps to the rules would. */
const turn: fc.Arbitrary<ChatMessage[]> = fc
  .record({
    thoughts: fc.array(
      reasoning.filter((part) => !('proof' in part) || part.proof.value !== ''),
      { maxLength: 2 },
    ),
    before: textPart(said),
    calls: fc.array(
      fc.record({
        id: ids,
        name: fc.constantFrom('look', 'find.it'),
        args: fc.constantFrom('', '{}', '{"a":[1]}'),
        results: fc.array(markedText(words), { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
    more: fc.array(
      fc.oneof(
        fc.record({
          role: fc.constant('user' as const),
          content: fc.array(markedText(words), { maxLength: 2 }),
        }),
        fc.record({
          role: fc.constant('system' as const),
          content: fc.array(textPart(words), { maxLength: 2 }),
        }),
      ),
      { maxLength: 2 },
    ),
    last: textPart(said),
    order: fc.infiniteStream(fc.boolean()),
  })
  .map(({ thoughts, before, calls, more, last, order }) => {
    const content: AssistantPart[] = [
      ...thoughts,
      before,
      ...calls.map(({ id, name, args }) => ({
        kind: 'tool-call' as const,
        id,
        name,
        arguments: args,
      })),
    ]
    const results = calls.map(({ id, results: parts }) => ({
      role: 'tool' as const,
      callId: id,
      content: parts,
    }))
    if (order.next().value && new Set(calls.map(({ id }) => id)).size === calls.length)
      results.reverse()
    return [{ role: 'assistant', content }, ...results, ...more, { role: 'user', content: [last] }]
  })

const beginning: fc.Arbitrary<ChatMessage[]> = fc
  .tuple(fc.array(textPart(words), { maxLength: 2 }), textPart(said))
  .map(([system, first]) => [
    { role: 'system', content: system },
    { role: 'user', content: [first] },
  ])

/** Marks of a cache move with the conversation; all else stays. */
const withoutMarks = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (name, member) =>
    name === 'cache_control' ? undefined : member,
  )

test('#30 a conversation that goes on says first what it said before, byte by byte', () => {
  const history = fc.tuple(beginning, fc.array(turn, { maxLength: 4 }), turn)
  fc.assert(
    fc.property(history, asked, ([first, turns, next], target) => {
      const messages = [...first, ...turns.flat()]
      const before = encode({ messages }, target).body
      const after = encode({ messages: [...messages, ...next] }, target).body
      const kept = after['messages'].slice(0, before['messages'].length)
      expect(JSON.stringify(withoutMarks(kept))).toBe(
        JSON.stringify(withoutMarks(before['messages'])),
      )
      expect(after['system']).toEqual(before['system'])
    }),
    { numRuns: 300 },
  )
})

const message: fc.Arbitrary<ChatMessage> = fc.oneof(
  fc.record({
    role: fc.constant('system' as const),
    content: fc.array(markedText(words), { maxLength: 3 }),
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      role: fc.constant('user' as const),
      content: fc.array(userPart, { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      role: fc.constant('assistant' as const),
      content: fc.array(
        fc.oneof(
          markedText(words),
          textPart(words).map(({ text }) => ({ kind: 'refusal' as const, text })),
          reasoning as fc.Arbitrary<AssistantPart>,
          fc.record({
            kind: fc.constant('tool-call' as const),
            id: ids,
            name: fc.string({ maxLength: 4 }),
            arguments: fc.oneof(fc.constantFrom('', '{}', '[', '1'), fc.json()),
          }),
        ),
        { maxLength: 4 },
      ),
    }),
  },
  fc.record({
    role: fc.constant('tool' as const),
    callId: ids,
    content: fc.array(userPart, { maxLength: 2 }),
    isError: fc.boolean(),
  }),
)

const conversation = fc.oneof(
  fc.array(message, { maxLength: 6 }),
  fc
    .tuple(beginning, fc.array(turn, { maxLength: 3 }), fc.array(message, { maxLength: 1 }))
    .map((parts) => parts.flat(2)),
  {
    weight: 3,
    arbitrary: fc.tuple(beginning, fc.array(turn, { maxLength: 3 })).map((parts) => parts.flat(2)),
  },
)

const schema = fc.oneof(
  fc.constantFrom({}, { type: 'object' }, { type: 'array' }),
  fc.object().filter((value): value is Record<string, unknown> => !Array.isArray(value)),
)
const tool = fc.record(
  {
    name: fc.string({ maxLength: 5 }),
    description: words,
    parameters: schema,
    strict: fc.boolean(),
    isFreeform: fc.boolean(),
    cache: fc.constant({}),
  },
  { requiredKeys: ['name'] },
)
const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    messages: conversation,
    tools: fc.array(tool, { maxLength: 5 }),
    stop: fc.array(words, { maxLength: 3 }),
    stream: fc.boolean(),
    rest: fc.dictionary(fc.constantFrom('made_up', 'logit_bias', 'store'), fc.jsonValue()),
    toolChoice: fc.oneof(
      fc.record({ kind: fc.constantFrom('auto', 'none', 'required') }),
      fc.record({ kind: fc.constant('tool'), name: fc.string({ maxLength: 2 }) }),
      fc.record({
        kind: fc.constant('allowed'),
        mode: fc.constantFrom('auto', 'required'),
        names: fc.array(fc.string({ maxLength: 2 })),
      }),
    ) as fc.Arbitrary<NonNullable<ChatRequest['toolChoice']>>,
    parallelToolCalls: fc.boolean(),
    maxOutputTokens: fc.nat(200_000),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    topK: fc.nat(100),
    choices: fc.nat(3),
    reasoning: fc.record(
      {
        effort: fc.constantFrom(...EFFORTS),
        budgetTokens: fc.nat(100_000),
        isAdaptive: fc.boolean(),
        show: fc.string(),
      },
      { requiredKeys: [] },
    ),
    outputFormat: fc.oneof(
      fc.constant({ kind: 'json' as const }),
      fc.record({ kind: fc.constant('json-schema' as const), name: fc.string(), schema }),
    ),
    endUser: fc.string(),
    serviceTier: fc.string(),
    cache: fc.constant({}),
  },
  { requiredKeys: ['messages', 'tools', 'stop', 'stream', 'rest'] },
)

type Body = Json

/** What Anthropic refuses a body for, checked by its own rules. */
function faultsOf(body: Body): string[] {
  const faults: string[] = []
  const check = (isRight: boolean, fault: string) => void (isRight || faults.push(fault))
  let open: string[] = []
  const seen = new Set<string>()
  const blocks = [...(body['tools'] ?? []), ...(body['system'] ?? [])]
  for (const [at, { role, content }] of body['messages'].entries()) {
    check(
      role === (body['messages'][at - 1]?.role === 'user' ? 'assistant' : at === 0 ? role : 'user'),
      'turns do not alternate',
    )
    check(content.length > 0, 'empty turn')
    const results = content.filter(({ type }: Body) => type === 'tool_result')
    check(
      content.slice(0, results.length).every(({ type }: Body) => type === 'tool_result'),
      'results do not come first',
    )
    check(
      JSON.stringify(results.map(({ tool_use_id: id }: Body) => id)) === JSON.stringify(open),
      'results do not match calls',
    )
    const calls = content.filter(({ type }: Body) => type === 'tool_use')
    open = calls.map(({ id }: Body) => id)
    for (const { id, input, name } of calls) {
      check(/^[a-zA-Z0-9_-]+$/.test(id) && !seen.has(id), 'bad id')
      check(/^[a-zA-Z0-9_-]{1,128}$/.test(name), 'bad name')
      check(typeof input === 'object' && input !== null && !Array.isArray(input), 'bad input')
      seen.add(id)
    }
    for (const block of content) {
      blocks.push(block, ...(Array.isArray(block.content) ? block.content : []))
      if (block.type === 'thinking') check(block.signature !== '', 'unsigned thinking')
      if (block.type.endsWith('thinking')) {
        check(role === 'assistant' && block !== content.at(-1), 'thinking at the end')
        check(block.cache_control === undefined, 'mark on thinking')
      }
      if (block.type === 'tool_result' && block.is_error)
        check(block.content?.length > 0, 'silent error')
    }
  }
  check(open.length === 0, 'call without result')
  for (const block of blocks)
    if (block.type === 'text') check(block.text.trim() !== '', 'blank text')
  const marks = blocks.filter((block) => block.cache_control !== undefined).length
  check(marks + (body['cache_control'] === undefined ? 0 : 1) <= 4, 'too many marks')
  const { thinking, max_tokens: most, tool_choice: choice } = body
  if (thinking?.type === 'enabled') {
    check(thinking.budget_tokens >= 1024 && thinking.budget_tokens < most, 'bad budget')
    check(choice?.type !== 'any' && choice?.type !== 'tool', 'forced tool while thinking')
    check(
      body['temperature'] === undefined && body['top_k'] === undefined,
      'sampling while thinking',
    )
  }
  check(choice === undefined || body['tools'].length > 0, 'choice without tools')
  check((body['temperature'] ?? 1) <= 1, 'hot')
  check(
    (body['stop_sequences'] ?? ['a']).every((stop: string) => stop.trim() !== ''),
    'blank stop',
  )
  const last = body['messages'].at(-1)
  if (last.role === 'assistant')
    check(!/\s$/.test(last.content.at(-1).text ?? ''), 'white space at the end')
  return faults
}

describe('any request', () => {
  test.each(['default', 'lenient'] as const)(
    'in mode %s is a body that Claude takes, or an error that says why not',
    (mode) => {
      let taken = 0
      fc.assert(
        fc.property(request, asked, (members, target) => {
          let body: Body
          try {
            ;({ body } = encode(members, { ...target, mode }))
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError)
            expect((error as GatewayError).status).toBe(400)
            return
          }
          taken++
          expect(faultsOf(body)).toEqual([])
        }),
        { numRuns: 1500 },
      )
      // So that it is not refused for some other reason all the time.
      expect(taken).toBeGreaterThan(100)
    },
  )

  test('gives the same body each time', () => {
    fc.assert(
      fc.property(request, asked, (members, target) => {
        const once = () => {
          try {
            return JSON.stringify(encode(members, { ...target, mode: 'lenient' }))
          } catch (error) {
            return String(error)
          }
        }
        expect(once()).toBe(once())
      }),
      { numRuns: 100 },
    )
  })
})
