import type { GatewayError } from '../../core/errors.ts'
import { isObject } from '../../core/parse.ts'
import { waitMsIn } from '../../core/wait-time.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'

/** https://cloud.google.com/apis/design/errors; `status` is a name of google.rpc.Code. */
export interface GoogleErrorBody {
  readonly error: { readonly code: number; readonly message: string; readonly status: string }
}

const RPC_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

export function encodeError(error: GatewayError): GoogleErrorBody {
  const status = RPC_STATUS[error.status] ?? 'INTERNAL'
  return { error: { code: error.status, message: error.message, status } }
}

/** Google's error, also where it comes as a list of one. */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  const object: unknown = Array.isArray(body) ? body[0] : body
  if (!isObject(object) || !isObject(object['error'])) return undefined
  const { message, status, details } = object['error']
  if (typeof message !== 'string' || typeof status !== 'string') return undefined
  const retryAfterMs = retryDelayIn(details)
  return { message, code: status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}

/** `{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.07s"}` among the details. */
function retryDelayIn(details: unknown): number | undefined {
  const info = (Array.isArray(details) ? details : [])
    .filter(isObject)
    .find(({ '@type': type }) => typeof type === 'string' && type.endsWith('google.rpc.RetryInfo'))
  const delay = info?.['retryDelay']
  // A duration has no need of a clock.
  return typeof delay === 'string' && delay.endsWith('s') ? waitMsIn(delay, 0) : undefined
}
