import { callsOf, wordsOf, type CallPiece, type Piece, type Reply } from '../reply.ts'
import type { ChatFlavour } from './openai-chat.ts'

/** What a chunk adds to the message. */
export type ChatDelta = Record<string, unknown>

/** The message in pieces: the one that opens it, those that carry it, the one that the finish stands beside. */
export interface ChatDeltas {
  first: ChatDelta
  deltas: ChatDelta[]
  last: ChatDelta
}

/** A reply as a flavour of the chat format streams it. */
export function chatDeltas(reply: Reply, flavour: ChatFlavour): ChatDeltas {
  const calls = callsOf(reply)
  const said = reply.pieces.flatMap((piece) => saidDeltas(piece, reply, flavour))
  const first = firstDelta(reply, flavour)
  const empty = flavour.usageIn === 'last-chunk' ? { content: '' } : {}
  if (calls.length > 0 && flavour.bareToolCalls) {
    const toolCalls = calls.map((call) => ({
      id: call.id ?? flavour.newToolCallId(),
      function: { name: call.name, arguments: wordsOf(call) || '{}' },
    }))
    // Mistral's whole calls and its finish come in one chunk.
    return { first, deltas: said, last: { content: null, tool_calls: toolCalls } }
  }
  return { first, deltas: [...said, ...callDeltas(calls, reply, flavour)], last: empty }
}

function firstDelta({ pieces }: Reply, flavour: ChatFlavour): ChatDelta {
  if (flavour.reasoning === 'beside' && pieces.some(({ kind }) => kind === 'reasoning')) {
    return {
      role: 'assistant',
      content: null,
      [flavour.reasoningField ?? 'reasoning_content']: '',
    }
  }
  return { role: 'assistant', content: '', ...flavour.messageExtras }
}

function saidDeltas(piece: Piece, { quirks }: Reply, flavour: ChatFlavour): ChatDelta[] {
  switch (piece.kind) {
    case 'reasoning':
      return piece.parts.flatMap((text) => thoughtDelta(text, flavour))
    case 'refusal':
      if (flavour.saysRefusal) return piece.parts.map((refusal) => ({ refusal }))
      return piece.parts.map((content) => ({ content }))
    case 'text':
      if (!quirks.has('array-content')) return piece.parts.map((content) => ({ content }))
      return piece.parts.map((text) => ({ content: [{ type: 'text', text }] }))
    case 'call':
      return []
    default:
      return piece satisfies never
  }
}

function thoughtDelta(text: string, { reasoning, reasoningField }: ChatFlavour): ChatDelta[] {
  if (reasoning === 'hidden') return []
  if (reasoning === 'beside') return [{ [reasoningField ?? 'reasoning_content']: text }]
  return [{ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }]
}

function callDeltas(
  calls: readonly CallPiece[],
  { quirks }: Reply,
  flavour: ChatFlavour,
): ChatDelta[] {
  const streams = calls.map((call, index) =>
    callParts(call, index, flavour).map((part): ChatDelta => ({ tool_calls: [part] })),
  )
  if (!quirks.has('calls-by-turns')) return streams.flat()
  const longest = Math.max(0, ...streams.map(({ length }) => length))
  return Array.from({ length: longest }, (_, turn) =>
    streams.flatMap((stream) => stream.slice(turn, turn + 1)),
  ).flat()
}

function callParts(call: CallPiece, index: number, flavour: ChatFlavour): object[] {
  const { id = flavour.newToolCallId(), name, parts } = call
  if (flavour.toolCalls === 'whole') {
    const whole = { name, arguments: wordsOf(call) || '{}' }
    return [{ index, id, type: 'function', function: whole }]
  }
  const given = parts.length > 0 ? parts : ['{}']
  return [
    { index, id, type: 'function', function: { name, arguments: '' } },
    ...given.map((part) => ({ index, function: { arguments: part } })),
  ]
}
