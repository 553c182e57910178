import type { CacheMark, FilePart, ImagePart, MediaSource, UserPart } from '../../../core/chat.ts'
import { urlOfMedia } from '../../../core/media.ts'
import type { JsonObject } from '../../../core/parse.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import type { ResponsesProfile } from '../profile.ts'

type Target = EncodeTarget<ResponsesProfile>

/** What a user said, or a tool gave back. What the model cannot take is told to `compat` and left out. */
export function encodeParts(parts: readonly UserPart[], target: Target): readonly JsonObject[] {
  return parts.flatMap((part): readonly JsonObject[] => {
    switch (part.kind) {
      case 'text':
        return part.text === ''
          ? []
          : [{ type: 'input_text', text: part.text, ...mark(part, target) }]
      case 'image':
        return [{ ...encodeImage(part), ...mark(part, target) }]
      case 'file':
        return encodeFile(part, target).map((file) => ({ ...file, ...mark(part, target) }))
      case 'audio':
        target.compat.refused('audio', 'it takes text, images and files.')
        return []
      default:
        return part satisfies never
    }
  })
}

/** OpenAI's own cache marks alone: what callers of other formats mark, OpenAI finds by itself. */
function mark({ cache }: { readonly cache?: CacheMark }, { profile }: Target): JsonObject {
  const breakpoint = profile.hasCacheBreakpoints ? cache?.breakpoint : undefined
  return breakpoint === undefined ? {} : { prompt_cache_breakpoint: breakpoint }
}

/** Official libraries always say `detail`, and some hosts insist on it. */
function encodeImage({ source, detail = 'auto' }: ImagePart): JsonObject {
  return { type: 'input_image', detail, ...imageSource(source) }
}

function imageSource(source: MediaSource): JsonObject {
  return source.kind === 'file' ? { file_id: source.id } : { image_url: urlOfMedia(source) }
}

function encodeFile(
  { source, name }: FilePart,
  { profile, compat }: Target,
): readonly JsonObject[] {
  switch (source.kind) {
    case 'text': {
      const title = name === undefined ? '' : `${name}:\n`
      return [{ type: 'input_text', text: title + source.text }]
    }
    case 'file':
      return [{ type: 'input_file', file_id: source.id }]
    case 'url':
      return [{ type: 'input_file', file_url: source.url }]
    case 'data':
      if (profile.hasInlineFiles) {
        // Data without a name is refused.
        return [{ type: 'input_file', filename: name ?? 'file', file_data: urlOfMedia(source) }]
      }
      compat.refused('file', 'it takes files by their address only.')
      return []
    default:
      return source satisfies never
  }
}
