import type { Compat } from '../../core/compat.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { decodeUsage } from '../../formats/openai-chat/decode-usage.ts'
import { adaptAnswer, adaptRequest, chunkAdapter } from '../../formats/openai-chat/flavour.ts'
import type { ChatProfile } from '../../formats/openai-chat/profile.ts'
import { askForUsage } from '../../formats/openai-chat/usage-chunk.ts'
import { rewriteEvents } from '../../streams/rewrite.ts'
import { sseText } from '../../streams/sse.ts'
import { answerError, noJsonObject } from '../failure/answer-error.ts'
import { cutOffError, inStreamError } from '../failure/stream-errors.ts'
import { countsTokens, type Trace } from '../record/trace.ts'
import { withEdits } from '../target/edits.ts'
import type { Target } from '../target/target.ts'
import type { HostSide, Passage } from './passage.ts'
import type { ChatService } from './upstream-formats.ts'

export interface AdaptedCall {
  readonly service: Extract<ChatService, { readonly format: 'openai-chat' }>
  readonly model: string
  readonly body: JsonObject
  readonly host: HostSide
  readonly compat: Compat
  readonly dialect: StreamDialect
  readonly nowMs: () => number
}

/**
 * OpenAI's chat format on both sides, spoken by the provider in its own way: parameters go by its names, and what it
 * answers is put into the exact shape.
 */
export function passAdapted(
  { service, model, body, host, compat, dialect, nowMs }: AdaptedCall,
  trace: Trace,
): Passage {
  const createdSeconds = Math.floor(nowMs() / 1000)
  const profileAt = (target: Target) => service.profile(model, target.site)
  const source = { requestId: trace.requestId, body, createdSeconds }
  const tell = ({ usage, model: named }: JsonObject, profile: ChatProfile): void => {
    // Most chunks of a stream tell nothing, or the same again.
    if (isObject(usage) || trace.meter.answeredModel === undefined) {
      trace.meter.tell(toldUsage(decodeUsage(usage, profile), named))
    }
  }
  return {
    service,
    pathFor: (target) => host.pathFor(target),
    headersFor: (target) => host.headersFor(target),
    bodyFor(target) {
      const profile = profileAt(target)
      const fitted = adaptRequest(body, { model, profile, compat })
      const asking = countsTokens(trace) ? askForUsage(fitted, profile) : undefined
      const adapted = asking === undefined ? fitted : withEdits(fitted, asking)
      return JSON.stringify(withEdits(adapted, host.editsFor(target, adapted)))
    },
    stageFor({ target }) {
      const profile = profileAt(target)
      const adapter = chunkAdapter({ ...source, profile })
      const adapt = (chunk: JsonObject): JsonObject | undefined => {
        try {
          return adapter.next(chunk)
        } catch (error) {
          throw answerError(error, target)
        }
      }
      return rewriteEvents({
        rewrite({ name, data }) {
          if (data === '[DONE]') return textOf(adapter.last()) + sseText(name, data)
          // Some servers beat so while they work.
          if (data === '') return ''
          const chunk = tryParseJson(data)
          if (!isObject(chunk)) throw cutOffError(trace)
          tell(chunk, profile)
          const adapted = adapt(chunk)
          return adapted === chunk ? sseText('', data) : textOf(adapted)
        },
        isLast: (event) => dialect.isLast(event),
        errorIn(event) {
          const said = dialect.errorIn(event)
          return said && inStreamError(said, target)
        },
        failure: (error) => dialect.failure(error, trace.requestId),
        cutOff: () => cutOffError(trace),
      })
    },
    wholeAnswer({ target }, text) {
      const answer = tryParseJson(text)
      if (!isObject(answer)) {
        throw noJsonObject(target)
      }
      const profile = profileAt(target)
      tell(answer, profile)
      try {
        return JSON.stringify(adaptAnswer(answer, { ...source, profile }))
      } catch (error) {
        throw answerError(error, target)
      }
    },
  }
}

function textOf(chunk: JsonObject | undefined): string {
  return chunk === undefined ? '' : sseText('', JSON.stringify(chunk))
}
