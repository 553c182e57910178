import type { Answer, Frame, Problem, ProblemKind } from '../provider.ts'
import { alphabets, randomText } from '../random.ts'
import type { Reply } from '../reply.ts'
import { jsonAnswer, sse, sseAnswer, type Headers } from './sse.ts'

const SIGNATURE = 'RXJuc3QgZ2VtZWludGUgU2lnbmF0dXI='

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
    const error = sse(geminiErrorBody(midway), { lineEnd })
    return sseAnswer(frames, () => error, { ...headers, 'content-type': 'text/event-stream' })
  }
  return {
    kind: 'stream',
    status: 200,
    headers: { 'content-type': 'application/json; charset=UTF-8', ...headers },
    frames: chunks.map((chunk, index) => element(chunk, index, index === chunks.length - 1)),
    errorFrame: (sent) => element(geminiErrorBody(midway), sent, true).bytes,
  }
}

const midway: Problem = { kind: 'overloaded', message: 'The service is currently unavailable.' }

function element(value: unknown, index: number, isLast: boolean): Frame {
  const json = `${index === 0 ? '[' : ',\r\n'}${JSON.stringify(value)}\n${isLast ? ']' : ''}`
  return { bytes: Buffer.from(json), isDelta: index > 0 && !isLast }
}

interface Part {
  text?: string
  thought?: boolean
  thoughtSignature?: string
  functionCall?: { name: string; args: unknown }
}

function partsOf(reply: Reply): Part[] {
  const { tool, reasoning, deltas } = reply
  return [
    ...reasoning.map((text) => ({ text, thought: true })),
    ...(tool
      ? [
          {
            functionCall: { name: tool.name, args: JSON.parse(tool.json) as unknown },
            thoughtSignature: SIGNATURE,
          },
        ]
      : deltas.map((text) => ({ text }))),
  ]
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

function wholeResponse(reply: Reply, model: string) {
  const thought =
    reply.reasoning.length > 0 ? [{ text: reply.reasoning.join(''), thought: true }] : []
  const [call] = partsOf({ ...reply, reasoning: [] })
  const said = reply.tool && call ? call : { text: reply.text }
  return {
    candidates: [
      {
        content: { role: 'model', parts: [...thought, said] },
        finishReason: 'STOP',
        avgLogprobs: -0.1,
      },
    ],
    usageMetadata: usageMetadata(reply, reply.usage.output),
    ...answerTo(model),
  }
}

// The counts grow from chunk to chunk, and the finish comes alone, also behind a function call.
function chunksOf(reply: Reply, model: string): object[] {
  const parts = partsOf(reply)
  const common = answerTo(model)
  const share = (done: number) => Math.floor((reply.usage.output * done) / (parts.length + 1))
  return [
    ...parts.map((part, index) => ({
      candidates: [{ content: { role: 'model', parts: [part] } }],
      usageMetadata: usageMetadata(reply, share(index + 1)),
      ...common,
    })),
    {
      candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }],
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
