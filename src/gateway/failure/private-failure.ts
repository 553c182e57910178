import { GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { ANY_FAULT, FAULT_SIGNS } from '../../providers/tunnels/faults.ts'
import { TUNNEL_SIGNS } from '../../providers/tunnels/signs.ts'
import type { Meaning, TunnelSign } from '../../providers/tunnels/tunnel-sign.ts'
import { retryAfterOf } from './retry-after.ts'

/**
 * Why a private model was not reached, told apart from what the model server itself says.
 *
 * The gateway asks `isSuspicious` of every answer of an endpoint, which reads no body and is false for good answers.
 * Where it is true, it reads the beginning of the body (`readErrorText`) and asks `privateFailure`: undefined is a model
 * server's own error, to be treated like any provider's. A fetch that threw is `privateFault`. Each gives way to the next
 * target; `privateError` is what the caller is told.
 */
export interface PrivateFailure {
  /** What it looked like: the row's name, for logs and an endpoint's status. */
  readonly sign: string
  readonly meaning: Meaning
  /** What the tunnel itself asked for, or what usually helps; left out where trying again does not. */
  readonly retryAfterSeconds?: number
}

/** What is seen of an answer. */
export interface PrivateAnswer {
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
  /** The beginning of the body; empty where there is none. */
  readonly body: string
  /** The host that was called. */
  readonly host: string
}

/** Whether an answer may be somebody else's than the model's, so that its body is worth a look. */
export function isSuspicious({ status, headers }: Omit<PrivateAnswer, 'body' | 'host'>): boolean {
  return status < 200 || status > 299 || isPage(headers)
}

/** What a suspicious answer is, `more` being known of this kind of endpoint; undefined for one of the model server itself. */
export function privateFailure(
  answer: PrivateAnswer,
  more: readonly TunnelSign[] = [],
): PrivateFailure | undefined {
  const seen = look(answer)
  const isSeen = (row: TunnelSign): boolean => matches(row, seen)
  const sign = TUNNEL_SIGNS.find(isSeen) ?? more.find(isSeen)
  if (sign === undefined) return undefined
  const { name, meaning } = sign
  const usual = meaning.retryAfterSeconds
  if (usual === undefined) return { sign: name, meaning }
  return {
    sign: name,
    meaning,
    retryAfterSeconds:
      retryAfterOf(answer.headers) ?? positive(seen.json?.['retry_after']) ?? usual,
  }
}

/** What it means that a request got no answer: `fault` is what fetch threw, or a `TimeoutError` or `SilentUpstream`. */
export function privateFault(fault: unknown): PrivateFailure {
  const said = fault instanceof Error ? `${fault.name}: ${fault.message}` : ''
  const [, meaning] = FAULT_SIGNS.find(([pattern]) => pattern.test(said)) ?? [undefined, ANY_FAULT]
  const { retryAfterSeconds } = meaning
  return {
    sign: 'fault',
    meaning,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  }
}

/** The caller's error: what is wrong with which endpoint, what to do, and when to come back. */
export function privateError(failure: PrivateFailure, endpoint: string): GatewayError {
  const { meaning, retryAfterSeconds } = failure
  return new GatewayError(
    meaning.code,
    `The endpoint ${endpoint} ${meaning.wrong}. ${meaning.remedy}`,
    retryAfterSeconds === undefined ? { retryable: false } : { retryAfterSeconds },
  )
}

interface Seen extends PrivateAnswer {
  readonly json: JsonObject | undefined
  readonly isCloudflare: boolean
  readonly cloudflareCode: number | undefined
  /** What the body is. */
  readonly kinds: ReadonlySet<NonNullable<TunnelSign['body']>>
}

function look(answer: PrivateAnswer): Seen {
  const { headers, body } = answer
  const parsed = tryParseJson(body)
  const json = isObject(parsed) ? parsed : undefined
  // A long body is cut, and is then no whole JSON.
  const looksLikeJson = json !== undefined || /\bjson\b/i.test(headers.get('content-type') ?? '')
  const isCloudflare =
    headers.get('cf-ray') !== null || /^cloudflare/i.test(headers.get('server') ?? '')
  const isEmpty = body.trim() === ''
  const kinds = new Set<NonNullable<TunnelSign['body']>>()
  if (isEmpty) kinds.add('empty')
  if (isPage(headers) || /^\s*<(?:!doctype|html)\b/i.test(body)) kinds.add('page')
  if (isEmpty || !looksLikeJson) kinds.add('not-json')
  // A model server's JSON may say anything in the words of its caller.
  const isText = isCloudflare && kinds.has('not-json')
  const cloudflareCode = json ? codeInJson(json) : isText ? codeInText(body) : undefined
  return { ...answer, json, isCloudflare, cloudflareCode, kinds }
}

function matches(row: TunnelSign, seen: Seen): boolean {
  const { statuses, host, header, cloudflare, cloudflareCodes, text, said, body } = row
  return (
    (statuses === undefined || statuses.includes(seen.status)) &&
    (host === undefined || host.test(seen.host)) &&
    (header === undefined || header[1].test(seen.headers.get(header[0]) ?? '')) &&
    (cloudflare === undefined || seen.isCloudflare) &&
    (cloudflareCodes === undefined || cloudflareCodes.includes(seen.cloudflareCode ?? 0)) &&
    (text === undefined || (seen.kinds.has('not-json') && text.test(seen.body))) &&
    (said === undefined || said.test(seen.body)) &&
    (body === undefined || seen.kinds.has(body))
  )
}

/** Cloudflare's own account of an error, in the form of RFC 9457. */
function codeInJson(json: JsonObject): number | undefined {
  return json['cloudflare_error'] === true ? positive(json['error_code']) : undefined
}

/** The same on its pages: `error code: 1033`, `Error 1033`, or in the page's markup. */
function codeInText(body: string): number | undefined {
  const found = /\berror(?: code)?:?\s+(\d{3,4})\b|cf-error-code">(\d{3,4})</i.exec(body)
  return positive(Number(found?.[1] ?? found?.[2]))
}

function positive(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? Math.ceil(value) : undefined
}

function isPage(headers: Pick<Headers, 'get'>): boolean {
  return /^text\/html\b/i.test(headers.get('content-type') ?? '')
}
