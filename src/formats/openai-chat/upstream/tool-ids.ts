import { stableHash } from '../../../core/stable-hash.ts'
import { unpackToolCallId } from '../../../core/tool-call-id.ts'
import type { ToolIdRule } from '../profile.ts'

/** Changes the ids of one conversation's tool calls to what a host takes; no two become one. */
export type ToolIds = (id: string) => string

interface Rule {
  readonly isFit: (id: string) => boolean
  readonly short: (text: string) => string
}

/** Nine digits in base 62 hold the whole hash. */
const RULES: Readonly<Record<Exclude<ToolIdRule, 'any'>, Rule>> = {
  'forty-characters': {
    isFit: (id) => id.length <= 40,
    short: (text) => `call_${stableHash(text, 9)}`,
  },
  'nine-alphanumerics': {
    isFit: (id) => /^[A-Za-z0-9]{9}$/.test(id),
    short: (text) => stableHash(text, 9),
  },
}

/**
 * The same ids in the same order give the same, so that a longer conversation begins like a shorter one. An id that
 * would be another's is hashed once more.
 */
export function toolIds(rule: ToolIdRule): ToolIds {
  if (rule === 'any') return (id) => id
  const { isFit, short } = RULES[rule]
  const given = new Map<string, string>()
  const taken = new Set<string>()
  return (id) => {
    const known = given.get(id)
    if (known !== undefined) return known
    let fit = id
    if (!isFit(id)) {
      // It may be another host's, packed for the way to the caller and back.
      const bare = unpackToolCallId(id).id
      fit = isFit(bare) ? bare : short(bare)
    }
    for (let again = 1; taken.has(fit); again++) fit = short(`${id}#${again}`)
    given.set(id, fit)
    taken.add(fit)
    return fit
  }
}
