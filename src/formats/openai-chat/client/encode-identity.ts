import type { AnswerContext } from '../../../core/translation.ts'

/** What an answer, whole or a chunk of it, says of itself before all else. */
export interface Identity<Kind extends string> {
  readonly id: string
  readonly object: Kind
  readonly created: number
  readonly model: string
}

/** The provider's own id and model, where it gave any. */
export function encodeIdentity<Kind extends string>(
  answer: { readonly id?: string; readonly model?: string },
  { model, requestId, createdSeconds }: AnswerContext,
  object: Kind,
): Identity<Kind> {
  return {
    id: answer.id || `chatcmpl-${requestId.replace(/^req_/, '')}`,
    object,
    created: createdSeconds,
    model: answer.model || model,
  }
}
