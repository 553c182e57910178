import { isConversation, type SurfaceFormat } from '../core/wire-format.ts'
import { mayThink } from '../providers/may-think.ts'
import { answerWithSignsOfLife } from './answer/answer-with-signs-of-life.ts'
import { answerCall } from './answer/answer.ts'
import { callFirstHealthy, takeTelling } from './attempt/call-upstream.ts'
import { firstAnswer } from './attempt/first-answer.ts'
import { hedgedAnswer } from './attempt/hedged-answer.ts'
import type { Failed } from './attempt/outcome.ts'
import type { Serve } from './attempt/try-candidate.ts'
import { failureError } from './attempt/upstream-failure.ts'
import { type Candidate, type IncomingCall, findCandidates } from './call/find-candidates.ts'
import type { OpenedCall } from './call/opened-call.ts'
import { countTokens } from './count-tokens.ts'
import type { Dependencies } from './dependencies.ts'
import { embed } from './embed.ts'
import { chooseService } from './passage/choose-service.ts'
import { passageFor } from './passage/passage-for.ts'
import { prepareRequest } from './passage/prepare-request.ts'
import { dialectOf } from './passage/stream-dialects.ts'
import { isChatService } from './passage/upstream-formats.ts'
import type { Trace } from './record/trace.ts'
import { modelNameIn } from './target/model-name.ts'

/**
 * One call on a universal surface, from the caller's bytes to the caller's answer. Start reading here: who calls, which
 * models would do and with which keys; then one candidate after the other.
 */
export async function handleCall(
  incoming: IncomingCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const { format } = incoming
  trace.meter.surface = format
  const found = await findCandidates(incoming, deps, trace)
  const { candidates, hedgeAfterMs } = found
  const serve: Serve = (opened, on) => serveCall({ opened, format }, deps, on)
  const isHedged = hedgeAfterMs !== undefined && candidates.length > 1 && isConversation(format)
  const answering = isHedged
    ? hedgedAnswer({ ...found, hedgeAfterMs }, serve, deps, trace)
    : firstAnswer(found, serve, deps, trace)
  const needsSignsOfLife =
    trace.meter.isStream && isConversation(format) && candidates.some(isPrivate)
  if (!needsSignsOfLife) return await answering
  return await answerWithSignsOfLife(answering, dialectOf(format), deps, trace)
}

const isPrivate = ({ name }: Candidate): boolean => modelNameIn(name)?.kind === 'endpoint'

interface CallToServe {
  readonly opened: OpenedCall
  readonly format: SurfaceFormat
}

/** One candidate: which of the provider's services, how the call crosses to its format, then one key after the other. */
async function serveCall(
  { opened, format }: CallToServe,
  deps: Dependencies,
  trace: Trace,
): Promise<Response | Failed> {
  const service = chooseService(opened.named, format, opened.call)
  if (service.format === 'embeddings') return await embed(opened, service, deps, trace)
  if (format === 'anthropic-count-tokens' && isChatService(service)) {
    return await countTokens(opened, service, deps, trace)
  }
  const passage = passageFor({ opened, service, format }, deps, trace)
  const { call, named, organizationId, targets, signal, timeouts } = opened
  const result = await callFirstHealthy(
    {
      organizationId,
      targets: targets(),
      prepare: (target) => prepareRequest({ opened, passage, target }, deps),
      answer: (attempt) =>
        answerCall({ attempt, passage, wantsStream: call.wantsStream }, deps, trace),
      signal,
      expected: {
        answer: call.wantsStream ? 'stream' : 'whole',
        mayThink: ({ site }) => mayThink(service, named.model, site),
        timeouts,
      },
    },
    deps,
    trace,
  )
  if (result.kind === 'answer') return result.forCaller
  const telling = takeTelling(result, deps)
  if (isConversation(format)) return telling
  // Here a route is its first usable target.
  throw await failureError(telling, deps, trace)
}
