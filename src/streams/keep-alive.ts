import { Source } from './pump.ts'
import type { WatchedStage } from './reading-stage.ts'

/** An upstream's stream that has been opened, and what becomes of its bytes. */
export interface OpenedStream {
  readonly body: ReadableStream<Uint8Array>
  readonly stage: WatchedStage
}

export interface KeepAlive {
  /** How long the caller may hear nothing. */
  readonly intervalMs: number
  /** What says that all is well: a whole event, or a comment with the blank line behind it. */
  readonly sign: string
  /** The stream's text for an upstream that could not be opened, once there is no status any more to tell it by. */
  readonly failure: (error: unknown) => string
  readonly nowMs: () => number
  readonly sleep: (milliseconds: number) => Promise<void>
}

export const KEEP_ALIVE_MS = 15_000

/** Means nothing in any dialect. https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes */
export const KEEP_ALIVE_COMMENT = ': keep-alive\n\n'

/**
 * What `pump` does, for upstreams that think for minutes: whenever the caller has heard nothing for an interval, it gets a
 * sign of life. Streams that need none go through `pump`, which knows nothing of this.
 *
 * `opening` is all the work until there is a stream, not awaited by anybody; it rejects with the caller's error where
 * nothing gave a stream. Then:
 *
 * - Where the upstream begins or fails within the first interval, all is as without this: the promise rejects with the
 *   error of `opening`, or with the stage's `earlyFailure`, and the caller gets a status and the upstream's headers.
 * - After that the caller gets a 200 and a sign. What fails from then on is an error in the stream: the stage's own words,
 *   or `failure`.
 *
 * Signs go to the caller and touch nothing else: deadlines for the first byte and for silence are kept on `body`, where
 * a sign never passes. A sign is written between two outputs of the stage, each of which is whole events, so it never stands
 * inside of one; never while the caller is slow to read; and never behind the end. A caller that left is noticed at the
 * next sign at the latest, and the upstream is let go.
 */
export async function keepAlive(
  opening: Promise<OpenedStream>,
  options: KeepAlive,
): Promise<ReadableStream<Uint8Array>> {
  const { intervalMs, sleep, nowMs } = options
  const startMs = nowMs()
  const beginning = begin(opening)
  const early = await Promise.race([beginning, sleep(intervalMs)])
  if (early?.kind === 'failed') throw early.error
  if (early?.kind === 'begun' && early.stage.earlyFailure !== undefined) {
    void early.source.cancel().catch(() => undefined)
    throw early.stage.earlyFailure
  }
  const { readable, writable } = new IdentityTransformStream()
  const line: Line = {
    writer: writable.getWriter(),
    heardMs: startMs,
    isBusy: false,
    isOver: false,
  }
  const leave = (): void => {
    line.isOver = true
    beginning
      .then(async (begun) => (begun.kind === 'begun' ? await letGo(begun) : undefined))
      .catch(() => undefined)
  }
  // Only a write fails, for want of a reader.
  carry(beginning, line, options).catch(leave)
  giveSigns(line, options).catch(leave)
  return readable
}

/** The way to the caller. */
interface Line {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>
  /** When something was last written. */
  heardMs: number
  /** The caller has not taken yet what was written. */
  isBusy: boolean
  isOver: boolean
}

interface Output {
  readonly out: Uint8Array
  readonly isLast: boolean
}

interface Begun extends Output {
  readonly kind: 'begun'
  readonly source: Source
  readonly stage: WatchedStage
}

/** Nothing was opened. */
interface NotBegun {
  readonly kind: 'failed'
  readonly error: unknown
}

async function letGo({ source }: Begun): Promise<void> {
  source.stage.left?.()
  await source.cancel()
}

async function begin(opening: Promise<OpenedStream>): Promise<Begun | NotBegun> {
  try {
    const { body, stage } = await opening
    const source = new Source(body, stage, undefined)
    return { kind: 'begun', source, stage, ...(await outputOf(source)) }
  } catch (error) {
    return { kind: 'failed', error }
  }
}

/** What the stage has to send next, and whether it is the last. */
async function outputOf(source: Source): Promise<Output> {
  for (;;) {
    const piece = await source.next()
    if (typeof piece === 'string') return { out: source.stage.end(piece === 'cut'), isLast: true }
    if (piece.length > 0) return { out: piece, isLast: false }
  }
}

async function carry(
  beginning: Promise<Begun | NotBegun>,
  line: Line,
  { failure, nowMs }: KeepAlive,
): Promise<void> {
  const write = async (out: Uint8Array): Promise<void> => {
    if (out.length === 0) return
    line.isBusy = true
    await line.writer.write(out)
    line.isBusy = false
    line.heardMs = nowMs()
  }
  const begun = await beginning
  let next: Output =
    begun.kind === 'begun'
      ? begun
      : { out: new TextEncoder().encode(failure(begun.error)), isLast: true }
  while (!next.isLast && begun.kind === 'begun') {
    await write(next.out)
    next = await outputOf(begun.source)
  }
  line.isOver = true
  await write(next.out)
  await line.writer.close()
}

async function giveSigns(line: Line, { intervalMs, sign, nowMs, sleep }: KeepAlive): Promise<void> {
  const bytes = new TextEncoder().encode(sign)
  while (!line.isOver) {
    const leftMs = line.isBusy ? intervalMs : line.heardMs + intervalMs - nowMs()
    if (leftMs > 0) {
      // One sleep serves the whole stream: it looks again when it has rung.
      await sleep(leftMs)
      continue
    }
    // Never two signs for a caller who has not taken the first.
    await line.writer.write(bytes)
    line.heardMs = nowMs()
  }
}
