import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { GatewayError } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/parse.ts'
import type { ClientChatFormat } from '../../../src/core/wire-format.ts'
import type { Line } from '../../upstreams/conversation.ts'
import { Refusal } from '../../upstreams/provider.ts'
import { type Crossed, crossOrRefuse, heardAt } from './cross.ts'
import { lossesIn, mediaIn } from './fuzz/losses.ts'
import { type Round, type Talk, talks } from './fuzz/talk.ts'
import { WRITERS } from './fuzz/write-requests.ts'
import { CLIENT_NAMES, type Place, placeOf } from './places.ts'

/** Models that differ in what they take, of every provider. */
const PLACES: readonly Place[] = [
  placeOf('openai', 'gpt-4.1', 'openai-chat'),
  placeOf('openai', 'gpt-5.4', 'openai-chat'),
  placeOf('openai', 'gpt-5.6-sol', 'openai-responses'),
  placeOf('anthropic', 'claude-sonnet-4-5', 'anthropic-messages'),
  placeOf('anthropic', 'claude-opus-4-8', 'anthropic-messages'),
  placeOf('anthropic', 'claude-opus-5-5', 'anthropic-messages'),
  placeOf('google_vertex_ai', 'claude-opus-4-5@20251101', 'anthropic-messages'),
  placeOf('google_vertex_ai', 'gemini-3.8-flash', 'gemini'),
  placeOf('google_vertex_ai', 'gemini-2.5-pro', 'gemini'),
  placeOf('bedrock', 'us.anthropic.claude-sonnet-4-6', 'anthropic-messages'),
  placeOf('bedrock', 'us.anthropic.claude-sonnet-4-6', 'bedrock-converse'),
  placeOf('bedrock', 'global.amazon.nova-2-lite-v1:0', 'bedrock-converse'),
  placeOf('bedrock', 'mistral.mistral-large-2407-v1:0', 'bedrock-converse'),
  placeOf('mistral', 'mistral-large-4-0', 'openai-chat'),
  placeOf('deepseek', 'deepseek-v4-pro', 'openai-chat'),
  placeOf('xai', 'grok-4.7', 'openai-chat'),
  placeOf('xai', 'grok-4.7', 'openai-responses'),
  placeOf('zai', 'glm-5.3', 'openai-chat'),
]

const nameOf = ({ provider, model, service }: Place) => `${provider}/${model} (${service.format})`

/** Every pair in which something is translated, or put into shape. */
const PAIRS = CLIENT_NAMES.flatMap((client) =>
  PLACES.filter(
    ({ service }) =>
      service.format !== client ||
      (service.format === 'openai-chat' && service.isFlavoured === true),
  ).map((place) => ({ client, place, name: `${client} to ${nameOf(place)}` })),
)

const bodyOf = (client: ClientChatFormat, talk: Talk): JsonObject =>
  JSON.parse(JSON.stringify(WRITERS[client](talk)))

/** Whether the model said anything: where it did not, what users said before and behind it is one turn. */
const isSaying = (round: Round | undefined): boolean =>
  round !== undefined &&
  (round.calls.length > 0 ||
    [...round.texts, round.refusal ?? ''].some((text) => text.trim() !== ''))

describe('any conversation', () => {
  test.each(PAIRS)(
    'from $name is refused with a reason or taken by the provider, and nothing of it is lost',
    ({ client, place }) => {
      fc.assert(
        fc.property(talks, (talk) => {
          const asked = bodyOf(client, talk)
          const sent = crossOrRefuse(client, asked, place)
          if (sent instanceof GatewayError) {
            expect(sent).toMatchObject({ status: 400, details: { param: expect.any(String) } })
          }
          const lenient =
            sent instanceof GatewayError ? crossOrRefuse(client, asked, place, 'lenient') : sent
          if (lenient instanceof GatewayError) throw lenient
          const lines = linesAt(place, lenient)
          expect(lossesIn(lines, talk)).toEqual([])
          if (sent instanceof GatewayError) return
          // What is not refused is not left out either.
          expect(mediaAt(place, lenient, lines)).toBe(mediaIn(talk, client !== 'openai-chat'))
        }),
        { numRuns: 100 },
      )
    },
  )

  test.each(PAIRS)('from $name begins what it becomes as it goes on', ({ client, place }) => {
    fc.assert(
      fc.property(
        talks.filter(({ rounds }) => isSaying(rounds.at(-1))),
        (talk) => {
          const [before, after] = [talk.rounds.slice(0, -1), talk.rounds].map((rounds) => {
            const sent = crossOrRefuse(
              client,
              bodyOf(client, { ...talk, rounds }),
              place,
              'lenient',
            )
            if (sent instanceof GatewayError) throw sent
            return historyOf(sent.body)
          })
          expect(after?.around).toEqual(before?.around)
          expect(after?.messages.slice(0, before?.messages.length)).toEqual(before?.messages)
        },
      ),
      { numRuns: 50 },
    )
  })
})

/**
 * What the model hears. The stand-ins want a thought in the last turn that calls tools; Claude wants one where its answer
 * begins, of however many turns it is, so conversations in which these differ are passed over.
 */
function linesAt(place: Place, sent: Crossed): readonly Line[] {
  try {
    return heardAt(place, sent).lines
  } catch (error) {
    const isMissed = error instanceof Refusal && error.message.includes('Expected `thinking`')
    fc.pre(!isMissed || !isThoughtBefore(sent.body))
    throw error
  }
}

/** Whether the last answer goes on behind results, and began with a thought. */
function isThoughtBefore({ messages }: JsonObject): boolean {
  const turns = messages as readonly { role: string; content: string | readonly object[] }[]
  /** What is in a turn, in Claude's words or in Converse's. */
  const kindsIn = (at: number): readonly string[] => {
    const content = turns[at]?.content ?? []
    if (typeof content === 'string') return ['text']
    return content.map((block) =>
      'type' in block ? String(block.type) : Object.keys(block).join(),
    )
  }
  const hasResults = (at: number): boolean =>
    kindsIn(at).some((kind) => kind === 'tool_result' || kind === 'toolResult')
  const last = turns.findLastIndex(({ role }) => role === 'assistant')
  let first = last
  while (first >= 2 && hasResults(first - 1)) first -= 2
  return first < last && /thinking|reasoningContent/.test(kindsIn(first)[0] ?? '')
}

/** How many images and files are shown; Gemini's may stand within results, where the stand-in does not look. */
const mediaAt = ({ service }: Place, { body }: Crossed, lines: readonly Line[]): number =>
  service.format === 'gemini'
    ? JSON.stringify(body['contents']).split('"inlineData":').length - 1
    : lines.filter(({ kind }) => kind === 'media').length

/** What a body says of a conversation, and what stands around it, which are what caches and proofs hang on. */
function historyOf(body: JsonObject): { messages: readonly unknown[]; around: JsonObject } {
  const messages = body['messages'] ?? body['input'] ?? body['contents']
  const { instructions, system, systemInstruction, tools } = body
  if (!Array.isArray(messages)) throw new Error('no messages')
  return { messages, around: { instructions, system, systemInstruction, tools } }
}
