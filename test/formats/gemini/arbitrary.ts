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
import { isObject, type JsonObject, tryParseJson } from '../../../src/core/parse.ts'
import { encodeToolName } from '../../../src/formats/gemini/tool-names.ts'
import { signCall, signText } from '../../upstreams/dialects/gemini-signature.ts'

/** Requests of all kinds that the canonical model allows, sense or not. */

/** Members that are undefined are left out, as in requests that were decoded. */
const some = <Members extends object>(
  arbitraries: { [Name in keyof Members]: fc.Arbitrary<Members[Name]> },
  requiredKeys: readonly (keyof Members & string)[] = [],
): fc.Arbitrary<Members> =>
  fc.record(arbitraries, {
    requiredKeys: requiredKeys as never,
  }) as fc.Arbitrary<Members>

const text = fc.oneof(fc.constantFrom('', ' ', 'Hello', '{"a":1}'), fc.string({ maxLength: 12 }))
const toolName = fc.oneof(
  fc.constantFrom('look', 'look at', 'look_at', '9', ''),
  fc.string({ maxLength: 150 }),
)
const callId = fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 5 }))
const proofOf = (value: string): fc.Arbitrary<ReasoningProof> =>
  fc.record({
    family: fc.constantFrom('gemini', 'gemini', 'claude', 'gpt', 'converse'),
    kind: fc.constantFrom('signature', 'encrypted'),
    value: fc.constant(value),
  } as const)
const proof = proofOf(signText())
const cache = fc.constantFrom({}, { ttl: '1h' } as const)
const data = fc.base64String({ minLength: 4, maxLength: 12 })
const media = fc.oneof(
  fc.record({
    kind: fc.constant('data' as const),
    mediaType: fc.constantFrom('image/png', 'application/pdf', 'text/plain', 'video/mp4'),
    data,
  }),
  fc.record({
    kind: fc.constant('url' as const),
    url: fc.constantFrom('https://a.example/b.png', 'http://a.example', 'gs://b/c.mp4', 's3://b/c'),
  }),
  fc.record({ kind: fc.constant('file' as const), id: text }),
)

const textPart = some({ kind: fc.constant('text' as const), text, cache }, ['kind', 'text'])
const userPart = fc.oneof(
  { weight: 4, arbitrary: textPart },
  {
    weight: 1,
    arbitrary: some(
      {
        kind: fc.constant('image' as const),
        source: media,
        detail: fc.constantFrom('low', 'high', 'auto', 'odd'),
      },
      ['kind', 'source'],
    ),
  },
  {
    weight: 1,
    arbitrary: some(
      {
        kind: fc.constant('file' as const),
        source: fc.oneof(media, fc.record({ kind: fc.constant('text' as const), text })),
        name: text,
      },
      ['kind', 'source'],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('audio' as const),
      data,
      format: fc.constantFrom('wav', 'mp3'),
    }),
  },
) as fc.Arbitrary<UserPart>

