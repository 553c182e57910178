import type { Answer, Frame, Problem, ProblemKind, WholeAnswer } from '../provider.ts'
import { randomText } from '../random.ts'
import { argumentsOf, type Finish, type Piece, type Reply, type Usage, wordsOf } from '../reply.ts'
import { redactThinking, signThinking, type Prefix } from './claude-thinking.ts'
import { retryAfter } from './openai-errors.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

/** One event of Anthropic's stream. */
export interface AnthropicEvent {
  type: string
  [member: string]: unknown
}

/** Anthropic's token counts: what came from the cache or went there is not in `input_tokens`. */
export function anthropicUsage({ input, cached, written, output, reasoning }: Usage) {
  return {
    input_tokens: input - cached - written,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: cached,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: output + reasoning,
    service_tier: 'standard',
  }
}

/** What a host of Claude calls a message and its model, and what thinking is bound to. */
export interface MessageNaming {
  model: string
  id: string
  prefix?: Prefix
  /** The thinking itself is not shown, only its signature. */
  hidesThinking?: boolean
}

const stopReasons: Record<Finish, string> = {
  stop: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  refusal: 'refusal',
  'content-filter': 'refusal',
  'stop-sequence': 'stop_sequence',
  pause: 'pause_turn',
}

const newToolUseId = () => `toolu_${randomText(24)}`

/** The reply with an id for every call, so that it is the same however often it is told. */
export function withToolUseIds(reply: Reply): Reply {
  const pieces = reply.pieces.map((piece) =>
    piece.kind === 'call' ? { ...piece, id: piece.id ?? newToolUseId() } : piece,
  )
  return { ...reply, pieces }
}

/** A whole message. */
export function anthropicMessage(reply: Reply, naming: MessageNaming) {
  const { model, id } = naming
  const explanation = reply.pieces.filter(({ kind }) => kind === 'refusal').map(wordsOf)
  return {
    model,
    id,
    type: 'message',
    role: 'assistant',
    content: reply.pieces.flatMap((piece) => blockOf(piece, naming)),
    stop_reason: reply.finishWord ?? stopReasons[reply.finish],
    stop_sequence: reply.stopSequence ?? null,
    ...(explanation.length > 0 && {
      stop_details: { type: 'refusal', category: null, explanation: explanation.join('') },
    }),
    usage: anthropicUsage(reply.usage),
  }
}

type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown }

function blockOf(piece: Piece, { prefix = '', hidesThinking = false }: MessageNaming): Block[] {
  switch (piece.kind) {
    case 'text':
      return [{ type: 'text', text: wordsOf(piece) }]
    // A refusal is not said but given as the reason for stopping.
    case 'refusal':
      return []
    case 'reasoning': {
      if (piece.isRedacted)
        return [{ type: 'redacted_thinking', data: redactThinking(wordsOf(piece)) }]
      const thinking = hidesThinking ? '' : wordsOf(piece)
      return [{ type: 'thinking', thinking, signature: signThinking(thinking, prefix) }]
    }
    case 'call': {
      const { id = newToolUseId(), name } = piece
      return [{ type: 'tool_use', id, name, input: argumentsOf(piece) }]
    }
    default:
      return piece satisfies never
  }
}

/** The same message as events, in Anthropic's order. */
export function anthropicEvents(reply: Reply, naming: MessageNaming): AnthropicEvent[] {
  const { usage, stop_details: details, ...message } = anthropicMessage(reply, naming)
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage
  const spoken = reply.pieces.filter(({ kind }) => kind !== 'refusal')
  const blocks = spoken.flatMap((piece, index) => {
    const block = message.content[index]
    return block ? blockEvents(block, piece, index) : []
  })
  const early = reply.quirks.has('late-input-count')
    ? { input_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 }
    : {}
  const start = {
    type: 'message_start',
    message: {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, ...early, output_tokens: 1 },
    },
  }
  return [
    start,
    ...(reply.quirks.has('second-start') ? [start] : []),
    ...blocks.slice(0, 1),
    { type: 'ping' },
    ...blocks.slice(1),
    {
      type: 'message_delta',
      delta: {
        stop_reason: message.stop_reason,
        stop_sequence: message.stop_sequence,
        ...(details && { stop_details: details }),
      },
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

function blockEvents(block: Block, { parts }: Piece, index: number): AnthropicEvent[] {
  const [start, deltas] = inParts(block, parts)
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function inParts(block: Block, parts: readonly string[]): [start: object, deltas: object[]] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: '' }, parts.map((text) => ({ type: 'text_delta', text }))]
    case 'tool_use':
      return [
        { ...block, input: {} },
        ['', ...parts].map((json) => ({ type: 'input_json_delta', partial_json: json })),
      ]
    case 'thinking': {
      const shown = block.thinking === '' ? [] : parts
      const deltas = shown.map((thinking) => ({ type: 'thinking_delta', thinking }))
      const { signature } = block
      return [
        { type: 'thinking', thinking: '', signature: '' },
        [...deltas, { type: 'signature_delta', signature }],
      ]
    }
    case 'redacted_thinking':
      return [block, []]
    default:
      return block satisfies never
  }
}

/** The answer to a message request, streamed or whole. */
export function anthropicAnswer(
  reply: Reply,
  naming: MessageNaming,
  { stream, headers }: { stream: boolean; headers: Headers },
): Answer {
  if (!stream) return jsonAnswer(200, anthropicMessage(reply, naming), headers)
  return sseAnswer(
    anthropicEvents(reply, naming).map(frame),
    (_, kind) => frame(streamedError(kind)),
    headers,
  )
}

/** The event that Anthropic ends a stream with that it cannot go on with. */
function streamedError(kind: ProblemKind = 'overloaded'): AnthropicEvent {
  const [, type, message] = errors[kind]
  return { type: 'error', error: { type, message: message ?? type, details: null } }
}

const frame = (event: AnthropicEvent): Frame =>
  sse(event, { event: event.type, isDelta: event.type === 'content_block_delta' })

const errors: Record<ProblemKind, [status: number, type: string, message?: string]> = {
  'bad-credential': [401, 'authentication_error'],
  forbidden: [403, 'permission_error'],
  'bad-request': [400, 'invalid_request_error'],
  unprocessable: [400, 'invalid_request_error'],
  'not-found': [404, 'not_found_error'],
  'wrong-method': [405, 'invalid_request_error'],
  'media-type': [400, 'invalid_request_error'],
  'rate-limit': [429, 'rate_limit_error', 'Rate limited'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
  'server-error': [500, 'api_error', 'Internal server error'],
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
    {
      type: 'error',
      error: {
        type,
        message: problem.message,
        ...(problem.details && { details: problem.details }),
      },
      request_id: requestId,
    },
    { ...headers, ...retryAfter(problem) },
  )
}
