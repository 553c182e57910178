import type { ChatMessage } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import type { GeminiProfile } from './profile.ts'

const LEVELS: Readonly<Record<string, string>> = {
  low: 'MEDIA_RESOLUTION_LOW',
  high: 'MEDIA_RESOLUTION_HIGH',
}

/** The resolution of images. Google has one for all media of a request, so it is given where all of them ask for the same. */
export function encodeMediaResolution(
  messages: readonly ChatMessage[],
  { takesMediaResolution }: GeminiProfile,
  compat: Compat,
): string | undefined {
  const details = new Set(messages.flatMap(detailsOf))
  const wish = [...details].find((detail) => detail !== 'auto')
  if (wish === undefined) return undefined
  const level = Object.hasOwn(LEVELS, wish) ? LEVELS[wish] : undefined
  if (takesMediaResolution && details.size === 1 && level !== undefined) return level
  compat.changed('detail')
  return undefined
}

/** What the media in a message wish for; `auto` where they say nothing. */
function detailsOf(message: ChatMessage): readonly string[] {
  if (message.role !== 'user' && message.role !== 'tool') return []
  return message.content.flatMap((part) => {
    if (part.kind === 'image') return [part.detail ?? 'auto']
    return part.kind === 'file' ? ['auto'] : []
  })
}
