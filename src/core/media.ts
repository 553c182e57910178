import type { MediaSource } from './chat.ts'
import { base64 } from './encoding.ts'

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
  const isBase64 = /;\s*base64$/i.test(parameters)
  const data = isBase64 ? plainBase64(text) : base64(bytesOfText(text))
  if (data === undefined || data === '') return undefined
  return { kind: 'data', mediaType: plainMediaType(type === '' ? 'text/plain' : type), data }
}

/** The media and its type as a URL, for formats that know nothing else. */
export function urlOfMedia(source: Exclude<MediaSource, { kind: 'file' }>): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`
}

/** Base64 as strict readers want it: no white space, padded to its full length. Undefined for what is not base64. */
export function plainBase64(text: string): string | undefined {
  const unescaped = text.includes('%') ? text.replaceAll(/%([0-9a-f]{2})/gi, unescapeByte) : text
  const data = unescaped.replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data)) return undefined
  const digits = data.replace(/=+$/, '')
  return digits.length % 4 === 1 ? undefined : digits.padEnd(Math.ceil(digits.length / 4) * 4, '=')
}

function unescapeByte(_: string, digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16))
}

const encoder = new TextEncoder()

/** The bytes of a text in which some may be percent-encoded; all else is UTF-8. */
function bytesOfText(text: string): Uint8Array {
  const bytes: number[] = []
  for (const piece of text.split(/(%[0-9a-f]{2})/i)) {
    if (/^%[0-9a-f]{2}$/i.test(piece)) bytes.push(Number.parseInt(piece.slice(1), 16))
    else for (const byte of encoder.encode(piece)) bytes.push(byte)
  }
  return Uint8Array.from(bytes)
}
