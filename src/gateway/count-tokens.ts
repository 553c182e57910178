import type { ChatRequest } from '../core/chat.ts'
import { GatewayError } from '../core/errors.ts'
import { estimateInputTokens } from '../core/estimate-tokens.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import { anthropicCountingClient } from '../formats/anthropic-messages/client.ts'
import { answerCall } from './answer/answer.ts'
import { sdkRequestId } from './answer/response-headers.ts'
import { callFirstHealthy, takeTelling } from './attempt/call-upstream.ts'
import { failureError } from './attempt/upstream-failure.ts'
import type { OpenedCall } from './call/opened-call.ts'
import type { Dependencies } from './dependencies.ts'
import { choosePassage, type Crossing } from './passage/choose-passage.ts'
import type { Passage } from './passage/passage.ts'
import { prepareRequest } from './passage/prepare-request.ts'
import type { ChatService } from './passage/upstream-formats.ts'
import { type Trace, traceHeaders } from './record/trace.ts'
import { warnInto } from './record/warn-into.ts'

/**
 * The tokens of a conversation, in Anthropic's shape, for a model that is not counted by Anthropic's own operation: as
 * the provider counts them, else an estimate, which the warning `input_tokens:estimated` marks.
 */
export async function countTokens(
  opened: OpenedCall,
  service: ChatService,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const client = anthropicCountingClient
  if (service.counting === undefined) {
    return estimated(client.decodeRequest(opened.call.body), trace)
  }
  const counted = { ...opened, call: { ...opened.call, wantsStream: false } }
  const crossing = { opened: counted, service, format: 'anthropic-messages', client } as const
  const passage = counts(crossing, deps, trace)
  const { organizationId, targets, signal, timeouts } = opened
  const result = await callFirstHealthy(
    {
      organizationId,
      targets: targets(),
      prepare: (target) => prepareRequest({ opened: counted, passage, target }, deps),
      signal,
      expected: { answer: 'whole', timeouts },
      answer: (attempt) => answerCall({ attempt, passage, wantsStream: false }, deps, trace),
    },
    deps,
    trace,
  )
  if (result.kind === 'answer') return result.forCaller
  throw await failureError(takeTelling(result, deps), deps, trace)
}

/** The passage of the conversation itself, with its body wrapped for counting. */
function counts(
  crossing: Crossing & { readonly service: ChatService },
  deps: Dependencies,
  trace: Trace,
): Passage {
  const passage = choosePassage(crossing, deps, trace)
  const { counting } = crossing.service
  const { model } = crossing.opened.named
  if (counting === undefined) return passage
  const callAt = ({ site }: Parameters<Passage['bodyFor']>[0]) => ({
    model,
    wantsStream: false,
    site,
  })
  return {
    ...passage,
    pathFor: (target) => counting.path(callAt(target)),
    bodyFor(target) {
      const conversation = tryParseJson(passage.bodyFor(target))
      if (!isObject(conversation)) throw new Error('a body that is no object')
      return JSON.stringify(counting.body(conversation, callAt(target)))
    },
    wholeAnswer({ target }, text) {
      const answer = tryParseJson(text)
      const tokens = isObject(answer) ? counting.tokensIn(answer) : undefined
      if (typeof tokens === 'number') return JSON.stringify({ input_tokens: tokens })
      throw new GatewayError('upstream_error', `${target.provider.name} gave no count of tokens.`)
    },
  }
}

function estimated(request: ChatRequest, trace: Trace): Response {
  warnInto(trace)('input_tokens:estimated')
  const headers = { ...sdkRequestId(trace), ...traceHeaders(trace) }
  return Response.json({ input_tokens: estimateInputTokens(request) }, { headers })
}
