import { ERRORS, type GatewayError } from '../../core/errors.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'

export interface OpenAiErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly code: string | null
    readonly param: string | null
  }
}

/** https://platform.openai.com/docs/guides/error-codes */
export function encodeError(error: GatewayError): OpenAiErrorBody {
  const { param, upstream } = error.details
  return {
    error: {
      message: error.message,
      type: upstream?.type ?? ERRORS[error.code].openaiType,
      code: upstream?.code === undefined ? error.code : upstream.code,
      param: param ?? null,
    },
  }
}

/**
 * The error in an answer of a provider that speaks this format, in any of the shapes they use: OpenAI's own, a string
 * (xAI), flat (Mistral), a list of faults (Mistral's 422), codes that are numbers (Z.ai).
 */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isObject(body)) return undefined
  const { error, detail } = body
  if (isObject(error)) return fromObject(error)
  if (typeof error === 'string') return fromObject({ ...body, message: error })
  if (Array.isArray(detail)) return fromFaults(detail)
  if (typeof detail === 'string') return { message: detail }
  return fromObject(body)
}

function fromObject(error: JsonObject): UpstreamErrorBody | undefined {
  const { message, type, param } = error
  const code = error['code'] ?? detailedCode(error)
  if (isObject(message) && Array.isArray(message['detail'])) return fromFaults(message['detail'])
  if (typeof message !== 'string') return undefined
  return {
    message,
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(typeof param === 'string' ? { param } : {}),
  }
}

/** Anthropic tells the code of some errors apart from them. */
function detailedCode({ details }: JsonObject): unknown {
  return isObject(details) ? details['error_code'] : undefined
}

/** FastAPI's validation errors: `[{loc: ["body", "temperature"], msg}]`. */
function fromFaults(faults: readonly unknown[]): UpstreamErrorBody | undefined {
  const known = faults.filter(isObject)
  const first = known[0]
  if (first === undefined) return undefined
  const message = known
    .map(
      (fault) =>
        `${locationOf(fault)}: ${typeof fault['msg'] === 'string' ? fault['msg'] : 'invalid'}`,
    )
    .join('; ')
  return { message, param: locationOf(first) }
}

function locationOf(fault: JsonObject): string {
  const { loc } = fault
  return Array.isArray(loc) ? loc.filter((part) => part !== 'body').join('.') : 'body'
}
