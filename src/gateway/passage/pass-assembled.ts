import type { ChatRequest } from '../../core/chat.ts'
import { GatewayError } from '../../core/errors.ts'
import { editMembers } from '../../core/json-members.ts'
import type { JsonObject } from '../../core/parse.ts'
import { isWithoutEffect } from '../../core/rest.ts'
import type { ClientFormat } from '../../core/translation.ts'
import { otherMembers } from '../../formats/openai-chat/other-members.ts'
import { assembleStream } from '../../streams/assemble.ts'
import { cutOffError, inStreamError } from '../failure/stream-errors.ts'
import type { Trace } from '../record/trace.ts'
import type { Passage } from './passage.ts'
import { tellingEvents } from './telling-events.ts'
import { type ChatService, upstreamTranslator } from './upstream-formats.ts'

export interface AssembledCall {
  /** How the call would cross otherwise: it still says path, headers and body. */
  readonly inner: Passage
  readonly client: ClientFormat
  /** The caller speaks the upstream's format, and so gets its own members too. */
  readonly isSameFormat: boolean
  readonly service: Extract<ChatService, { readonly format: 'openai-chat' }>
  readonly model: string
  readonly request: ChatRequest
  readonly nowMs: () => number
}

/**
 * For callers who want a whole answer of a model that may take minutes: the upstream is asked for a stream, which keeps
 * proxies and tunnels on the way from giving up, and the answer is put together here.
 *
 * `request` is what `requestToAssemble` gave for the caller's body. `prepareRequest` asks for a stream because of
 * `asksForStream`, and `answerCall` gives a stream that comes to `assembled`; a server that answers
 * with JSON all the same is served by the inner passage. What goes wrong in the stream is an HTTP error, since nothing has
 * been sent to the caller.
 */
export function passAssembled(
  { inner, client, isSameFormat, service, model, request, nowMs }: AssembledCall,
  trace: Trace,
): Passage {
  const { requestId } = trace
  const createdSeconds = Math.floor(nowMs() / 1000)
  const context = { model, request, requestId, createdSeconds }
  return {
    ...inner,
    asksForStream: true,
    bodyFor(target) {
      const profile = service.profile(model, target.site)
      const { members } = profile.forSameFormat ?? profile
      // A whole answer tells its usage unasked, and so does a stream wherever nobody said that it cannot.
      const usage =
        members.streamOptions === 'never' ? {} : { stream_options: { include_usage: true } }
      return editMembers(inner.bodyFor(target), { set: { stream: true, ...usage } })
    },
    async assembled({ target }, body) {
      const translator = upstreamTranslator(service, target.site, { model, request, requestId })
      const others = isSameFormat ? otherMembers() : undefined
      const answer = await assembleStream(body, {
        decoder(emit) {
          const decoder = translator.streamDecoder(tellingEvents(emit, trace))
          if (others === undefined) return decoder
          return {
            next(event) {
              others.hear(event.data)
              decoder.next(event)
            },
            close: () => decoder.close(),
          }
        },
        errorSaid: (error) => inStreamError(error, target),
        cutOff: () => cutOffError(trace),
      })
      const whole = client.encodeAnswer(answer, context)
      return JSON.stringify(others === undefined ? whole : others.addTo(whole))
    },
  }
}

/** What servers say in a whole answer only, or refuse beside `stream`: vLLM's and SGLang's own, and those of old. */
const WHOLE_ONLY = [
  'best_of',
  'echo',
  'kv_transfer_params',
  'prompt_logprobs',
  'return_hidden_states',
  'return_token_ids',
  'use_beam_search',
]

/**
 * What was asked, where its answer can be put together: not where it has several choices or probabilities, for which
 * there is no place in between, and not where only its own server understands the request.
 */
export function requestToAssemble(client: ClientFormat, body: JsonObject): ChatRequest | undefined {
  const { n, logprobs, modalities } = body
  const wantsAudio = Array.isArray(modalities) && modalities.includes('audio')
  if ((typeof n === 'number' && n > 1) || logprobs === true || wantsAudio) return undefined
  if (WHOLE_ONLY.some((name) => !isWithoutEffect(name, body[name]))) return undefined
  try {
    return client.decodeRequest(body)
  } catch (error) {
    if (error instanceof GatewayError) return undefined
    throw error
  }
}
