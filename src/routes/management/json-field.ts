import * as z from 'zod/mini'
import { isObject } from '../../core/parse.ts'

const MAX_DEPTH = 8
/** Names that mean something to every object of the language. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype'])

/** A JSON object of any shape that is small, shallow and safe to copy. */
export function jsonField(maxCharacters: number) {
  return z.record(z.string(), z.unknown()).check(
    // Depth first: what is deeper than the stack cannot even be written as text.
    z.refine((value) => isShallow(value, MAX_DEPTH), {
      error: `must be at most ${MAX_DEPTH} levels deep, with no reserved names in it.`,
      abort: true,
    }),
    z.refine((value) => JSON.stringify(value).length <= maxCharacters, {
      error: `must be at most ${maxCharacters} characters of JSON.`,
    }),
  )
}

function isShallow(value: unknown, levels: number): boolean {
  if (Array.isArray(value)) return levels > 0 && value.every((item) => isShallow(item, levels - 1))
  if (!isObject(value)) return true
  return (
    levels > 0 &&
    Object.entries(value).every(
      ([name, member]) => !RESERVED.has(name) && isShallow(member, levels - 1),
    )
  )
}
