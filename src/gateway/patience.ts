import { GatewayError } from '../core/errors.ts'
import type { EndpointRecord } from '../storage/records.ts'
import { limitSilence, type Patience } from '../streams/silence.ts'
import type { Dependencies } from './dependencies.ts'
import type { Trace } from './trace.ts'

/** A model that is queued, loaded and fed a long prompt may take minutes until its first word; later it does not pause as long. */
const FIRST_BYTE_MS = 600_000
const IDLE_MS = 300_000

/** An upstream that said nothing until its time was up. */
export class SilentUpstream extends Error {
  override readonly name = 'SilentUpstream'
}

function patienceOf({ timeouts }: EndpointRecord): Patience {
  const { first_byte_ms: firstByteMs = FIRST_BYTE_MS, idle_ms: idleMs = IDLE_MS } = timeouts
  return { firstByteMs, idleMs }
}

/**
 * The answer of a private endpoint to what is sent, held to its time-outs: throws `SilentUpstream` where it does not begin in
 * time, and its body fails where it pauses for too long. The trace then tells why it broke off.
 */
export async function sendPatiently(
  send: (signal: AbortSignal) => Promise<Response>,
  { endpoint, signal }: { readonly endpoint: EndpointRecord; readonly signal: AbortSignal },
  { nowMs, sleep }: Pick<Dependencies, 'nowMs' | 'sleep'>,
  trace: Trace,
): Promise<Response> {
  const controller = new AbortController()
  const leave = (): void => controller.abort()
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  const { firstByteMs, idleMs } = patienceOf(endpoint)
  const startMs = nowMs()
  let hasBegun = false
  let isLate = false
  const late = sleep(firstByteMs).then((): never => {
    isLate = !hasBegun
    if (isLate) controller.abort()
    throw new SilentUpstream()
  })
  const response = await Promise.race([send(controller.signal), late]).catch((error: unknown) => {
    throw isLate ? new SilentUpstream() : error
  })
  hasBegun = true
  if (response.body === null) return response
  const left = { firstByteMs: Math.max(1, firstByteMs - (nowMs() - startMs)), idleMs }
  const body = limitSilence(response.body, left, {
    nowMs,
    sleep,
    onSilent(limitMs) {
      trace.brokenOff = silence(endpoint, limitMs === idleMs ? idleMs : firstByteMs)
      controller.abort()
    },
    onBroken() {
      if (endpoint.reach === 'connector') trace.brokenOff = lostConnector(endpoint)
    },
  })
  return new Response(body, response)
}

function silence({ name }: EndpointRecord, limitMs: number): GatewayError {
  const message = `The endpoint ${name} sent nothing for ${Math.ceil(limitMs / 1000)} s.`
  return new GatewayError('upstream_timeout', message)
}

function lostConnector({ name }: EndpointRecord): GatewayError {
  const message = `The way to the endpoint ${name} broke off before its answer was complete: its connector was lost, or its model server stopped.`
  return new GatewayError('tunnel_disconnected', message)
}
