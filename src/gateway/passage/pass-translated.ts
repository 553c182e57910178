import type { ChatAnswer, ChatRequest } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import type { ClientFormat } from '../../core/translation.ts'
import { reportUntranslated } from '../../core/untranslated.ts'
import { translateStream } from '../../streams/translate.ts'
import { answerError, noJsonObject } from '../failure/answer-error.ts'
import { cutOffError, inStreamError } from '../failure/stream-errors.ts'
import type { Trace } from '../record/trace.ts'
import { withEdits } from '../target/edits.ts'
import type { Target } from '../target/target.ts'
import { frameSense } from './frame-sense.ts'
import type { HostSide, Passage } from './passage.ts'
import { tellingEvents } from './telling-events.ts'
import {
  type ChatService,
  upstreamTranslator,
  type UpstreamTranslator,
} from './upstream-formats.ts'

export interface TranslatedCall {
  readonly client: ClientFormat
  readonly service: ChatService
  readonly model: string
  readonly request: ChatRequest
  readonly host: HostSide
  readonly compat: Compat
  readonly nowMs: () => number
}

/** Another format on the provider's side: decoded, and encoded anew, in both directions. */
export function passTranslated(
  { client, service, model, request, host, compat, nowMs }: TranslatedCall,
  trace: Trace,
): Passage {
  const { requestId } = trace
  const context = { model, request, requestId, createdSeconds: Math.floor(nowMs() / 1000) }
  const at = ({ site }: Target): UpstreamTranslator =>
    upstreamTranslator(service, site, { model, request, requestId })
  const decoded = (answer: JsonObject, target: Target): ChatAnswer => {
    try {
      return at(target).decodeAnswer(answer)
    } catch (error) {
      throw answerError(error, target)
    }
  }
  return {
    service,
    pathFor: (target) => host.pathFor(target),
    headersFor: (target) => host.headersFor(target),
    bodyFor(target) {
      reportUntranslated(request, compat)
      const body = at(target).encodeRequest(compat)
      return JSON.stringify(withEdits(body, host.editsFor(target, body)))
    },
    stageFor({ target }) {
      const translator = at(target)
      return translateStream({
        decoder: (emit) => translator.streamDecoder(tellingEvents(emit, trace)),
        encoder: client.streamEncoder(context),
        errorSaid: (error) => inStreamError(error, target),
        cutOff: () => cutOffError(trace),
        ...(service.framing === 'aws-event-stream' ? { frames: frameSense(service, target) } : {}),
      })
    },
    wholeAnswer({ target }, text) {
      const answer = tryParseJson(text)
      if (!isObject(answer)) {
        throw noJsonObject(target)
      }
      const chatAnswer = decoded(answer, target)
      trace.meter.tell(chatAnswer)
      return JSON.stringify(client.encodeAnswer(chatAnswer, context))
    },
  }
}
