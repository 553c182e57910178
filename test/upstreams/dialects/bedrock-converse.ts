import type { Answer, Frame } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { argumentsOf, wordsOf, type Finish, type Piece, type Reply, type Usage } from '../reply.ts'
import { eventFrame, eventStreamAnswer } from './aws-event-stream.ts'
import { redactThinking, signThinking, type Prefix } from './claude-thinking.ts'
import { jsonAnswer, type Headers } from './sse.ts'

/** What an answer of Converse depends on besides the reply. */
export interface ConverseAsk {
  stream: boolean
  /** What thinking is bound to; undefined for models that do not sign theirs. */
  prefix: Prefix | undefined
  headers: Headers
}

/** The answer of Converse, streamed or whole. */
export function converseAnswer(reply: Reply, ask: ConverseAsk): Answer {
  return ask.stream
    ? eventStreamAnswer(converseFrames(reply, ask), ask.headers)
    : jsonAnswer(200, converseBody(reply, ask), ask.headers)
}

function usageOf({ input, cached, written, output, reasoning }: Usage) {
  return {
    inputTokens: input - cached - written,
    outputTokens: output + reasoning,
    totalTokens: input + output + reasoning,
    cacheReadInputTokens: cached,
    cacheWriteInputTokens: written,
    serverToolUsage: {},
  }
}

const stopReasons: Record<Finish, string> = {
  stop: 'end_turn',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  refusal: 'content_filtered',
  'content-filter': 'guardrail_intervened',
  'stop-sequence': 'stop_sequence',
  pause: 'end_turn',
}

const stopReasonOf = ({ finish, finishWord }: Reply) => finishWord ?? stopReasons[finish]

const newToolUseId = () => `tooluse_${randomText(22, alphabets.base64url)}`

function converseBody(reply: Reply, { prefix }: ConverseAsk) {
  return {
    metrics: { latencyMs: 42 },
    output: {
      message: {
        content: reply.pieces.flatMap((piece) => blockOf(piece, prefix)),
        role: 'assistant',
      },
    },
    stopReason: stopReasonOf(reply),
    usage: usageOf(reply.usage),
  }
}

function blockOf(piece: Piece, prefix: Prefix | undefined): object[] {
  const text = wordsOf(piece)
  switch (piece.kind) {
    case 'text':
      return [{ text }]
    case 'refusal':
      return []
    case 'reasoning': {
      if (piece.isRedacted) return [{ reasoningContent: { redactedContent: redactThinking(text) } }]
      const signature = prefix === undefined ? {} : { signature: signThinking(text, prefix) }
      return [{ reasoningContent: { reasoningText: { text, ...signature } } }]
    }
    case 'call': {
      const { id = newToolUseId(), name } = piece
      return [{ toolUse: { toolUseId: id, name, input: argumentsOf(piece) } }]
    }
    default:
      return piece satisfies never
  }
}

function converseFrames(reply: Reply, { prefix }: ConverseAsk): Frame[] {
  const end = [
    padded('messageStop', { stopReason: stopReasonOf(reply) }),
    padded('metadata', { metrics: { latencyMs: 42 }, usage: usageOf(reply.usage) }),
  ]
  const spoken = reply.pieces.filter(({ kind }) => kind !== 'refusal')
  return [
    padded('messageStart', { role: 'assistant' }),
    ...spoken.flatMap((piece, index) => pieceFrames(piece, index, prefix)),
    ...(reply.quirks.has('metadata-first') ? end.toReversed() : end),
  ]
}

function pieceFrames(piece: Piece, contentBlockIndex: number, prefix: Prefix | undefined): Frame[] {
  // Only a tool's block has a start; text simply begins.
  const start =
    piece.kind === 'call'
      ? [
          padded('contentBlockStart', {
            contentBlockIndex,
            start: { toolUse: { name: piece.name, toolUseId: piece.id ?? newToolUseId() } },
          }),
        ]
      : []
  return [
    ...start,
    ...deltasOf(piece, prefix).map((delta) =>
      padded('contentBlockDelta', { contentBlockIndex, delta }, true),
    ),
    padded('contentBlockStop', { contentBlockIndex }),
  ]
}

function deltasOf(piece: Piece, prefix: Prefix | undefined): object[] {
  if (piece.kind === 'call') return piece.parts.map((input) => ({ toolUse: { input } }))
  if (piece.kind !== 'reasoning') return piece.parts.map((text) => ({ text }))
  const text = wordsOf(piece)
  if (piece.isRedacted) return [{ reasoningContent: { redactedContent: redactThinking(text) } }]
  const signature =
    prefix === undefined ? [] : [{ reasoningContent: { signature: signThinking(text, prefix) } }]
  return [...piece.parts.map((part) => ({ reasoningContent: { text: part } })), ...signature]
}

// The service pads its events with a meaningless member of random length.
function padded(type: string, payload: object, isDelta = false): Frame {
  const p = alphabets.lower.slice(0, 1 + Math.floor(Math.random() * 30))
  return eventFrame(type, { ...payload, p }, isDelta)
}
