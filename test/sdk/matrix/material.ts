import { z } from 'zod'
import type { Prompt } from '../../upstreams/conversation.ts'
import type { ScriptedAnswer } from '../../upstreams/stand-ins.ts'
import type { Image, RunnableTool, Turn } from './caller.ts'

/** What callers say, send and ask for: the same for every SDK and every upstream. */

export const HEARD = 'Grüße aus 東京 – "ça va?" 🗝️'

/** The smallest PNG there is. */
export const PICTURE: Image = {
  mediaType: 'image/png',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
}

export const SCHEMA = z.object({
  city: z.string(),
  days: z.array(z.object({ high: z.number(), sunny: z.boolean() })),
})

export interface ToolLog {
  readonly tools: readonly RunnableTool[]
  /** What the tools were given, in order. */
  readonly calls: [name: string, given: Record<string, unknown>][]
}

/** Tools that say where they were called from; one of them takes nothing. */
export function toolsOfATrip(): ToolLog {
  const calls: ToolLog['calls'] = []
  return {
    calls,
    tools: [
      {
        name: 'get_weather',
        description: 'The weather in a city.',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        },
        run(given) {
          calls.push(['get_weather', given])
          return `sunny in ${String(given['city'])} ☀️`
        },
      },
      {
        name: 'get_time',
        description: 'The time.',
        parameters: { type: 'object', properties: {}, required: [] },
        run(given) {
          calls.push(['get_time', given])
          return 'noon'
        },
      },
    ],
  }
}

export const TRIP_CALLS = [
  ['get_weather', { city: 'Köln' }],
  ['get_weather', { city: 'Paris' }],
  ['get_time', {}],
] as const
export const TRIP_RESULTS = ['sunny in Köln ☀️', 'sunny in Paris ☀️', 'noon']
export const TRIP_ANSWER = 'Köln and Paris are sunny, and it is noon.'
export const TRIP_THOUGHT = 'I have to look – twice. 🤔'

const idOf = (ids: readonly string[], at: number) => (ids[at] === undefined ? {} : { id: ids[at] })

const inParts = (text: string) => text.split(/(?<= )/)

/** A model that calls tools at once, one of them twice and one with nothing, and answers when it has the results. */
export const tripAnswers =
  ({ thinks, ids = [] }: { thinks: boolean; ids?: readonly string[] | undefined }) =>
  ({ lines }: Prompt): ScriptedAnswer => {
    if (lines.some(({ kind }) => kind === 'result'))
      return { say: [{ text: inParts(TRIP_ANSWER) }] }
    return {
      say: [
        ...(thinks ? [{ reasoning: inParts(TRIP_THOUGHT) }] : []),
        { text: ['Let me ', 'look.'] },
        { call: 'get_weather', arguments: ['{"ci', 'ty":"K', 'öln"}'], ...idOf(ids, 0) },
        { call: 'get_weather', arguments: ['{"city":', '"Paris"}'], ...idOf(ids, 1) },
        { call: 'get_time', ...idOf(ids, 2) },
      ],
    }
  }

const ROUNDS = 12

/** Many turns, with calls and results in every third. */
export const LONG: readonly Turn[] = [
  { by: 'system', text: 'Be brief.' },
  ...Array.from({ length: ROUNDS }, (_, round): Turn[] => {
    const user: Turn = { by: 'user', text: `Question ${round}?` }
    if (round % 3 !== 0) return [user, { by: 'assistant', text: `Answer ${round}.` }]
    const ids = [`call_${round}_a`, `call_${round}_b`]
    return [
      user,
      {
        by: 'assistant',
        text: `Looking ${round}.`,
        calls: ids.map((id, at) => ({
          id,
          name: 'get_weather',
          arguments: { city: `City ${round}.${at}` },
        })),
      },
      ...ids.map((id, at): Turn => ({
        by: 'tool',
        id,
        name: 'get_weather',
        text: `sunny ${round}.${at}`,
      })),
      { by: 'assistant', text: `Answer ${round}.` },
    ]
  }).flat(),
  { by: 'user', text: 'And now?' },
]
