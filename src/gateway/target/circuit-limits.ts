import type { BoardLimits } from '../../core/circuit-board.ts'

/** When a target counts as failing, and how much of that an isolate remembers. docs/health.md tells operators of it. */
export const CIRCUIT_LIMITS: BoardLimits = {
  failuresInRow: 3,
  failureRate: 0.5,
  windowMs: 60_000,
  minCalls: 10,
  // Some limits are filled again tomorrow; a try now and then finds out whether somebody raised them.
  maxAskedMs: 600_000,
  probeMs: 60_000,
  // Some hundred bytes each.
  maxCircuits: 10_000,
}
