import type { JsonObject } from '../src/core/parse.ts'
import { jsonObject } from './arguments.ts'

/** A route's target: a model's name, one with its weight (`openai/gpt-5.5=70`), or the whole target as JSON. */
export function parseTarget(text: string): JsonObject {
  if (text.trimStart().startsWith('{')) return jsonObject(text)
  const [, model = text, weight] = /^(.+)=(\d+)$/.exec(text) ?? []
  return weight === undefined ? { model } : { model, weight: Number(weight) }
}
