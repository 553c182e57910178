import { type ErrorCode, GatewayError } from '../core/errors.ts'
import { tryParseJson } from '../core/parse.ts'
import type { UpstreamErrorBody } from '../core/wire-format.ts'
import { decodeError as decodeBedrockError } from '../formats/bedrock-converse/error.ts'
import { decodeError as decodeGoogleError } from '../formats/gemini/error.ts'
import { decodeError as decodeOpenAiError } from '../formats/openai-chat/error.ts'
import type { Attempt } from './call-upstream.ts'
import type { Trace } from './trace.ts'

/** Longer messages are cut: an upstream's error can quote a whole prompt. */
const MAX_MESSAGE_CHARACTERS = 2000
const MAX_ERROR_BODY_BYTES = 256 * 1024

type Failure = Extract<Attempt, { kind: 'failure' }>

/** What to tell the caller when no target gave an answer. A refusal is the story only where every key was refused. */
export async function failureError(failure: Failure, trace: Trace): Promise<GatewayError> {
  const { name } = failure.target.provider
  const attempts = trace.attempts.map(({ keyId, outcome }) => `${keyId} (${outcome})`).join(', ')
  const telling = trace.attempts.findLast(({ reason }) => reason !== 'refused')
  if (telling === undefined) {
    return new GatewayError(
      'upstream_rejected_key',
      `Every usable provider key was refused by ${name}: ${attempts}. Check them, or add one that works.`,
    )
  }
  const said = await messageOf(failure.response)
  const message = (summary: string): string =>
    [
      `${summary}.`,
      ...(said === undefined ? [] : [`It said: ${said}`]),
      `Attempts: ${attempts}.`,
    ].join(' ')
  const retryAfterSeconds = retryAfterOf(failure.response)
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds }
  switch (telling.reason) {
    case 'unreachable':
      return new GatewayError('upstream_unreachable', message(`${name} could not be reached`))
    case 'redirected':
      return new GatewayError(
        'upstream_redirect',
        message(`${name} answered with a redirect, which is never followed`),
      )
    case 'rate-limited':
      return new GatewayError(
        'rate_limited',
        message(`${name} limits the rate of requests`),
        details,
      )
    case 'failed':
    case 'refused':
    case undefined: {
      const summary = message(`${name} failed with status ${telling.outcome}`)
      return new GatewayError(codeOfStatus(Number(telling.outcome)), summary, details)
    }
    default:
      throw new Error(telling.reason satisfies never)
  }
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 408 || status === 504) return 'upstream_timeout'
  if (status === 503 || status === 529) return 'upstream_overloaded'
  return 'upstream_error'
}

/** An upstream's own 4xx about the request: its status and its words. */
export async function declinedError(
  response: Response,
  requestedModel: string,
): Promise<GatewayError> {
  const body = await readErrorBody(response)
  const codes: Readonly<Record<number, ErrorCode>> = { 404: 'not_found', 413: 'request_too_large' }
  return new GatewayError(
    codes[response.status] ?? 'invalid_request',
    body?.message ?? `The provider answered ${response.status} for ${requestedModel}.`,
    {
      status: response.status,
      ...(body?.param === undefined ? {} : { param: body.param }),
      upstream: {
        ...(body?.type === undefined ? {} : { type: body.type }),
        ...(body?.code === undefined ? {} : { code: body.code }),
      },
    },
  )
}

/** An error that an upstream said in its stream. */
export function inStreamError({ message, type, code }: UpstreamErrorBody): GatewayError {
  return new GatewayError('upstream_error', safeMessage(message), {
    upstream: { ...(type === undefined ? {} : { type }), ...(code === undefined ? {} : { code }) },
  })
}

async function messageOf(response: Response | undefined): Promise<string | undefined> {
  if (response === undefined || response.bodyUsed) return undefined
  return (await readErrorBody(response))?.message
}

/** Reads the error in any provider's shape. A page of HTML is not passed on, and nor are keys that are quoted back. */
async function readErrorBody(response: Response): Promise<UpstreamErrorBody | undefined> {
  if (Number(response.headers.get('content-length') ?? 0) > MAX_ERROR_BODY_BYTES) return undefined
  const json = tryParseJson(await response.text().catch(() => ''))
  const body = decodeGoogleError(json) ?? decodeOpenAiError(json) ?? decodeBedrockError(json)
  return body && { ...body, message: safeMessage(body.message) }
}

/** Providers quote parts of a refused key: whatever looks like one is struck out. */
function safeMessage(message: string): string {
  return message
    .slice(0, MAX_MESSAGE_CHARACTERS)
    .replaceAll(/\b(?:sk|pk|rk|xai|kw|kwm|gsk|bedrock-api-key)[-_][A-Za-z0-9_\-*.]{6,}/g, '[key]')
    .replaceAll(/\bAKIA[A-Z0-9]{8,}\b|\bya29\.[\w.-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '[key]')
}

function retryAfterOf(response: Response | undefined): number | undefined {
  const milliseconds = Number(response?.headers.get('retry-after-ms') ?? Number.NaN)
  if (milliseconds > 0) return Math.ceil(milliseconds / 1000)
  const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN)
  return seconds > 0 ? Math.ceil(seconds) : undefined
}
