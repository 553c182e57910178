import type { SurfaceFormat } from '../core/wire-format.ts'
import { answerCall } from './answer.ts'
import { callFirstHealthy } from './call-upstream.ts'
import { choosePassage } from './choose-passage.ts'
import { chooseService } from './choose-service.ts'
import { countTokens } from './count-tokens.ts'
import type { Dependencies } from './dependencies.ts'
import { embed } from './embed.ts'
import { type IncomingCall, openCall } from './open-call.ts'
import { prepareRequest } from './prepare-request.ts'
import type { Trace } from './trace.ts'
import { isChatService } from './upstream-formats.ts'

/** A call on a universal surface, as its route understood it. */
export interface UniversalCall extends IncomingCall {
  /** The format that the caller speaks. */
  readonly format: SurfaceFormat
}

/**
 * One call on a universal surface, from the caller's bytes to the caller's answer. Start reading here: who calls and with
 * which keys, which of the provider's services, how the call crosses to its format, then one target after the other.
 */
export async function handleCall(
  incoming: UniversalCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const { format } = incoming
  trace.meter.surface = format
  const opened = await openCall(incoming, deps, trace)
  const service = chooseService(opened.named, format, opened.call)
  if (service.format === 'embeddings') return await embed(opened, service, deps, trace)
  if (format === 'anthropic-count-tokens' && isChatService(service)) {
    return await countTokens(opened, service, deps, trace)
  }
  const passage = choosePassage({ opened, service, format }, deps, trace)
  const { call, organizationId, targets, signal } = opened
  const attempt = await callFirstHealthy(
    {
      organizationId,
      targets: targets(),
      prepare: (target) => prepareRequest({ opened, passage, target }, deps),
      signal,
    },
    deps,
    trace,
  )
  return await answerCall({ attempt, passage, wantsStream: call.wantsStream }, deps, trace)
}
