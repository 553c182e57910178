import type { FilePart, ImagePart } from '../../core/chat.ts'
import { mediaTypeOfName, mediaTypeOfUrl } from '../../core/file-data.ts'

/** Sound and film, which Gemini takes beside images and documents. */
const SOUND_AND_FILM: Readonly<Record<string, string>> = {
  aac: 'audio/aac',
  flac: 'audio/flac',
  m4a: 'audio/m4a',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  mpeg: 'video/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  webm: 'video/webm',
}

/** The media type of what is at an address: Google wants to be told before it fetches. */
export function mediaTypeOfAddress(
  part: ImagePart | FilePart,
  { url, mediaType }: { readonly url: string; readonly mediaType?: string },
): string {
  const isFile = part.kind === 'file'
  const named = isFile && part.name !== undefined ? mediaTypeOfName(part.name) : undefined
  const usual = isFile ? 'application/pdf' : 'image/jpeg'
  return mediaType ?? named ?? mediaTypeOfUrl(url) ?? soundOrFilm(url) ?? usual
}

function soundOrFilm(url: string): string | undefined {
  const ending = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase()
  if (ending === undefined || !Object.hasOwn(SOUND_AND_FILM, ending)) return undefined
  return SOUND_AND_FILM[ending]
}
