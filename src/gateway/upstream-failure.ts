import { type ErrorCode, GatewayError } from '../core/errors.ts'
import { tryParseJson } from '../core/parse.ts'
import type { UpstreamErrorBody } from '../core/wire-format.ts'
import { decodeError as decodeBedrockError } from '../formats/bedrock-converse/error.ts'
import { decodeError as decodeGoogleError } from '../formats/gemini/error.ts'
import { decodeError as decodeOpenAiError } from '../formats/openai-chat/error.ts'
import { type Answered, DEEDS, type Failed } from './call-upstream.ts'
import type { Dependencies } from './dependencies.ts'
import { readErrorText } from './error-text.ts'
import { retryAfterOf } from './retry-after.ts'
import { safeMessage } from './safe-message.ts'
import { isSpentAccount } from './spent-account.ts'
import type { Trace } from './trace.ts'

/** What to tell the caller when no target gave an answer, by the failure that tells most. */
export async function failureError(
  telling: Failed,
  deps: Pick<Dependencies, 'sleep'>,
  trace: Trace,
): Promise<GatewayError> {
  const { name } = telling.target.provider
  const attempts = trace.attempts.map(({ keyId, outcome }) => `${keyId} (${outcome})`).join(', ')
  if (telling.reason === 'refused') {
    return new GatewayError(
      'upstream_rejected_key',
      `Every usable provider key was refused by ${name}: ${attempts}. Check them, or add one that works.`,
    )
  }
  const retryAfterSeconds = retryAfterOf(telling.response?.headers)
  const body = await readError(telling, deps)
  const story = body === undefined ? '' : ` It said: ${body.message.replace(/[.\s]*$/, '.')}`
  return new GatewayError(
    codeOf(telling),
    `${name} ${DEEDS[telling.reason]}.${story} Attempts: ${attempts}.`,
    {
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...(body !== undefined && isSpentAccount(body) ? { retryable: false } : {}),
    },
  )
}

function codeOf({ reason, response }: Failed): ErrorCode {
  if (reason === 'rate-limited') return 'rate_limited'
  if (reason === 'unreachable') return 'upstream_unreachable'
  if (reason === 'redirected') return 'upstream_redirect'
  if (reason === 'timed-out') return 'upstream_timeout'
  const status = response?.status ?? 502
  if (status === 408 || status === 504) return 'upstream_timeout'
  if (status === 503 || status === 529) return 'upstream_overloaded'
  return 'upstream_error'
}

/** An upstream's own 4xx about the request: its status and its words. */
export async function declinedError(
  answered: Answered,
  deps: Pick<Dependencies, 'sleep'>,
): Promise<GatewayError> {
  const { status } = answered.response
  const body = await readError(answered, deps)
  const codes: Readonly<Record<number, ErrorCode>> = { 404: 'not_found', 413: 'request_too_large' }
  return new GatewayError(
    codes[status] ?? 'invalid_request',
    body?.message ?? `${answered.target.provider.name} answered ${status} without saying why.`,
    {
      status,
      ...(body?.param === undefined ? {} : { param: body.param }),
      upstream: wordsOf(body),
    },
  )
}

function wordsOf(body: UpstreamErrorBody | undefined): { type?: string; code?: string } {
  return {
    ...(body?.type === undefined ? {} : { type: body.type }),
    ...(body?.code === undefined ? {} : { code: body.code }),
  }
}

/** The error in an answer, in any provider's shape. A page of HTML is not passed on. */
export async function readError(
  { response, target }: Pick<Failed, 'response' | 'target'>,
  { sleep }: Pick<Dependencies, 'sleep'>,
): Promise<UpstreamErrorBody | undefined> {
  if (response === undefined) return undefined
  const json = tryParseJson(await readErrorText(response, sleep))
  const body = decodeGoogleError(json) ?? decodeOpenAiError(json) ?? decodeBedrockError(json)
  return body && { ...body, message: safeMessage(body.message, target.site.credential) }
}