const wholeArguments = fc.oneof(
  fc.constantFrom('', '{}', '[1]', '"a"'),
  fc.json({ maxDepth: 3 }),
  fc.object({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
)
const cutArguments = fc.constantFrom('{"a":', '{', 'no JSON')

/** A call as Gemini made and signed it, or as somebody else did. */
const toolCall = (args: fc.Arbitrary<string>): fc.Arbitrary<ToolCallPart> =>
  fc
    .record({ id: callId, name: toolName, arguments: args, isSigned: fc.boolean() })
    .chain(({ isSigned, ...made }) => {
      const call = fc.constant({ kind: 'tool-call' as const, ...made })
      if (!isSigned) return call
      const signature = signCall(encodeToolName(made.name), argumentsAsSent(made.arguments))
      return fc.tuple(call, proofOf(signature)).map(([part, own]) => ({ ...part, proof: own }))
    })

function argumentsAsSent(written: string): unknown {
  const value = written.trim() === '' ? {} : tryParseJson(written)
  return isObject(value) ? value : { value }
}

const spokenPart = fc.oneof(
  textPart,
  fc.record({ kind: fc.constant('refusal' as const), text }),
  some({ kind: fc.constant('reasoning' as const), text, proof }, ['kind', 'text']),
) as fc.Arbitrary<AssistantPart>

const systemMessage = fc.record({
  role: fc.constant('system' as const),
  content: fc.array(textPart, { maxLength: 2 }),
})
const userMessage = fc.record({
  role: fc.constant('user' as const),
  content: fc.array(userPart, { maxLength: 3 }),
})
const toolMessage = some(
  {
    role: fc.constant('tool' as const),
    callId,
    content: fc.array(userPart, { maxLength: 2 }),
    isError: fc.boolean(),
  },
  ['role', 'callId', 'content'],
)
const assistantMessage = fc.record({
  role: fc.constant('assistant' as const),
  content: fc.array(
    fc.oneof(
      spokenPart,
      toolCall(fc.oneof({ weight: 5, arbitrary: wholeArguments }, cutArguments)),
    ),
    { maxLength: 3 },
  ),
})

/** Messages in any order, most of which make no conversation. */
export const anyMessages: fc.Arbitrary<readonly ChatMessage[]> = fc.array(
  fc.oneof(systemMessage, userMessage, toolMessage, assistantMessage) as fc.Arbitrary<ChatMessage>,
  { maxLength: 6 },
)

/** What the user says; never nothing. */
const userSays: fc.Arbitrary<readonly ChatMessage[]> = fc
  .array(fc.oneof(userMessage, systemMessage), { maxLength: 2 })
  .map((messages) => [{ role: 'user', content: [{ kind: 'text', text: 'So:' }] }, ...messages])

/** What the assistant says, never nothing, and the results of its calls in any order. */
const assistantSays = fc
  .record({
    before: fc.array(spokenPart, { maxLength: 2 }),
    calls: fc.uniqueArray(toolCall(wholeArguments), { maxLength: 3, selector: ({ id }) => id }),
    after: fc.array(spokenPart, { maxLength: 1 }),
    seed: fc.integer(),
    content: fc.array(userPart, { maxLength: 2 }),
  })
  .map(({ before, calls, after, seed, content }): readonly ChatMessage[] => {
    const said: AssistantPart = { kind: 'text', text: 'Well.' }
    const results = calls.map(({ id }): ChatMessage => ({ role: 'tool', callId: id, content }))
    return [
      { role: 'assistant', content: [...before, said, ...calls, ...after] },
      ...(seed % 2 === 0 ? results : results.toReversed()),
    ]
  })

/** A conversation up to a word of the user's, and how it goes on. */
export const conversation = fc
  .record({
    instructions: fc.array(systemMessage, { maxLength: 2 }),
    opening: userSays,
    exchanges: fc.array(fc.tuple(assistantSays, userSays), { maxLength: 3 }),
    continuation: fc.tuple(assistantSays, userSays),
  })
  .map(({ instructions, opening, exchanges, continuation }) => {
    const messages: readonly ChatMessage[] = [...instructions, ...opening, ...exchanges.flat(2)]
    return { messages, continued: [...messages, ...continuation.flat()] }
  })

const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    some({
      type: fc.oneof(
        fc.constantFrom('object', 'array', 'string', 'integer', 'null'),
        fc.constant(['string', 'null']),
        fc.constant(['number', 'string', 'null']),
      ),
      description: text,
      enum: fc.array(fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), {
        maxLength: 3,
      }),
      format: fc.constantFrom('date-time', 'email'),
      pattern: text,
      default: fc.jsonValue({ maxDepth: 1 }),
      nullable: fc.boolean(),
      minimum: fc.integer(),
    }) as fc.Arbitrary<JsonObject>,
    some({
      type: fc.constant('object'),
      properties: fc.dictionary(fc.string({ maxLength: 4 }), tie('schema'), { maxKeys: 3 }),
      required: fc.array(fc.string({ maxLength: 4 }), { maxLength: 2 }),
      additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
      items: tie('schema'),
      anyOf: fc.array(tie('schema'), { maxLength: 3 }),
      oneOf: fc.array(tie('schema'), { maxLength: 2 }),
      allOf: fc.array(tie('schema'), { maxLength: 2 }),
      const: fc.jsonValue({ maxDepth: 1 }),
      $defs: fc.record({ A: tie('schema') }),
    }) as fc.Arbitrary<JsonObject>,
    fc.constantFrom<JsonObject>({ $ref: '#/$defs/A' }, { $ref: '#' }, { $ref: 'x' }),
  ),
}))
const parameters = fc.oneof(schema, fc.object({ maxDepth: 2 }) as fc.Arbitrary<JsonObject>)

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
    maxOutputTokens: fc.nat({ max: 100_000 }),
    temperature: fc.double({ min: 0, max: 3, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    topK: fc.nat({ max: 100 }),
    presencePenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    frequencyPenalty: fc.double({ min: -2, max: 2, noNaN: true }),
    seed: fc.oneof(fc.integer(), fc.maxSafeInteger()),
    stop: fc.array(text, { maxLength: 7 }),
    choices: fc.integer({ min: 1, max: 3 }),
    topLogprobs: fc.nat({ max: 20 }),
    reasoning: some({
      effort: fc.constantFrom(...EFFORTS),
      budgetTokens: fc.nat({ max: 100_000 }),
      isAdaptive: fc.boolean(),
      show: fc.constantFrom('auto', 'omitted', 'summarized'),
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
    verbosity: fc.constantFrom('low', 'medium'),
    endUser: text,
    metadata: fc.constantFrom({}, { a: 'b' }),
    serviceTier: fc.constantFrom('auto', 'flex'),
    promptCacheKey: text,
    cache,
    stream: fc.boolean(),
    includeUsage: fc.boolean(),
    rest: fc.constantFrom<JsonObject>({}, { foo: 1 }, { logit_bias: { 1: 2 } }),
    untranslated: fc.constant([]),
    echo: fc.constant({}),
  },
  ['tools', 'stop', 'stream', 'rest'],
) as fc.Arbitrary<Omit<ChatRequest, 'messages'>>
