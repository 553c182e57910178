import type { ServerResponse } from 'node:http'
import { pause, untilLeft, writeFrames, type Outlet } from './chunked-writer.ts'
import type { Fault, MidwayFault } from './faults.ts'
import type { Answer, Frame, StreamAnswer, WholeAnswer } from './provider.ts'

/** How an exchange ended. */
export type Outcome = 'answered' | 'client-left' | 'fault'

/** What changes the way an answer is sent. */
export interface Delivery {
  fault: Fault | undefined
  gapMs: number
}

/** Sends an answer, with the fault that cuts it short if there is one. */
export async function sendAnswer(
  outlet: Outlet,
  answer: Answer,
  delivery: Delivery,
): Promise<Outcome> {
  return answer.kind === 'whole'
    ? sendWhole(outlet, answer, delivery)
    : sendStream(outlet, answer, delivery)
}

async function sendStream(
  outlet: Outlet,
  answer: StreamAnswer,
  { fault, gapMs }: Delivery,
): Promise<Outcome> {
  if (outlet.left.aborted) return 'client-left'
  outlet.response.writeHead(answer.status, answer.headers)
  // The headers of a stream are out before its first event.
  outlet.response.flushHeaders()
  const cut = midwayOf(fault)
  const frames = cut ? cutFrames(answer, cut) : answer.frames
  if (fault?.kind === 'slow') {
    const apart = frames.map(({ bytes }) => ({ bytes, isDelta: true }))
    await writeFrames(outlet, apart, fault.gapMs)
  } else {
    await writeFrames(outlet, frames, gapMs)
  }
  return endBy(outlet, cut)
}

function cutFrames({ frames, errorFrame }: StreamAnswer, cut: MidwayFault): Frame[] {
  const kept = frames.slice(0, cut.afterEvents)
  const next = frames[cut.afterEvents]?.bytes
  if (cut.kind === 'error-event') {
    return [...kept, { bytes: errorFrame(kept.length, cut.as), isDelta: false }]
  }
  if (cut.kind !== 'die-midway' || !next || !cut.extraBytes) return kept
  // One byte less than the event, so that it is never whole.
  const extra = next.subarray(0, Math.min(cut.extraBytes, next.length - 1))
  return [...kept, { bytes: extra, isDelta: false }]
}

/** A whole answer has no events: a midway fault cuts its body in half. */
async function sendWhole(
  outlet: Outlet,
  { status, headers, body }: WholeAnswer,
  { fault }: Delivery,
): Promise<Outcome> {
  const { response, left } = outlet
  const bytes = Buffer.from(body)
  const withLength = { ...headers, 'content-length': String(bytes.length) }
  const cut = midwayOf(fault)
  if (fault?.kind === 'slow') await pause(fault.gapMs, left)
  if (left.aborted) return 'client-left'
  if (fault?.kind === 'other-answer' && fault.ends !== undefined && fault.ends !== 'by-length') {
    response.writeHead(status, headers).flushHeaders()
    await writeFrames(outlet, [{ bytes, isDelta: false }], 0)
    if (fault.ends === 'by-chunks') return finish(outlet, 'fault')
    await untilLeft(left)
    return 'client-left'
  }
  if (!cut || cut.kind === 'error-event') {
    response.writeHead(status, withLength).end(bytes)
    return endBy(outlet, cut)
  }
  response.writeHead(status, cut.kind === 'end-midway' ? headers : withLength)
  await writeFrames(outlet, [{ bytes: bytes.subarray(0, bytes.length / 2), isDelta: false }], 0)
  return endBy(outlet, cut)
}

function midwayOf(fault: Fault | undefined): MidwayFault | undefined {
  return fault && 'afterEvents' in fault ? fault : undefined
}

async function endBy(outlet: Outlet, cut: MidwayFault | undefined): Promise<Outcome> {
  switch (cut?.kind) {
    case 'stall-midway':
      await untilLeft(outlet.left)
      return 'client-left'
    case 'die-midway':
      return die(outlet)
    case 'end-midway':
    case 'error-event':
      return finish(outlet, 'fault')
    case undefined:
      return finish(outlet, 'answered')
    default:
      return cut satisfies never
  }
}

async function die({ response, left }: Outlet): Promise<Outcome> {
  if (left.aborted) return 'client-left'
  await flushed(response)
  response.socket?.destroy()
  return 'fault'
}

async function finish({ response, left }: Outlet, outcome: Outcome): Promise<Outcome> {
  if (left.aborted) return 'client-left'
  if (!response.writableEnded) response.end()
  if (!response.writableFinished) {
    await new Promise<void>((resolve) => {
      response.once('finish', resolve)
      left.addEventListener('abort', () => resolve(), { once: true })
    })
  }
  return response.writableFinished ? outcome : 'client-left'
}

/** Resolves when what was written has reached the socket. */
async function flushed({ socket }: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    if (socket && !socket.destroyed) socket.write('', () => resolve())
    else resolve()
  })
}
