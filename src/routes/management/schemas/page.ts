import * as z from 'zod/mini'

/** A page of a list in an answer. */
export function pageOfAnswers<Item extends z.ZodMiniType>(item: Item) {
  return z.object({ data: z.array(item), next_cursor: z.nullable(z.string()) })
}
