import type { HeaderPairs } from '../../src/tunnel/frame-json.ts'
import { CREDENTIAL_HEADERS, type Credential } from './credential.ts'

/**
 * The headers of a request to the model: those that came through the tunnel, without what was meant for somebody on
 * the way or tells who called, with the target's own host and at most one credential.
 */
export function toModel(
  received: HeaderPairs,
  host: string,
  credential: Credential,
): Record<string, string> {
  // Any name may come, that of a member which every object has, too.
  const joined = new Map<string, string>()
  for (const [name, value] of kept(received, isForTheModel)) {
    const before = joined.get(name)
    joined.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  const headers = Object.fromEntries(joined)
  const { 'content-length': length = '' } = headers
  if (!/^\d{1,15}$/.test(length)) delete headers['content-length']
  headers['host'] = host
  // Compressed events would come in lumps.
  headers['accept-encoding'] = 'identity'
  const proof = proofOf(credential, received)
  if (proof) headers[proof[0]] = proof[1]
  return headers
}

/** The headers of the model's answer that go back, from Node's list: not those of this connection, and no cookies. */
export function fromModel(raw: readonly string[]): HeaderPairs {
  const received: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    received.push([(raw[at] ?? '').toLowerCase(), raw[at + 1] ?? ''])
  }
  return kept(received, isForKeyway).slice(0, MAX_HEADERS)
}

function proofOf(
  credential: Credential,
  received: HeaderPairs,
): readonly [name: string, value: string] | undefined {
  if (credential.kind === 'key') return [credential.header, credential.value]
  if (credential.kind === 'none') return undefined
  for (const header of CREDENTIAL_HEADERS) {
    const found = received.find(([name, value]) => name === header && isForeignKey(value))
    if (found) return found
  }
  return undefined
}

/** A value that may be passed on. Keys of Keyway itself are for nobody else. */
function isForeignKey(value: string): boolean {
  return isValue(value) && !/\bkw[mc]?_/.test(value)
}

function kept(received: HeaderPairs, isKept: (name: string) => boolean): HeaderPairs {
  // RFC 9110 §7.6.1: what `Connection` names is of this connection, too.
  const connection = received.filter(([name]) => name === 'connection')
  const named = new Set(connection.flatMap(([, value]) => value.toLowerCase().split(/[\s,]+/)))
  return received.filter(
    ([name, value]) => NAME.test(name) && !named.has(name) && isKept(name) && isValue(value),
  )
}

function isForTheModel(name: string): boolean {
  return !HOP_BY_HOP.has(name) && !NOT_FOR_THE_MODEL.has(name) && !FOREIGN.test(name)
}

function isForKeyway(name: string): boolean {
  // The length is counted where the body ends. A cookie of the model is for nobody who calls.
  return !HOP_BY_HOP.has(name) && name !== 'content-length' && !name.startsWith('set-cookie')
}

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

const NOT_FOR_THE_MODEL = new Set([
  // A credential that the caller has for Keyway, or that is not for this server.
  ...CREDENTIAL_HEADERS,
  'x-goog-api-key',
  'ocp-apim-subscription-key',
  'cookie',
  // Model servers take these for a browser's, and refuse it.
  'origin',
  'referer',
  // Who called from where, and which way it came.
  'forwarded',
  'via',
  'x-real-ip',
  'true-client-ip',
  // The server would wait before it reads, or answer in another way.
  'expect',
  'host',
  'accept-encoding',
])

const FOREIGN = /^(?:cf-|x-forwarded-|x-keyway-|sec-|:)/

/** RFC 9110 §5.6.2, in lower case. */
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/

/** No line break can begin another header. */
const isValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

/** As many as a frame may carry. */
const MAX_HEADERS = 200
