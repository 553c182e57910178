import type { WholeAnswer } from '../provider.ts'
import { jsonAnswer, type Headers } from './sse.ts'

/** OpenAI's list of models. */
export function modelList(ids: readonly string[], owner: string, headers: Headers): WholeAnswer {
  return jsonAnswer(200, { object: 'list', data: ids.map((id) => model(id, owner)) }, headers)
}

/** One model of such a list, or nothing when it is not one of them. */
export function oneModel(
  id: string,
  ids: readonly string[],
  { owner, headers }: { owner: string; headers: Headers },
): WholeAnswer | undefined {
  return ids.includes(id) ? jsonAnswer(200, model(id, owner), headers) : undefined
}

const model = (id: string, owner: string) => ({
  id,
  object: 'model',
  created: 1_770_000_000,
  owned_by: owner,
})
