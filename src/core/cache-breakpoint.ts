import type { CacheMark } from './chat.ts'
import type { JsonObject } from './parse.ts'
import { readObject, readString } from './read.ts'

/** OpenAI's own mark on a part, `prompt_cache_breakpoint`. Its times are longer than five minutes, and so are kept for an hour. */
export function readCacheBreakpoint(owner: JsonObject, path: string): CacheMark | undefined {
  const breakpoint = readObject(owner, 'prompt_cache_breakpoint', path)
  if (breakpoint === undefined) return undefined
  const ttl = readString(breakpoint, 'ttl', `${path}prompt_cache_breakpoint.`)
  return ttl === undefined ? { breakpoint } : { ttl: '1h', breakpoint }
}
