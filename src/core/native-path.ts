import { invalidRequest } from './errors.ts'

/**
 * Both spellings of an unreserved character are the same path (RFC 3986, 2.3 and 6.2.2.2), so that a rule about paths holds
 * for one of them only.
 */
const ENCODED_IN_VAIN = /%(?:2[de]|3\d|4[1-9a-f]|5[\daf]|6[1-9a-f]|7[\dae])/i

/**
 * Checks the part of a native path that goes on to the provider. It is forwarded as it came, still encoded, so it must
 * mean the same to everyone on the way: nothing in it may climb out of the base, name another host, or hide a
 * separator from one reader and show it to the next.
 */
export function checkNativePath(path: string, options: { encodedSlash?: RegExp } = {}): void {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw badPath('holds white space or control characters')
  if (/[\\?#]/.test(path)) throw badPath('holds a character that must be encoded')
  if (ENCODED_IN_VAIN.test(path)) {
    throw badPath('encodes letters, digits or one of "-._~", which must be sent as they are')
  }
  for (const segment of path.slice(1).split('/')) checkSegment(segment, path, options.encodedSlash)
}

function checkSegment(segment: string, path: string, encodedSlash: RegExp | undefined): void {
  if (segment === '') {
    // A path may end in one slash; two in a row begin an authority to some readers.
    if (path.endsWith('//') || path.slice(0, -1).includes('//'))
      throw badPath('has an empty segment')
    return
  }
  const decoded = decode(segment)
  if (decoded === undefined) throw badPath('is not percent-encoded UTF-8')
  if (/%(?:2e|2f|5c|25)/i.test(decoded)) throw badPath('is encoded twice')
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f\\]/.test(decoded))
    throw badPath('hides a control character or backslash')
  // Some servers cut `;parameters` off a segment before they resolve it.
  if (decoded.split('/').some((part) => /^\.{1,2}(?:;|$)/.test(part))) throw badPath('climbs')
  if (decoded.includes('/') && !(encodedSlash?.test(decoded) ?? false)) {
    throw badPath('hides a slash')
  }
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function badPath(what: string): Error {
  return invalidRequest(`The path behind /native/{provider} ${what}.`, 'path')
}
