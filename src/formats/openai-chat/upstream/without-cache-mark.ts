import type { JsonObject } from '../../../core/parse.ts'

/** The same without marks for caches: hosts of this dialect cache by themselves, and some refuse to hear of marks. */
export function withoutCacheMark(marked: JsonObject): JsonObject {
  if (!MARKS.some((mark) => Object.hasOwn(marked, mark))) return marked
  const { cache_control: _mark, prompt_cache_breakpoint: _breakpoint, ...unmarked } = marked
  return unmarked
}

const MARKS = ['cache_control', 'prompt_cache_breakpoint'] as const
