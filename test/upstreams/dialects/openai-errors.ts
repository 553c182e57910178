import type { Problem, ProblemKind, WholeAnswer } from '../provider.ts'
import { jsonAnswer, type Headers } from './sse.ts'

const kinds: Record<ProblemKind, { status: number; type: string; code: string | null }> = {
  'bad-credential': { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  forbidden: { status: 403, type: 'invalid_request_error', code: 'unsupported_country_region' },
  'bad-request': { status: 400, type: 'invalid_request_error', code: null },
  unprocessable: { status: 422, type: 'invalid_request_error', code: null },
  'not-found': { status: 404, type: 'invalid_request_error', code: null },
  'wrong-method': { status: 405, type: 'invalid_request_error', code: 'method_not_supported' },
  'media-type': { status: 415, type: 'invalid_request_error', code: 'unsupported_content_type' },
  'rate-limit': { status: 429, type: 'requests', code: 'rate_limit_exceeded' },
  overloaded: { status: 503, type: 'server_error', code: 'server_overloaded' },
  'server-error': { status: 500, type: 'server_error', code: null },
}

/** The status that a problem has at OpenAI and those who copy it. */
export function statusOf({ kind, status }: Problem): number {
  return status ?? kinds[kind].status
}

/** OpenAI's error object. */
export function openAiErrorBody({ kind, message, param, code }: Problem) {
  const own = kinds[kind]
  return {
    error: { message, type: own.type, param: param ?? null, code: code ?? own.code },
  }
}

/** An OpenAI-shaped refusal. */
export function openAiRefusal(problem: Problem, headers: Headers = {}): WholeAnswer {
  return jsonAnswer(statusOf(problem), openAiErrorBody(problem), {
    ...headers,
    ...retryAfter(problem),
  })
}

/** `retry-after`, where the problem says when to come back. */
export function retryAfter({ retryAfterSeconds }: Problem): Headers {
  return retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
}
