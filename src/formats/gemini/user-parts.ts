import type { FilePart, ImagePart, UserPart } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { base64 } from '../../core/encoding.ts'
import { mediaTypeOfAddress } from './media-type.ts'
import type { GeminiProfile } from './profile.ts'
import type { MediaPart, SpokenPart } from './types.ts'

/** What a user or a tool says, as parts. Empty texts are left out: Google refuses them. */
export function encodeUserParts(
  parts: readonly UserPart[],
  profile: GeminiProfile,
  compat: Compat,
): readonly (SpokenPart | MediaPart)[] {
  return parts.flatMap((part) => encodeUserPart(part, profile, compat) ?? [])
}

function encodeUserPart(
  part: UserPart,
  profile: GeminiProfile,
  compat: Compat,
): SpokenPart | MediaPart | undefined {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? undefined : { text: part.text }
    case 'audio':
      return { inlineData: { mimeType: `audio/${part.format}`, data: part.data } }
    case 'image':
    case 'file':
      return encodeMedia(part, profile, compat)
    default:
      return part satisfies never
  }
}

function encodeMedia(
  part: ImagePart | FilePart,
  profile: GeminiProfile,
  compat: Compat,
): MediaPart | undefined {
  const { kind, source } = part
  switch (source.kind) {
    case 'text': {
      if (source.text === '') return undefined
      const data = base64(new TextEncoder().encode(source.text))
      return { inlineData: { mimeType: 'text/plain', data } }
    }
    case 'data':
      return { inlineData: { mimeType: source.mediaType, data: source.data } }
    case 'file':
      compat.refused(kind, 'it is kept by another provider.')
      return undefined
    case 'url': {
      const isStored = /^gs:/i.test(source.url)
      if (!isStored && !(profile.fetchesUrls && /^https?:/i.test(source.url))) {
        compat.refused(kind, 'the model does not fetch it from that address. Send the data itself.')
        return undefined
      }
      return { fileData: { mimeType: mediaTypeOfAddress(part, source), fileUri: source.url } }
    }
    default:
      return source satisfies never
  }
}
