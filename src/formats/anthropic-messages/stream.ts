import { tryParseJson } from '../../core/parse.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { decodeError, encodeError } from './error.ts'

/** The provider is alive and has nothing to say. */
export const PING = 'event: ping\ndata: {"type":"ping"}\n\n'

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export const anthropicStream: StreamDialect = {
  marks: ['message_stop', 'error'],
  isLast: ({ name }) => name === 'message_stop' || name === 'error',
  errorIn: ({ name, data }) => (name === 'error' ? decodeError(tryParseJson(data)) : undefined),
  signOfLife: PING,
  failure: (error, requestId) =>
    `event: error\ndata: ${JSON.stringify(encodeError(error, requestId))}\n\n`,
}
