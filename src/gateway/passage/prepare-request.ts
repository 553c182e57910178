import type { PreparedRequest } from '../attempt/outcome.ts'
import type { OpenedCall } from '../call/opened-call.ts'
import type { Dependencies } from '../dependencies.ts'
import { type Target, urlAt } from '../target/target.ts'
import type { Passage } from './passage.ts'

export interface Preparation {
  readonly opened: Pick<OpenedCall, 'call'>
  readonly passage: Passage
  readonly target: Target
}

/** The request for a target, finished but for the proof of identity. */
export function prepareRequest(
  { opened: { call }, passage, target }: Preparation,
  deps: Dependencies,
): PreparedRequest {
  const headers = {
    ...passage.headersFor(target),
    'content-type': 'application/json',
    accept: acceptOf(passage, call.wantsStream, target),
    'accept-encoding': 'identity',
  }
  const url = urlAt(target, passage.pathFor(target), deps)
  return { method: 'POST', url, headers, body: passage.bodyFor(target) }
}

function acceptOf(
  { service, asksForStream }: Passage,
  wantsStream: boolean,
  { endpoint }: Target,
): string {
  if (!(asksForStream ?? wantsStream)) return 'application/json'
  // Some model servers have errors as JSON only, and refuse who does not take that.
  const isPrivate = endpoint !== undefined
  if (asksForStream === true || isPrivate) return 'text/event-stream, application/json;q=0.9'
  return service.framing === 'aws-event-stream'
    ? 'application/vnd.amazon.eventstream'
    : 'text/event-stream'
}
