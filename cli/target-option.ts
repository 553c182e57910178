import { InvalidArgumentError } from 'commander'
import type { JsonObject } from '../src/core/parse.ts'
import { jsonObject } from './arguments.ts'

/** A route's target: a model's name, one with its weight (`openai/gpt-5.5=70`), or the whole target as JSON. */
export function parseTarget(text: string): JsonObject {
  if (text.trimStart().startsWith('{')) return jsonObject(text)
  if (!text.includes('=')) return { model: text }
  const [, model, weight] = /^(.+)=(\d{1,9})$/.exec(text) ?? []
  if (model !== undefined) return { model, weight: Number(weight) }
  throw new InvalidArgumentError('Behind the = goes a weight, such as openai/gpt-5.5=70.')
}
