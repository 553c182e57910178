import type { Frame, ProblemKind, StreamAnswer, WholeAnswer } from '../provider.ts'

/** How one server-sent event is written. */
export interface EventStyle {
  event?: string
  isDelta?: boolean
  /** Written before the event, as servers do that keep a connection alive. */
  comment?: string
  lineEnd?: '\n' | '\r\n'
}

/** One server-sent event; `data` is JSON unless it is a string already. */
export function sse(data: unknown, style: EventStyle = {}): Frame {
  const end = style.lineEnd ?? '\n'
  const json = typeof data === 'string' ? data : JSON.stringify(data)
  const comment = style.comment === undefined ? '' : `: ${style.comment}${end}${end}`
  const name = style.event === undefined ? '' : `event: ${style.event}${end}`
  return {
    bytes: Buffer.from(`${comment}${name}data: ${json}${end}${end}`),
    isDelta: style.isDelta ?? false,
  }
}

/** Headers of an answer, by name. */
export type Headers = Record<string, string | string[]>

/** A JSON answer. */
export function jsonAnswer(status: number, body: unknown, headers: Headers = {}): WholeAnswer {
  return {
    kind: 'whole',
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}

/** A stream of server-sent events. `error` is what an error looks like in it. */
export function sseAnswer(
  frames: Frame[],
  error: (sent: number, kind?: ProblemKind) => Frame,
  headers: Headers = {},
): StreamAnswer {
  return {
    kind: 'stream',
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      ...headers,
    },
    frames,
    errorFrame: (sent, kind) => error(sent, kind).bytes,
  }
}
