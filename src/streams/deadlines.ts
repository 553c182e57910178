/** How long an upstream is waited for, in milliseconds; Infinity where nothing limits it. */
export interface Patience {
  /** From when it is asked until the first byte of its answer. */
  readonly firstByteMs: number
  /** Between one byte and the next, as long as somebody waits for it. */
  readonly idleMs: number
  /** From when it is asked until the end of its answer. */
  readonly totalMs: number
}

/** The limit that was passed. */
export interface Lateness {
  /** Nothing came, or not everything did. */
  readonly kind: 'silent' | 'unfinished'
  readonly limitMs: number
}

/** A clock, and a timer that rings once unless it is stopped. */
export interface Timekeeper {
  readonly nowMs: () => number
  readonly startTimer: (milliseconds: number, ring: () => void) => StopTimer
}

export type StopTimer = () => void

export interface DeadlineListener {
  /** Told once, when a limit is passed; whoever reads is made to stop behind that. */
  readonly late: (lateness: Lateness) => void
  /** Told that the upstream broke off by itself. */
  readonly broken?: () => void
  /** Asked once, before a limit is held to: the exact limits, where `guess` was only good enough for most answers. */
  readonly exactPatience?: (() => Patience) | undefined
}

/**
 * What limits one answer, from the moment when it is asked for. Whoever takes it tells how far it has come. One timer
 * serves all of the limits and looks again when it has rung: an answer that comes in time costs one timer, and a read of
 * it one look at the clock.
 */
export interface Deadlines {
  readonly nowMs: () => number
  /** Since when somebody waits for bytes; undefined while nobody does. Written by whoever reads. */
  waitingSinceMs: number | undefined
  /** Ends a read that is under way. Set by whoever reads. */
  stopReading?: () => void
  /** Written here only. */
  isLate: boolean
  /** The first byte of a stream is there: from now on each silence counts by itself. */
  begin(): void
  /** The answer is there and is taken in one go, which must be done in what was left for its first byte, or in the limit of a silence. */
  takeWhole(): void
  /** The answer is there, and nobody here sees its bytes: only all of it together is still limited. */
  handOn(): void
  /** The answer is whole, and its connection is only still open: it has a moment to close in order, for the next request's sake. */
  linger(): void
  /** The upstream broke off. */
  breakOff(): void
  /** Nothing is waited for any more. */
  end(): void
}

type Phase = 'beginning' | 'streaming' | 'whole' | 'handed-on' | 'lingering' | 'over'

/** How long a connection may stay open behind a whole answer. */
export const LINGER_MS = 1_000

/** Counts from now on. */
export function startDeadlines(
  guess: Patience,
  { nowMs, startTimer }: Timekeeper,
  { late, broken, exactPatience }: DeadlineListener,
): Deadlines {
  const startMs = nowMs()
  let patience = guess
  let phase: Phase = 'beginning'
  let bodySinceMs = startMs
  let isRefined = exactPatience === undefined
  let stopTimer: StopTimer | undefined

  const silenceEndsMs = (atMs: number): number => {
    const { firstByteMs, idleMs } = patience
    if (phase === 'beginning') return startMs + firstByteMs
    if (phase === 'whole') return Math.max(startMs + firstByteMs, bodySinceMs + idleMs)
    if (phase === 'handed-on') return Infinity
    return (deadlines.waitingSinceMs ?? atMs) + idleMs
  }
  const leftAt = (atMs: number): number =>
    Math.min(silenceEndsMs(atMs), startMs + patience.totalMs) - atMs

  const latenessAt = (atMs: number): Lateness => {
    const { firstByteMs, idleMs, totalMs } = patience
    if (startMs + totalMs <= atMs) return { kind: 'unfinished', limitMs: totalMs }
    if (phase === 'whole') return { kind: 'unfinished', limitMs: atMs - startMs }
    return { kind: 'silent', limitMs: phase === 'streaming' ? idleMs : firstByteMs }
  }

  const giveUp = (): void => {
    phase = 'over'
    deadlines.isLate = true
    deadlines.stopReading?.()
  }
  const look = (): void => {
    const atMs = nowMs()
    let leftMs = leftAt(atMs)
    if (leftMs <= 0 && !isRefined) {
      isRefined = true
      patience = exactPatience?.() ?? patience
      leftMs = leftAt(atMs)
    }
    if (leftMs > 0) return lookIn(leftMs)
    late(latenessAt(atMs))
    giveUp()
  }
  const lookIn = (leftMs: number): void => {
    // The first byte switches to `idleMs` without a new timer, so this one must not ring later than that.
    const milliseconds = phase === 'beginning' ? Math.min(leftMs, patience.idleMs) : leftMs
    if (milliseconds < Infinity) stopTimer = startTimer(milliseconds, look)
  }
  const end = (): void => {
    phase = 'over'
    stopTimer?.()
  }
  const deadlines: Deadlines = {
    nowMs,
    waitingSinceMs: undefined,
    isLate: false,
    begin() {
      if (phase === 'beginning') phase = 'streaming'
    },
    takeWhole() {
      if (phase === 'over') return
      phase = 'whole'
      bodySinceMs = nowMs()
    },
    handOn() {
      if (phase === 'over') return
      phase = 'handed-on'
      if (patience.totalMs === Infinity) stopTimer?.()
    },
    linger() {
      if (phase === 'over' || phase === 'lingering') return
      phase = 'lingering'
      stopTimer?.()
      stopTimer = startTimer(LINGER_MS, giveUp)
    },
    breakOff() {
      if (phase !== 'over') broken?.()
      end()
    },
    end,
  }
  lookIn(Math.min(patience.firstByteMs, patience.totalMs))
  return deadlines
}
