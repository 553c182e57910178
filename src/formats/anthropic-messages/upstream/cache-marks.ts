import type { CacheMark } from '../../../core/chat.ts'
import type { Block, Turn } from './turns.ts'

/** A body may have no more marks than this. */
const MAX_MARKS = 4

/** The members of a block that bear a mark; none where there is none. */
export function cacheMembers(cache: CacheMark | undefined): Block {
  if (cache === undefined) return {}
  const ttl = cache.ttl === undefined ? {} : { ttl: cache.ttl }
  return { cache_control: { type: 'ephemeral', ...ttl } }
}

export interface MarkedBody {
  readonly tools: readonly Block[]
  readonly system: readonly Block[]
  readonly messages: readonly Turn[]
}

/**
 * Takes marks away until there are no more than four: the last one of the tools, the last one of the system and the
 * latest of the conversation stay, since they cover most. Says whether any went. `reserved` are those outside of blocks.
 */
export function limitCacheMarks({ tools, system, messages }: MarkedBody, reserved = 0): boolean {
  const inTools = tools.filter(isMarked)
  const inSystem = system.filter(isMarked)
  const inMessages = messages.flatMap(({ content }) => content.flatMap(withParts)).filter(isMarked)
  const byWorth = [
    ...inTools.slice(-1),
    ...inSystem.slice(-1),
    ...inMessages.toReversed(),
    ...inSystem.slice(0, -1).toReversed(),
    ...inTools.slice(0, -1).toReversed(),
  ]
  const surplus = byWorth.slice(MAX_MARKS - reserved)
  for (const block of surplus) delete block['cache_control']
  return surplus.length > 0
}

/** Marks the end of the conversation, for hosts that do not find by themselves what to cache. */
export function markEnd(messages: readonly Turn[], cache: CacheMark): void {
  const last = messages.at(-1)?.content.at(-1)
  if (last !== undefined && !isMarked(last)) Object.assign(last, cacheMembers(cache))
}

function isMarked(block: Block): boolean {
  return 'cache_control' in block
}

/** The parts of a tool's result may be marked as well. */
function withParts(block: Block): Block[] {
  const { content } = block
  const parts: Block[] = Array.isArray(content) ? content : []
  return [...parts, block]
}
