import type { Answer, Frame, Problem, ProblemKind, WholeAnswer } from '../provider.ts'
import { randomText } from '../random.ts'
import type { Reply, Usage } from '../reply.ts'
import { retryAfter } from './openai-errors.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

/** One event of Anthropic's stream. */
export interface AnthropicEvent {
  type: string
  [member: string]: unknown
}

/** Anthropic's token counts: what came from the cache is not in `input_tokens`. */
export function anthropicUsage({ input, cached, output, reasoning }: Usage) {
  return {
    input_tokens: input - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: output + reasoning,
    service_tier: 'standard',
  }
}

/** What a host of Claude calls its messages and models. */
export interface MessageNaming {
  model: string
  idPrefix: string
}

/** A whole message. */
export function anthropicMessage(reply: Reply, { model, idPrefix }: MessageNaming) {
  const thinking = { type: 'thinking', thinking: reply.reasoning.join(''), signature: SIGNATURE }
  return {
    model,
    id: `${idPrefix}${randomText(24)}`,
    type: 'message',
    role: 'assistant',
    content: [
      ...(reply.reasoning.length > 0 ? [thinking] : []),
      reply.tool
        ? { ...toolUse(reply.tool.name), input: JSON.parse(reply.tool.json) as unknown }
        : { type: 'text', text: reply.text },
    ],
    stop_reason: reply.tool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: anthropicUsage(reply.usage),
  }
}

const SIGNATURE = 'RXJuc3QgZ2VtZWludGUgU2lnbmF0dXI='

/** The same message as events, in Anthropic's order. */
export function anthropicEvents(reply: Reply, naming: MessageNaming): AnthropicEvent[] {
  const { usage, ...message } = anthropicMessage(reply, naming)
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage
  const reasoning = reply.reasoning.length > 0 ? thinkingEvents(reply.reasoning) : []
  const index = reasoning.length > 0 ? 1 : 0
  const blocks = [
    ...reasoning,
    ...(reply.tool ? toolEvents(reply.tool, index) : textEvents(reply.deltas, index)),
  ]
  return [
    {
      type: 'message_start',
      message: {
        ...message,
        content: [],
        stop_reason: null,
        usage: { ...usage, output_tokens: 1 },
      },
    },
    ...blocks.slice(0, 1),
    { type: 'ping' },
    ...blocks.slice(1),
    {
      type: 'message_delta',
      delta: { stop_reason: message.stop_reason, stop_sequence: null },
      usage: {
        input_tokens,
        cache_creation_input_tokens,
        cache_read_input_tokens,
        output_tokens: usage.output_tokens,
      },
    },
    { type: 'message_stop' },
  ]
}

const toolUse = (name: string) => ({ type: 'tool_use', id: `toolu_${randomText(24)}`, name })

function block(index: number, start: object, deltas: object[]): AnthropicEvent[] {
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

const textEvents = (deltas: readonly string[], index: number) =>
  block(
    index,
    { type: 'text', text: '' },
    deltas.map((text) => ({ type: 'text_delta', text })),
  )

const toolEvents = ({ name, parts }: NonNullable<Reply['tool']>, index: number) =>
  block(
    index,
    { ...toolUse(name), input: {} },
    ['', ...parts].map((json) => ({ type: 'input_json_delta', partial_json: json })),
  )

const thinkingEvents = (parts: readonly string[]) =>
  block(0, { type: 'thinking', thinking: '', signature: '' }, [
    ...parts.map((thinking) => ({ type: 'thinking_delta', thinking })),
    { type: 'signature_delta', signature: SIGNATURE },
  ])

/** The answer to a message request, streamed or whole. */
export function anthropicAnswer(
  reply: Reply,
  naming: MessageNaming,
  { stream, headers }: { stream: boolean; headers: Headers },
): Answer {
  if (!stream) return jsonAnswer(200, anthropicMessage(reply, naming), headers)
  return sseAnswer(anthropicEvents(reply, naming).map(frame), () => frame(midwayError), headers)
}

/** The event that Anthropic ends a stream with that it cannot go on with. */
export const midwayError: AnthropicEvent = {
  type: 'error',
  error: { type: 'overloaded_error', message: 'Overloaded', details: null },
}

const frame = (event: AnthropicEvent): Frame =>
  sse(event, { event: event.type, isDelta: event.type === 'content_block_delta' })

const errors: Record<ProblemKind, [status: number, type: string]> = {
  'bad-credential': [401, 'authentication_error'],
  forbidden: [403, 'permission_error'],
  'bad-request': [400, 'invalid_request_error'],
  unprocessable: [400, 'invalid_request_error'],
  'not-found': [404, 'not_found_error'],
  'wrong-method': [405, 'invalid_request_error'],
  'media-type': [400, 'invalid_request_error'],
  'rate-limit': [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
  'server-error': [500, 'api_error'],
}

/** Anthropic's error object. */
export function anthropicRefusal(
  problem: Problem,
  requestId: string,
  headers: Headers,
): WholeAnswer {
  const [status, type] = errors[problem.kind]
  return jsonAnswer(
    problem.status ?? status,
    { type: 'error', error: { type, message: problem.message }, request_id: requestId },
    { ...headers, ...retryAfter(problem) },
  )
}
