import { stableHash } from '../../../core/stable-hash.ts'
import { packToolCallId, type ToolCallIdentity } from '../../../core/tool-call-id.ts'
import type { AnswerContext } from '../../../core/translation.ts'

/** The answer's id: the provider's, where it is one of this format's, else one made of the request's. */
export function messageId(id: string | undefined, requestId: string): string {
  return id?.startsWith('msg_') === true ? id : `msg_${requestId.replace(/^req_/, '')}`
}

/** A call's id for the caller; the `ordinal`th call of an answer gets one of its own where its provider gave none. */
export function toolUseId(
  call: ToolCallIdentity,
  ordinal: number,
  { requestId }: AnswerContext,
): string {
  if (call.id !== '') return packToolCallId(call)
  return packToolCallId({ ...call, id: `toolu_${stableHash(`${requestId}.${ordinal}`, 9)}` })
}
