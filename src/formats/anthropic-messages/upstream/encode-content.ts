import type { CacheMark, UserPart } from '../../../core/chat.ts'
import { cacheMembers } from './cache-marks.ts'
import { encodeFile, encodeImage, type MediaTarget } from './encode-media.ts'
import type { Block } from './turns.ts'

export function textBlock(text: string, cache?: CacheMark): Block {
  return { type: 'text', text, ...cacheMembers(cache) }
}

/** The block for what a user or a tool says; none for text that is blank, which is refused, and for what was refused. */
export function encodeSaying(part: UserPart, target: MediaTarget): Block[] {
  switch (part.kind) {
    case 'text':
      return part.text.trim() === '' ? [] : [textBlock(part.text, part.cache)]
    case 'image':
      return listed(encodeImage(part, target))
    case 'file':
      return listed(encodeFile(part, target))
    case 'audio':
      target.compat.refused('audio', 'it does not listen.')
      return []
    default:
      return part satisfies never
  }
}

function listed(block: Block | undefined): Block[] {
  return block === undefined ? [] : [block]
}
