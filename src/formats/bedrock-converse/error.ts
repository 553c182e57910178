import { isObject } from '../../core/parse.ts'
import type { UpstreamErrorBody } from '../../core/wire-format.ts'

/** `{"message"}`, with the type in a header. https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html */
export function decodeError(body: unknown): UpstreamErrorBody | undefined {
  if (!isObject(body)) return undefined
  const message = body['message'] ?? body['Message']
  return typeof message === 'string' ? { message } : undefined
}
