import { GatewayError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'

/**
 * Refuses a conversation that the provider is to keep, so that each request has only what is new in it: only Anthropic
 * itself keeps any. Anthropic's SDK begins one by itself where it runs tools, and knows by these details that it has to send
 * the whole conversation instead. https://github.com/anthropics/anthropic-sdk-typescript/tree/main/src/lib/threads
 */
export function refuseThread(body: JsonObject): void {
  if (body['thread'] === undefined || body['thread'] === null) return
  throw new GatewayError(
    'unsupported_parameter',
    'thread is not supported: only Anthropic itself keeps conversations. Send all messages, and leave it out.',
    {
      param: 'thread',
      facts: { error_code: 'thread_unsupported_request', unsupported: ['thread'] },
    },
  )
}
