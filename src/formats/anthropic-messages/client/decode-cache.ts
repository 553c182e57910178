import type { CacheMark } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { needWord, readObject, readWord } from '../../../core/read.ts'

/** `cache_control`, of a body, a block or a tool. https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export function decodeCache(owner: JsonObject, path = ''): CacheMark | undefined {
  const control = readObject(owner, 'cache_control', path)
  if (control === undefined) return undefined
  const at = `${path}cache_control.`
  needWord(control, 'type', ['ephemeral'], at)
  const ttl = readWord(control, 'ttl', ['5m', '1h'], at)
  return ttl === undefined ? {} : { ttl }
}
