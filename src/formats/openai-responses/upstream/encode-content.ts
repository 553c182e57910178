import type { FilePart, ImagePart, MediaSource, UserPart } from '../../../core/chat.ts'
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
        return part.text === '' ? [] : [{ type: 'input_text', text: part.text }]
      case 'image':
        return [encodeImage(part)]
      case 'file':
        return encodeFile(part, target)
      case 'audio':
        target.compat.refused('audio', 'it takes text, images and files.')
        return []
      default:
        return part satisfies never
    }
  })
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
