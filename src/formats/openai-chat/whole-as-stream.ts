import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { senseless } from './upstream/decode-failure.ts'
import { finishReason } from './upstream/decode-finish.ts'

/**
 * A whole answer as the stream that its host would have sent, had it known how to: first who speaks, with members that
 * only this host has (such as Edge RAG's `context` with its citations), then the words, the reason for the end, the usage
 * where it is known, and `[DONE]`. An error stays one. Throws `upstream_error` for what is no answer.
 */
export function streamOfWhole(text: string): string {
  const body = tryParseJson(text)
  if (!isObject(body)) throw senseless('no JSON object')
  const { choices, usage, ...head } = body
  if (!Array.isArray(choices)) return sse(body)
  const given: readonly unknown[] = choices
  const chunks: JsonObject[] = given.flatMap((choice, at) =>
    isObject(choice) ? chunksOf(choice, at) : [],
  )
  const told = isObject(usage) ? sse({ ...head, ...OBJECT, choices: [], usage }) : ''
  const spoken = chunks.map((choice) => sse({ ...head, ...OBJECT, choices: [choice] })).join('')
  return `${spoken}${told}data: [DONE]\n\n`
}

const OBJECT = { object: 'chat.completion.chunk' }

function chunksOf(given: JsonObject, at: number): JsonObject[] {
  const { message, ...choice } = given
  const said = isObject(message) ? message : {}
  const { content, tool_calls, ...first } = said
  const index = typeof choice['index'] === 'number' ? choice['index'] : at
  const calls = Array.isArray(tool_calls) ? { tool_calls: tool_calls.map(numbered) } : {}
  const rest = { ...choice, index, finish_reason: null }
  return [
    { ...rest, delta: { ...first, role: 'assistant', content: '' } },
    {
      index,
      finish_reason: null,
      delta: { ...(content === undefined ? {} : { content }), ...calls },
    },
    { index, finish_reason: finishReason(given) ?? 'stop', delta: {} },
  ]
}

function numbered(call: unknown, index: number): unknown {
  return isObject(call) ? { ...call, index } : call
}

function sse(chunk: JsonObject): string {
  return `data: ${JSON.stringify(chunk)}\n\n`
}
