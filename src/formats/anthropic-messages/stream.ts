import { isObject, tryParseJson } from '../../core/parse.ts'
import { toldUsage } from '../../core/told-usage.ts'
import type { StreamDialect } from '../../core/wire-format.ts'
import { type ClaudeCounts, mergeCounts, readCounts, usageOf } from './decode-usage.ts'
import { decodeError, encodeError } from './error.ts'

/** The provider is alive and has nothing to say. */
export const PING = 'event: ping\ndata: {"type":"ping"}\n\n'

/** https://platform.claude.com/docs/en/build-with-claude/streaming */
export const anthropicStream: StreamDialect = {
  marks: ['message_stop', 'error'],
  isLast: ({ name }) => name === 'message_stop' || name === 'error',
  errorIn: ({ name, data }) => (name === 'error' ? decodeError(tryParseJson(data)) : undefined),
  signOfLife: PING,
  usageMarks: ['message_start', 'message_delta'],
  usageReader() {
    let counts: ClaudeCounts = readCounts(undefined)
    return ({ name, data }) => {
      if (name !== 'message_start' && name !== 'message_delta') return undefined
      const event = tryParseJson(data)
      if (!isObject(event)) return undefined
      const message = isObject(event['message']) ? event['message'] : event
      counts = mergeCounts(counts, readCounts(message['usage']))
      return toldUsage(usageOf(counts), message['model'])
    }
  },
  usageOfAnswer: (member) => toldUsage(usageOf(readCounts(member('usage'))), member('model')),
  failure: (error, requestId) =>
    `event: error\ndata: ${JSON.stringify(encodeError(error, requestId))}\n\n`,
}
