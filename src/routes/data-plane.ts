import type { Context, Handler } from 'hono'
import { GatewayError } from '../core/errors.ts'
import type { Dependencies } from '../gateway/dependencies.ts'
import { endingOfStatus } from '../gateway/record/meter.ts'
import { newTrace, type Trace } from '../gateway/record/trace.ts'
import type { Env } from '../storage/env.ts'
import { noteKeyUse } from '../storage/resources/note-key-use.ts'
import { credentialName } from '../storage/use/credential-name.ts'
import { ANSWERED } from '../storage/use/key-health.ts'
import { dependenciesOf, TIME } from './dependencies-of.ts'
import { errorResponse, type ErrorShape, gatewayErrorOf } from './error-response.ts'
import { recordRequest } from './record-request.ts'

export type AppContext = Context<{ Bindings: Env }>

/** A request's id: in every answer, and in every line that is logged for it. */
export function newRequestId(): string {
  return `req_${crypto.randomUUID().replaceAll('-', '')}`
}

/** A route of the data plane: the handler gets its whole world, and what it throws is said in the surface's shape. */
export function dataPlane(
  shape: ErrorShape | ((c: AppContext) => ErrorShape),
  handle: (c: AppContext, deps: Dependencies, trace: Trace) => Promise<Response>,
): Handler<{ Bindings: Env }> {
  return async function answer(c) {
    const platform = platformOf(c)
    const startMs = platform.nowMs()
    const trace = newTrace(newRequestId(), (ended, ending) =>
      recordRequest(c.env, { trace: ended, ending, startMs }, platform),
    )
    endAtDeparture(c.req.raw, trace)
    try {
      const response = await handle(c, dependenciesOf(c), trace)
      if (!trace.meter.isHeld) trace.meter.end(endingOfStatus(response.status))
      return response
    } catch (error) {
      const response = errorResponse(error, typeof shape === 'string' ? shape : shape(c), trace)
      trace.meter.end({ status: response.status, outcome: codeOf(error) })
      return response
    } finally {
      if (trace.remainingWork === undefined) noteUse(c, trace)
      else platform.waitUntil(noteUseAfter(trace.remainingWork, c, trace))
    }
  }
}

/** A caller who leaves ends the request, whatever still goes on for it. */
function endAtDeparture({ signal }: Request, { meter }: Trace): void {
  const leave = (): void => meter.end({ status: meter.isHeld ? 200 : null, outcome: 'client_left' })
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
}

function codeOf(error: unknown): string {
  return error instanceof GatewayError ? error.code : 'internal_error'
}

async function noteUseAfter(work: Promise<unknown>, c: AppContext, trace: Trace): Promise<void> {
  await work.catch((error: unknown) => void gatewayErrorOf(error, trace))
  noteUse(c, trace)
}

function noteUse(c: AppContext, { caller, attempts }: Trace): void {
  if (caller === undefined) return
  const providerKeys = attempts.map(({ keyId: id, record, isEndpoint, reason, fault, health }) => ({
    id,
    // What went well needs no name.
    credential: record && (fault ?? health) && credentialName(record),
    wasTried: isEndpoint === true ? reason === undefined : reason !== 'misconfigured',
    ...(fault === undefined ? {} : { fault }),
    health: health ?? (reason === undefined ? ANSWERED : undefined),
  }))
  noteKeyUse(c.env, { ...caller, providerKeys }, platformOf(c))
}

/** What work behind an answer needs of the platform, too. */
function platformOf({
  executionCtx,
}: Pick<AppContext, 'executionCtx'>): Pick<Dependencies, 'nowMs' | 'sleep' | 'waitUntil'> {
  return { ...TIME, waitUntil: (work) => executionCtx.waitUntil(work) }
}
