import { stableHash } from './stable-hash.ts'

const PLAIN = /^[a-zA-Z0-9_-]+$/
/** How a name ends that was made here. */
const MADE = /_kw[0-9A-Za-z]{9}$/
const SUFFIX_LENGTH = '_kw123456789'.length

/**
 * A name or an id for providers that take letters, digits, `_` and `-` only, and not too many: the name itself where it
 * is so, else what can be read of it and a hash of all of it. It follows from the name alone, so a call and its result
 * keep the same one in every request, and different names stay different (the hash has 53 bits).
 */
export function plainName(name: string, maxLength = 64): string {
  if (name.length <= maxLength && PLAIN.test(name) && !MADE.test(name)) return name
  const readable = name.slice(0, maxLength - SUFFIX_LENGTH).replaceAll(/[^a-zA-Z0-9_-]/g, '_')
  return `${readable}_kw${stableHash(name, 9)}`
}
