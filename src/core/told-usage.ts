import type { Usage } from './chat.ts'
import { defined } from './read.ts'

/** What an answer tells of itself: its tokens, and the model that gave it. */
export interface ToldUsage {
  readonly usage?: Usage
  readonly model?: string
}

/** Reads a stream's events, one by one, for all that they have told so far; undefined for an event that tells nothing. */
export type UsageReader<Event> = (event: Event) => ToldUsage | undefined

/** Counts that hold nothing are none, and a model is what is named. */
export function toldUsage(usage: Usage | undefined, model: unknown): ToldUsage {
  return defined({
    usage: usage !== undefined && Object.keys(usage).length > 0 ? usage : undefined,
    model: typeof model === 'string' && model !== '' ? model : undefined,
  })
}
