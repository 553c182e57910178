import type { KeyHealth } from '../../storage/use/key-health.ts'

/** A key's health as it is shown: once its time is over, it is to be tried again by one request at a time. */
export function shownHealth(health: KeyHealth | null, nowMs: number) {
  if (health === null || nowMs < Date.parse(health.until)) return health
  return { ...health, state: 'half_open' as const }
}

/** A key or endpoint, its health as it is shown. */
export function withShownHealth<Shown extends { readonly health: KeyHealth | null }>(
  shown: Shown,
  nowMs: number,
) {
  return { ...shown, health: shownHealth(shown.health, nowMs) }
}
