import { type ErrorCode, GatewayError } from '../../../src/core/errors.ts'
import { callFirstHealthy } from '../../../src/gateway/attempt/call-upstream.ts'
import type { Failed } from '../../../src/gateway/attempt/outcome.ts'
import type { Serve } from '../../../src/gateway/attempt/try-candidate.ts'
import type { Candidates } from '../../../src/gateway/call/find-candidates.ts'
import type { OpenedCall } from '../../../src/gateway/call/opened-call.ts'
import { readRequestOptions } from '../../../src/gateway/caller/request-options.ts'
import { newTrace, type Trace } from '../../../src/gateway/record/trace.ts'
import type { Target } from '../../../src/gateway/target/target.ts'
import { findProvider } from '../../../src/providers/registry.ts'
import { never, worldWith } from '../dependencies.ts'

const openai = findProvider('openai') ?? never()

const target = (keyId: string): Target => ({
  provider: openai,
  keyId,
  site: { credential: { kind: 'key', apiKey: 'sk-canary-0123456789' }, settings: {}, location: '' },
})

export const error = (code: ErrorCode, details = {}): GatewayError =>
  new GatewayError(code, `It is ${code}`, details)

/** How a key fares: a status, no connection, or an answer that comes to nothing. */
export type Fate = number | 'unreachable' | GatewayError
/** When it does: a request that is not answered yet, or an answer that has not begun. */
export interface Later {
  readonly until: Promise<Fate>
  readonly hasHeaders: boolean
}

/** Why nothing can be sent to a candidate, or the keys that there are for it. */
export interface Given {
  readonly name: string
  readonly keys: readonly string[] | GatewayError
}

/** A timer that somebody has set. */
interface Timer {
  readonly milliseconds: number
  readonly ring: () => void
}

export type World = ReturnType<typeof worldOf>

/** A world in which keys fare as they are said to; well, where nothing is said. */
export function worldOf(
  fates: Readonly<Record<string, Fate | Later>>,
  controller = new AbortController(),
) {
  const trace = newTrace('req_1')
  const sent: string[] = []
  /** Keys whose requests were broken off, and whose answers were let go of. */
  const aborted: string[] = []
  const released: string[] = []
  const timers: Timer[] = []
  const waitingFor: Promise<unknown>[] = []
  const deps = worldWith({
    fetch: async (_, init) => {
      const keyId = new Headers(init?.headers).get('x-test-key') ?? ''
      sent.push(keyId)
      const left = leaving(init?.signal ?? undefined, () => void aborted.push(keyId))
      const given = fates[keyId]
      const isLater = typeof given === 'object' && 'until' in given
      const fate = isLater && !given.hasHeaders ? await Promise.race([given.until, left]) : given
      if (fate === 'unreachable') throw new Error('sk-canary-0123456789')
      const body = new ReadableStream({ cancel: () => void released.push(keyId) })
      return new Response(body, { status: typeof fate === 'number' ? fate : 200 })
    },
    startTimer(milliseconds, ring) {
      const timer = { milliseconds, ring }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
    },
    waitUntil: (work) => void waitingFor.push(work),
  })
  const call = (keyIds: readonly string[], on: Trace, signal: AbortSignal) => ({
    organizationId: 'org_1',
    targets: keyIds.map(target),
    prepare: ({ keyId }: Target) => ({
      method: 'POST',
      url: 'https://api.example/',
      headers: { 'x-test-key': keyId },
      body: null,
    }),
    answer: async ({ target: { keyId } }: { target: Target }) => {
      const given = fates[keyId]
      const isLater = typeof given === 'object' && 'until' in given
      const left = leaving(signal, () => undefined)
      const cutOff = left.catch(() => error('upstream_error'))
      const fate = isLater ? await Promise.race([given.until, cutOff]) : given
      on.meter.tell({ usage: { inputTokens: 1 }, model: keyId })
      if (fate instanceof GatewayError) throw fate
      if (typeof fate === 'number' && fate >= 400) throw error('invalid_request', { status: fate })
      const chunk = new TextEncoder().encode(`answer with ${keyId}`)
      return new Response(
        new ReadableStream(
          {
            pull(stream) {
              stream.enqueue(chunk)
              stream.close()
            },
            cancel: () => void released.push(keyId),
          },
          { highWaterMark: 0 },
        ),
      )
    },
    signal,
  })
  const keysOf = new Map<OpenedCall, readonly string[]>()
  const serve: Serve = async (opened, on): Promise<Response | Failed> => {
    const keyIds = keysOf.get(opened) ?? []
    const result = await callFirstHealthy(call(keyIds, on, opened.signal), deps, on)
    return result.kind === 'answer' ? result.forCaller : result.telling
  }
  const open = ({ name, keys }: Given, on: Trace, signal: AbortSignal): OpenedCall => {
    if (keys instanceof GatewayError) throw keys
    on.provider = 'openai'
    on.model = name
    on.warnings.push(`${name}:something`)
    const opened: OpenedCall = {
      named: { provider: openai, model: name },
      signal,
      call: { text: '', body: {}, model: name, modelInBody: name, wantsStream: false },
      options: readRequestOptions(new Headers()),
      headers: new Headers(),
      organizationId: 'org_1',
      targets: never,
    }
    keysOf.set(opened, keys)
    return opened
  }
  const candidatesOf = (given: readonly Given[]): Candidates => ({
    candidates: given.map((one) => ({
      name: one.name,
      open: (on, signal) => open(one, on, signal),
    })),
    signal: controller.signal,
  })
  return {
    trace,
    sent,
    aborted,
    released,
    timers,
    waitingFor,
    deps,
    serve,
    controller,
    candidatesOf,
  }
}

/** Rejects when the signal says so, and tells of it; whether anybody listens or not. */
function leaving(signal: AbortSignal | undefined, onLeft: () => void): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  promise.catch(() => undefined)
  const leave = (): void => {
    onLeft()
    reject(new Error('aborted'))
  }
  if (signal?.aborted === true) leave()
  signal?.addEventListener('abort', leave, { once: true })
  return promise
}

/** What the caller gets: an answer's text, or an error. */
export async function endOf(
  answering: Promise<Response>,
): Promise<{ readonly text?: string; readonly code?: ErrorCode; readonly message?: string }> {
  try {
    return { text: await (await answering).text() }
  } catch (thrown) {
    if (thrown instanceof GatewayError) return { code: thrown.code, message: thrown.message }
    throw thrown
  }
}

/** What `x-keyway-attempts` says. */
export const outcomes = ({ attempts }: Trace): string[] =>
  attempts.map(({ keyId, outcome }) => `${keyId}:${outcome}`)
