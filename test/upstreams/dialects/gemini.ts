import type { Answer, Frame, Problem, ProblemKind } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import { wordsOf, type Finish, type Piece, type Reply } from '../reply.ts'
import { signCall, signText } from './gemini-signature.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

/** How an answer is delivered: whole, as server-sent events, or as the elements of one JSON array. */
export type Delivery = 'whole' | 'sse' | 'array'

/** Gemini's answer. */
export function geminiAnswer(
  reply: Reply,
  model: string,
  { delivery, headers }: { delivery: Delivery; headers: Headers },
): Answer {
  if (delivery === 'whole') return jsonAnswer(200, wholeResponse(reply, model), headers)
  const chunks = chunksOf(reply, model)
  if (delivery === 'sse') {
    const lineEnd = '\r\n'
    const frames = chunks.map((chunk, index) =>
      sse(chunk, { lineEnd, isDelta: index < chunks.length - 1 }),
    )
    return sseAnswer(frames, (_, kind) => sse(geminiErrorBody(midway(kind)), { lineEnd }), {
      ...headers,
      'content-type': 'text/event-stream',
    })
  }
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    frames: chunks.map((chunk, index) => element(chunk, index, index === chunks.length - 1)),
    errorFrame: (sent, kind) => element(geminiErrorBody(midway(kind)), sent, true).bytes,
  }
}

const midway = (kind: ProblemKind = 'overloaded'): Problem => ({
  kind,
  message: 'The service is currently unavailable.',
})

function element(value: unknown, index: number, isLast: boolean): Frame {
  const json = `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(value)}\n${isLast ? ']' : ''}`
  return { bytes: Buffer.from(json), isDelta: index > 0 && !isLast }
}

interface Part {
  text?: string
  thought?: boolean
  thoughtSignature?: string
  functionCall?: { name: string; args?: unknown }
}

const finishReasons: Record<Finish, string> = {
  stop: 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  refusal: 'SAFETY',
  'content-filter': 'SAFETY',
  'stop-sequence': 'STOP',
  pause: 'STOP',
}

/** The parts of an answer. Only the first of parallel calls is signed; a call that was cut off is not there at all. */
function partsOf(reply: Reply, inOne: boolean): Part[] {
  let isSigned = false
  const shown = (piece: Piece) => (inOne ? [wordsOf(piece)] : piece.parts)
  const parts = reply.pieces.flatMap((piece): Part[] => {
    switch (piece.kind) {
      case 'text':
        return shown(piece).map((text) => ({ text }))
      case 'reasoning':
        return shown(piece).map((text) => ({ text, thought: true }))
      case 'refusal':
        return []
      case 'call': {
        const call = callOf(piece)
        if (!call) return []
        const signature = isSigned ? {} : { thoughtSignature: signCall(call.name, call.args) }
        isSigned = true
        return [{ functionCall: call, ...signature }]
      }
      default:
        return piece satisfies never
    }
  })
  return reply.quirks.has('signed-text')
    ? [...parts, { text: '', thoughtSignature: signText() }]
    : parts
}

function callOf(piece: Extract<Piece, { kind: 'call' }>) {
  const { name } = piece
  if (piece.parts.length === 0) return { name, args: {} }
  try {
    return { name, args: JSON.parse(wordsOf(piece)) as unknown }
  } catch {
    return undefined
  }
}

function usageMetadata({ usage }: Reply, said: number) {
  return {
    promptTokenCount: usage.input,
    cachedContentTokenCount: usage.cached,
    candidatesTokenCount: said,
    ...(usage.reasoning > 0 && { thoughtsTokenCount: usage.reasoning }),
    totalTokenCount: usage.input + said + usage.reasoning,
    trafficType: 'ON_DEMAND',
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.input }],
  }
}

const answerTo = (model: string) => ({
  modelVersion: model,
  createTime: new Date().toISOString(),
  responseId: randomText(22, alphabets.base64url),
})

const blocked = { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }

const finishOf = ({ finish, finishWord }: Reply) => finishWord ?? finishReasons[finish]

function wholeResponse(reply: Reply, model: string) {
  const parts = partsOf(reply, true)
  const content = { role: 'model', ...(parts.length > 0 && { parts }) }
  return {
    ...(reply.quirks.has('prompt-blocked')
      ? blocked
      : { candidates: [{ content, finishReason: finishOf(reply), avgLogprobs: -0.1 }] }),
    usageMetadata: usageMetadata(reply, reply.usage.output),
    ...answerTo(model),
  }
}

// The counts grow from chunk to chunk, and the finish comes alone, also behind a function call.
function chunksOf(reply: Reply, model: string): object[] {
  const parts = partsOf(reply, false)
  const common = answerTo(model)
  const share = (done: number) => Math.floor((reply.usage.output * done) / (parts.length + 1))
  if (reply.quirks.has('prompt-blocked')) {
    return [{ ...blocked, usageMetadata: usageMetadata(reply, 0), ...common }]
  }
  return [
    ...parts.map((part, index) => ({
      candidates: [{ content: { role: 'model', parts: [part] } }],
      usageMetadata: usageMetadata(reply, share(index + 1)),
      ...common,
    })),
    {
      candidates: [
        { content: { role: 'model', parts: [{ text: '' }] }, finishReason: finishOf(reply) },
      ],
      usageMetadata: usageMetadata(reply, reply.usage.output),
      ...common,
    },
  ]
}

const errors: Record<ProblemKind, [status: number, name: string]> = {
  'bad-credential': [401, 'UNAUTHENTICATED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  'bad-request': [400, 'INVALID_ARGUMENT'],
  unprocessable: [400, 'INVALID_ARGUMENT'],
  'not-found': [404, 'NOT_FOUND'],
  'wrong-method': [404, 'NOT_FOUND'],
  'media-type': [400, 'INVALID_ARGUMENT'],
  'rate-limit': [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  'server-error': [500, 'INTERNAL'],
}

/** The HTTP status of a problem at Google. */
export const geminiStatus = ({ kind, status }: Problem): number => status ?? errors[kind][0]

/** Google's error object. */
export function geminiErrorBody(problem: Problem) {
  const { kind, message, retryAfterSeconds } = problem
  const retry =
    retryAfterSeconds === undefined
      ? []
      : [
          {
            '@type': 'type.googleapis.com/google.rpc.RetryInfo',
            retryDelay: `${retryAfterSeconds}s`,
          },
        ]
  return {
    error: {
      code: geminiStatus(problem),
      message,
      status: errors[kind][1],
      ...(retry.length > 0 && { details: retry }),
    },
  }
}
