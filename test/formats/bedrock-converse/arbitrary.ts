import * as fc from 'fast-check'
import {
  type AssistantPart,
  type ChatMessage,
  type ChatRequest,
  EFFORTS,
  type ReasoningProof,
  type Tool,
  type ToolCallPart,
  type UserPart,
} from '../../../src/core/chat.ts'
import type { JsonObject } from '../../../src/core/parse.ts'

/** Requests of all kinds that the canonical model allows, sense or not. */

/** Members that are undefined are left out, as in requests that were decoded. */
const some = <Members extends object>(
  arbitraries: { [Name in keyof Members]: fc.Arbitrary<Members[Name]> },
  requiredKeys: readonly (keyof Members & string)[] = [],
): fc.Arbitrary<Members> =>
  fc.record(arbitraries, { requiredKeys: requiredKeys as never }) as fc.Arbitrary<Members>

const text = fc.oneof(
  fc.constantFrom('', ' ', '\n\t', 'Hello', '{"a":1}'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const toolName = fc.oneof(
  fc.constantFrom('look', 'look at', 'look_at', '', 'give_answer'),
  fc.string({ maxLength: 99 }),
)
const callId = fc.oneof(
  fc.constantFrom('a', 'b', 'functions.a:0', ''),
  fc.string({ maxLength: 99 }),
)
const proof = fc.record<ReasoningProof>({
  family: fc.constantFrom('claude', 'converse', 'gpt'),
  kind: fc.constantFrom('signature', 'encrypted'),
  value: fc.constantFrom('', 'c2ln'),
})
const cache = fc.constantFrom({}, { ttl: '5m' } as const, { ttl: '1h' } as const)
const base64 = fc.base64String({ minLength: 4, maxLength: 12 })
const media = fc.oneof(
  fc.record({
    kind: fc.constant('data' as const),
    mediaType: fc.constantFrom('image/png', 'application/pdf', 'text/plain', 'video/mp4', ''),
    data: base64,
  }),
  fc.record({
    kind: fc.constant('url' as const),
    url: fc.constantFrom('https://a.example/b.png', 's3://a/b.png', 's3://a/b', 'x'),
  }),
  fc.record({ kind: fc.constant('file' as const), id: text }),
)

const textPart = some({ kind: fc.constant('text' as const), text, cache }, ['kind', 'text'])
const userPart = fc.oneof(
  { weight: 4, arbitrary: textPart },
  some(
    {
      kind: fc.constant('image' as const),
      source: media,
      detail: fc.constantFrom('low', 'auto'),
      cache,
    },
    ['kind', 'source'],
  ),
  some(
    {
      kind: fc.constant('file' as const),
      source: fc.oneof(media, fc.record({ kind: fc.constant('text' as const), text })),
      name: fc.oneof(fc.constantFrom('a.pdf', 'a (2)'), fc.string({ unit: 'binary' })),
      cache,
    },
    ['kind', 'source'],
  ),
  fc.record({ kind: fc.constant('audio' as const), data: base64, format: fc.constant('wav') }),
) as fc.Arbitrary<UserPart>

const wholeArguments = fc.oneof(
  fc.constantFrom('', ' ', '{}', '[1]', '"a"', 'null'),
  fc.json({ maxDepth: 3 }),
  fc.object({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
)
const cutArguments = fc.constantFrom('{"a":', '{', 'no JSON')

const toolCall = (written: fc.Arbitrary<string>) =>
  some(
    {
      kind: fc.constant('tool-call' as const),
      id: callId,
      name: toolName,
      arguments: written,
      cache,
    },
    ['kind', 'id', 'name', 'arguments'],
  ) as fc.Arbitrary<ToolCallPart>

const spokenPart = fc.oneof(
  textPart,
  fc.record({ kind: fc.constant('refusal' as const), text }),
  some({ kind: fc.constant('reasoning' as const), text, proof }, ['kind', 'text']),
) as fc.Arbitrary<AssistantPart>

const systemMessage = fc.record({
  role: fc.constant('system' as const),
  content: fc.array(textPart, { maxLength: 2 }),
})
const userMessage = some(
  { role: fc.constant('user' as const), content: fc.array(userPart, { maxLength: 3 }), name: text },
  ['role', 'content'],
)
const toolMessage = some(
  {
    role: fc.constant('tool' as const),
    callId,
    content: fc.array(userPart, { maxLength: 2 }),
    isError: fc.boolean(),
    cache,
  },
  ['role', 'callId', 'content'],
)
const assistantMessage = fc.record({
  role: fc.constant('assistant' as const),
  content: fc.array(fc.oneof(spokenPart, toolCall(fc.oneof(wholeArguments, cutArguments))), {
    maxLength: 3,
  }),
})

/** Messages in any order, most of which make no conversation. */
export const anyMessages: fc.Arbitrary<readonly ChatMessage[]> = fc.array(
  fc.oneof(systemMessage, userMessage, toolMessage, assistantMessage) as fc.Arbitrary<ChatMessage>,
  { maxLength: 6 },
)

const userSays: fc.Arbitrary<readonly ChatMessage[]> = fc
  .array(fc.oneof(userMessage, systemMessage), { maxLength: 2 })
  .map((messages) => [
    ...(messages as ChatMessage[]),
    { role: 'user', content: [{ kind: 'text', text: 'So:' }] },
  ])

/** What the assistant says, perhaps in more than one message, and the results of its calls in any order. */
const assistantSays = fc
  .record({
    before: fc.array(spokenPart, { maxLength: 2 }),
    calls: fc.array(toolCall(wholeArguments), { maxLength: 3 }),
    after: fc.array(spokenPart, { maxLength: 1 }),
    isSplit: fc.boolean(),
    isReversed: fc.boolean(),
    content: fc.array(userPart, { maxLength: 2 }),
  })
  .map(({ before, calls, after, isSplit, isReversed, content }): readonly ChatMessage[] => {
    const results = calls.map(({ id }): ChatMessage => ({ role: 'tool', callId: id, content }))
    const first = { role: 'assistant', content: [...before, ...(isSplit ? [] : calls)] } as const
    const second = { role: 'assistant', content: [...(isSplit ? calls : []), ...after] } as const
    return [first, second, ...(isReversed ? results.toReversed() : results)]
  })

/** An answer in which something is said, so that what follows is a turn of its own. */
const answerSays = assistantSays.map((messages): readonly ChatMessage[] => [
  { role: 'assistant', content: [{ kind: 'text', text: 'Well.' }] },
  ...messages,
])

/** A conversation up to a word of the user's, and how it goes on. */
export const conversation = fc
  .record({
    instructions: fc.array(systemMessage, { maxLength: 2 }),
    opening: fc.oneof({ weight: 3, arbitrary: userSays }, fc.constant([])),
    exchanges: fc.array(fc.tuple(assistantSays, userSays), { minLength: 1, maxLength: 3 }),
    continuation: fc.tuple(answerSays, userSays),
  })
  .map(({ instructions, opening, exchanges, continuation }) => {
    const messages: readonly ChatMessage[] = [...instructions, ...opening, ...exchanges.flat(2)]
    return { messages, continued: [...messages, ...continuation.flat()] }
  })

const parameters = fc.oneof(
  fc.constantFrom<JsonObject>(
    { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
    { type: ['object', 'null'] },
    { type: 'array' },
    {},
  ),
  fc.object({ maxDepth: 2 }) as fc.Arbitrary<JsonObject>,
)

const tools: fc.Arbitrary<readonly Tool[]> = fc.uniqueArray(
  some(
    {
      name: toolName,
      description: text,
      parameters,
      strict: fc.boolean(),
      isFreeform: fc.boolean(),
      cache,
    },
    ['name'],
  ) as fc.Arbitrary<Tool>,
  { maxLength: 3, selector: ({ name }) => name },
)

/** Everything but the messages. */
export const wishes = some(
  {
    tools,
    toolChoice: fc.oneof(
      fc.record({ kind: fc.constantFrom('auto', 'none', 'required') } as const),
      fc.record({ kind: fc.constant('tool' as const), name: toolName }),
      fc.record({
        kind: fc.constant('allowed' as const),
        mode: fc.constantFrom('auto', 'required'),
        names: fc.array(toolName, { maxLength: 2 }),
      } as const),
    ),
    parallelToolCalls: fc.boolean(),
    maxOutputTokens: fc.nat({ max: 200_000 }),
    temperature: fc.double({ min: 0, max: 3, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    topK: fc.nat({ max: 100 }),
    presencePenalty: fc.constantFrom(0, 1),
    seed: fc.integer(),
    stop: fc.array(text, { maxLength: 5 }),
    choices: fc.integer({ min: 1, max: 2 }),
    topLogprobs: fc.nat({ max: 20 }),
    reasoning: some({
      effort: fc.constantFrom(...EFFORTS),
      budgetTokens: fc.nat({ max: 200_000 }),
      isAdaptive: fc.boolean(),
      show: fc.constantFrom('auto', 'omitted', 'odd'),
    }),
    outputFormat: fc.oneof(
      fc.record({ kind: fc.constant('json' as const) }),
      some(
        {
          kind: fc.constant('json-schema' as const),
          name: text,
          schema: parameters,
          description: text,
        },
        ['kind', 'name', 'schema'],
      ),
    ),
    endUser: text,
    metadata: fc.constantFrom({}, { a: 'b', ä: 'c' }),
    serviceTier: fc.constantFrom('auto', 'flex', 'odd'),
    cache,
    stream: fc.boolean(),
    rest: fc.constantFrom<JsonObject>(
      {},
      { foo: 1 },
      { logit_bias: { 1: 2 } },
      { guardrailConfig: 1 },
    ),
  },
  ['tools', 'stop', 'stream', 'rest'],
) as fc.Arbitrary<Omit<ChatRequest, 'messages'>>
