/** How an endpoint's connectors are doing: what is told to administrators, and whether one may be back at once. */
export interface Standing {
  /** When the last connector went, null while one is online, 0 where there never was one. */
  readonly goneAtMs: number | null
  readonly lastError: TunnelError | null
  readonly lastSuccessAtMs: number | null
}

export const NO_STANDING: Standing = { goneAtMs: 0, lastError: null, lastSuccessAtMs: null }

export interface TunnelError {
  readonly code: string
  readonly message: string
  readonly at: string
}

/** Connectors come back within seconds of a new version; one that has stayed away for longer is not waited for. */
const MAY_RETURN_MS = 30_000

/** Whether a call may wait for a connector. Where there never was one, it need not. */
export function mayReturn(standing: Standing | undefined, nowMs: number): boolean {
  const { goneAtMs } = standing ?? NO_STANDING
  return goneAtMs === null || nowMs - goneAtMs < MAY_RETURN_MS
}

const KEY = 'standing'
/** What happens with every call is written down this often at most. */
const EVERY_MS = 60_000

/** The standing as it is kept. Writing it never holds an answer back: what is lost in a crash is not missed. */
export interface StandingKeeper {
  readonly now: Standing | undefined
  change(changes: Partial<Standing>): void
}

export async function loadStanding(
  storage: DurableObjectStorage,
  nowMs: () => number,
  isAnyOnline: boolean,
): Promise<StandingKeeper> {
  let standing = await storage.get<Standing>(KEY)
  // The object's last life ended with its connectors: they went just now, as far as anybody can tell.
  if (standing?.goneAtMs === null && !isAnyOnline) standing = { ...standing, goneAtMs: nowMs() }
  let routineAtMs = -EVERY_MS
  return {
    get now() {
      return standing
    },
    change(changes) {
      standing = { ...NO_STANDING, ...standing, ...changes }
      if (!('goneAtMs' in changes)) {
        if (nowMs() - routineAtMs < EVERY_MS) return
        routineAtMs = nowMs()
      }
      void storage.put(KEY, standing, { allowUnconfirmed: true }).catch(() => undefined)
    },
  }
}
