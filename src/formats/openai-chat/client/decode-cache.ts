import { readCacheBreakpoint } from '../../../core/cache-breakpoint.ts'
import type { CacheMark } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { needWord, readObject, readWord } from '../../../core/read.ts'

/** Both ways of saying that the prompt is to be cached up to here. */
export const CACHE_MEMBERS = ['cache_control', 'prompt_cache_breakpoint'] as const

/**
 * The mark on a part, a message, a tool or a whole body: Anthropic's `cache_control`, which callers of this format send as
 * well, or OpenAI's own `prompt_cache_breakpoint`.
 */
export function decodeCacheMark(owner: JsonObject, path = ''): CacheMark | undefined {
  const control = readObject(owner, 'cache_control', path)
  if (control !== undefined) {
    const at = `${path}cache_control.`
    needWord(control, 'type', ['ephemeral'], at)
    const ttl = readWord(control, 'ttl', ['5m', '1h'], at)
    return ttl === undefined ? {} : { ttl }
  }
  return readCacheBreakpoint(owner, path)
}

/** The parts with the mark of their whole message: on the last one that can bear it, unless that has one of its own. */
export function markLast<Part extends { readonly kind: string; readonly cache?: CacheMark }>(
  parts: readonly Part[],
  mark: CacheMark | undefined,
): readonly Part[] {
  if (mark === undefined) return parts
  const last = parts.findLastIndex(({ kind }) => BEARERS.has(kind))
  return parts.map((part, index) => (index === last ? { cache: mark, ...part } : part))
}

const BEARERS: ReadonlySet<string> = new Set(['text', 'image', 'file', 'tool-call'])
