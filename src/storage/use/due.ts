/** When what an isolate gathered of an organization is to be taken. */
export interface Due {
  lastTakenMs: number
  /** When somebody has promised to take. A promise can end with its request, unkept. */
  promisedForMs: number | undefined
}

/** How long after its time a promised taking counts as forgotten. */
const GRACE_MS = 5_000

export function newDue(): Due {
  return { lastTakenMs: -Infinity, promisedForMs: undefined }
}

/** The milliseconds after which the caller is to take, at once where there is no room for more; undefined where somebody else will. */
export function promiseToTake(
  due: Due,
  { intervalMs, isFull }: { readonly intervalMs: number; readonly isFull: boolean },
  nowMs: number,
): number | undefined {
  const { promisedForMs } = due
  const isPromised = promisedForMs !== undefined && nowMs < promisedForMs + GRACE_MS
  if (isPromised && !(isFull && promisedForMs > nowMs)) return undefined
  due.promisedForMs = isFull ? nowMs : Math.max(nowMs, due.lastTakenMs + intervalMs)
  return due.promisedForMs - nowMs
}

export function wasTaken(due: Due, nowMs: number): void {
  due.lastTakenMs = nowMs
  due.promisedForMs = undefined
}
