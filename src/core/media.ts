import type { MediaSource } from './chat.ts'

/** `data:image/png;charset=utf-8;base64,…` (RFC 2397). */
const DATA_URL = /^data:([^;,]*)((?:;[^;,]*)*),/i

/** Media types that are called otherwise than registered. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'application/x-pdf': 'application/pdf',
}

/** A media type as it is registered: lower case, without parameters. */
export function plainMediaType(text: string): string {
  const type = (text.split(';')[0] ?? '').trim().toLowerCase()
  return ALIASES[type] ?? type
}

/** What a URL of an image or a file stands for: the data in it, or an address. Undefined for what is neither. */
export function mediaOfUrl(url: string): MediaSource | undefined {
  const match = DATA_URL.exec(url)
  if (match === null) return /^(?:https?|gs|s3):\/\//i.test(url) ? { kind: 'url', url } : undefined
  const [head, type = '', parameters = ''] = match
  const text = url.slice(head.length)
  const isBase64 = /;base64$/i.test(parameters)
  const data = isBase64 ? text.replaceAll(/\s/g, '') : base64OfText(text)
  if (data === undefined || !/^[A-Za-z0-9+/]+={0,2}$/.test(data)) return undefined
  return { kind: 'data', mediaType: plainMediaType(type === '' ? 'text/plain' : type), data }
}

/** The media and its type as a URL, for formats that know nothing else. */
export function urlOfMedia(source: Exclude<MediaSource, { kind: 'file' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}

function base64OfText(text: string): string | undefined {
  try {
    return btoa(unescapeBytes(text))
  } catch {
    return undefined
  }
}

/** Percent-encoded bytes, one character each. */
function unescapeBytes(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}
