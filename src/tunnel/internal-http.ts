import type { HeldMemory } from './answer-body.ts'
import type { CallAnswer, OutgoingCall } from './call.ts'
import { type HeaderPairs, isHeader, isRequestHead } from './frame-json.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'
import { outgoingBody } from './outgoing-body.ts'

/** How a call crosses from the Worker to the Durable Object and back: as an ordinary request and response. */

/** The header of an answer that is not the model's. Nothing a model sends can be mistaken for it. */
export const FAILURE_HEADER = 'x-keyway-tunnel-failure'

const CALL_PREFIX = '/call'

/** Of one connection only (RFC 9110 §7.6.1), or of the way from the caller to us; never sent on in either direction. */
const OF_THE_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'host',
  'cookie',
  'set-cookie',
  'accept-encoding',
])

/** The request for the object: same method, headers, body and signal; the model's address is not ours to say. */
export function internalRequest(request: Request): Request {
  const { pathname, search } = new URL(request.url)
  return new Request(`https://tunnel${CALL_PREFIX}${pathname}${search}`, {
    method: request.method,
    headers: request.headers,
    body: request.body,
    signal: request.signal,
    // A redirect is the model's answer, not for us to follow.
    redirect: 'manual',
  })
}

const encoder = new TextEncoder()

/** The call that a request for the object is; undefined when its head does not fit into a frame. */
export function outgoingOf(request: Request, memory: HeldMemory): OutgoingCall | undefined {
  const { pathname, search } = new URL(request.url)
  const path = `${pathname.slice(CALL_PREFIX.length)}${search}`
  const head = { method: request.method, path, headers: pairsOf(request.headers) }
  const { length } = encoder.encode(JSON.stringify(head))
  if (length > MAX_PAYLOAD_BYTES || !isRequestHead(head)) return undefined
  return { head, body: request.body === null ? undefined : outgoingBody(request.body, memory) }
}

/** The model's answer. */
export function answerOf({ head, body }: CallAnswer): Response {
  const headers = new Headers()
  for (const [name, value] of head.headers) {
    if (!isLeftOut(name)) headers.append(name, value)
  }
  // Bytes that the model has encoded are passed as they are.
  return new Response(body, { status: head.status, headers, encodeBody: 'manual' })
}

/** A failure as the object tells it. */
export function failureOf({
  code,
  isAccepted = false,
}: {
  readonly code: string
  readonly isAccepted?: boolean
}): Response {
  const text = isAccepted ? `${code}, accepted` : code
  return new Response(null, { status: 502, headers: { [FAILURE_HEADER]: text } })
}

function pairsOf(headers: Headers): HeaderPairs {
  return [...headers].filter(([name, value]) => isForModels(name) && isHeader(name, value))
}

/** Of a body that the runtime itself has measured, the model is told the length: not every server takes pieces. */
function isForModels(name: string): boolean {
  return name === 'content-length' || !isLeftOut(name)
}

function isLeftOut(name: string): boolean {
  return OF_THE_HOP.has(name) || name.startsWith('x-keyway-') || name.startsWith('cf-')
}
