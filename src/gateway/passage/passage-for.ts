import { inBase64 } from '../../formats/openai-embeddings/in-base64.ts'
import { groupOf } from '../../providers/provider.ts'
import { PRIVATE_ENDPOINTS } from '../../providers/registry.ts'
import { clientFormat } from '../caller/client-formats.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { choosePassage, type Crossing } from './choose-passage.ts'
import { passAssembled, requestToAssemble } from './pass-assembled.ts'
import { passSynthesised } from './pass-synthesised.ts'
import type { Passage } from './passage.ts'

/**
 * How a call crosses to a service, and how its answer comes where the caller and the upstream do not agree on that: as a
 * stream of a service that gives whole answers only, whole from a private model that is asked for a stream, and with vectors in
 * base64 from one that may know numbers only.
 */
export function passageFor(
  crossing: Crossing,
  deps: Pick<Dependencies, 'nowMs'>,
  trace: Trace,
): Passage {
  const passage = choosePassage(crossing, deps, trace)
  const { opened, service, format } = crossing
  const { wantsStream, body } = opened.call
  if (service.streams === false) return wantsStream ? passSynthesised(passage) : passage
  const { provider, model } = opened.named
  const isPrivate = groupOf(provider) === PRIVATE_ENDPOINTS
  if (isPrivate && service.format === 'openai-embeddings' && body['encoding_format'] === 'base64') {
    return { ...passage, edited: inBase64 }
  }
  if (wantsStream || !isPrivate || service.format !== 'openai-chat') return passage
  const client = clientFormat(format)
  const request = client && requestToAssemble(client, body)
  if (client === undefined || request === undefined) return passage
  const { nowMs } = deps
  const isSameFormat = service.format === format
  return passAssembled(
    { inner: passage, client, isSameFormat, service, model, request, nowMs },
    trace,
  )
}
