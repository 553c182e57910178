import type { FinishReason } from '../../core/chat.ts'

/** https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GenerateContentResponse#FinishReason */
const REASONS: Readonly<Record<string, FinishReason | 'error'>> = {
  STOP: 'stop',
  OTHER: 'stop',
  NO_IMAGE: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  JAILBREAK: 'content-filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
}

/** What a finish reason means; one of the future is an end like any other. A call makes no reason of its own. */
export function decodeFinishReason(reason: string, hasCalls: boolean): FinishReason | 'error' {
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  const meant = known ?? kindOf(reason)
  return meant === 'stop' && hasCalls ? 'tool-calls' : meant
}

function kindOf(reason: string): FinishReason | 'error' {
  if (reason.startsWith('IMAGE_')) return 'content-filter'
  return reason.startsWith('MALFORMED_') ? 'error' : 'stop'
}

/** Whether a reason is one: enums of Google's have a value that says nothing. */
export function isReason(reason: unknown): reason is string {
  return typeof reason === 'string' && reason !== '' && !reason.endsWith('_UNSPECIFIED')
}
