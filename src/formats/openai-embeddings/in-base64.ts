import { isObject, tryParseJson } from '../../core/parse.ts'
import { base64OfVector, readVector } from '../../core/vectors.ts'

/**
 * The text of a server's answer with its vectors in base64, for callers who asked for that: many servers know numbers only,
 * and OpenAI's SDK for JavaScript takes whatever comes for base64. What is so already stays as it came.
 */
export function inBase64(text: string): string {
  const answer = tryParseJson(text)
  if (!isObject(answer) || !Array.isArray(answer['data'])) return text
  const given: readonly unknown[] = answer['data']
  if (!given.some(hasNumbers)) return text
  const data = given.map((one) =>
    hasNumbers(one) ? { ...one, embedding: base64OfVector(readVector(one.embedding)) } : one,
  )
  return JSON.stringify({ ...answer, data })
}

function hasNumbers(one: unknown): one is { readonly embedding: readonly unknown[] } {
  return isObject(one) && Array.isArray(one['embedding'])
}
