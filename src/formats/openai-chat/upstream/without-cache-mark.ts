import type { JsonObject } from '../../../core/parse.ts'

/** The same without a mark for caches: hosts of this dialect cache by themselves, and some refuse to hear of marks. */
export function withoutCacheMark(marked: JsonObject): JsonObject {
  if (!Object.hasOwn(marked, 'cache_control')) return marked
  const { cache_control: _mark, ...unmarked } = marked
  return unmarked
}
