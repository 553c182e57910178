import type { CacheMark, UserPart } from '../../core/chat.ts'
import { type CacheTarget, cachePoints } from './cache-points.ts'
import { encodeAudio, encodeFile, encodeImage, type MediaTarget } from './media.ts'
import type { Block, MediaBlock, TextBlock } from './wire.ts'

export type ContentTarget = MediaTarget & CacheTarget

/** What a user says or shows, with points where it is to be cached. */
export function encodeParts(parts: readonly UserPart[], target: ContentTarget): Block[] {
  return parts.flatMap((part): Block[] => {
    const block = encodePart(part, target)
    if (block === undefined) return []
    return [block, ...cachePoints(markOf(part), 'messages', target)]
  })
}

/** The block for a part; undefined where there is nothing in it, or it was refused and the caller can do without. */
export function encodePart(
  part: UserPart,
  target: MediaTarget,
): TextBlock | MediaBlock | undefined {
  switch (part.kind) {
    case 'text':
      return textBlock(part.text)
    case 'image':
      return encodeImage(part, target)
    case 'file':
      return encodeFile(part, target)
    case 'audio':
      return encodeAudio(part, target)
    default:
      return part satisfies never
  }
}

/** Blank text is refused. */
export function textBlock(text: string): TextBlock | undefined {
  return text.trim() === '' ? undefined : { text }
}

export function markOf(part: UserPart): CacheMark | undefined {
  return part.kind === 'audio' ? undefined : part.cache
}
