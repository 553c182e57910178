import type { Candidates } from '../call/find-candidates.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Trace } from '../record/trace.ts'
import { givenWay } from './given-way.ts'
import { type Serve, tryCandidate } from './try-candidate.ts'

/**
 * The answer of the first candidate that gives one. Whatever keeps a request from being sent to a candidate gives way to
 * the next, as do the failures of its upstream that `serve` returns; what `serve` throws after something was sent is
 * for the caller. Throws what tells most where none is left.
 */
export async function firstAnswer(
  { candidates, signal }: Candidates,
  serve: Serve,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const before = givenWay(deps, trace)
  try {
    for (const candidate of candidates) {
      const warningsBefore = trace.warnings.length
      const outcome = await tryCandidate(candidate, serve, { trace, signal })
      if (outcome.kind === 'answer') return outcome.response
      if (outcome.kind === 'refusal' && candidates.length === 1) throw outcome.error
      // What a candidate that did not answer could not take is no news to the caller.
      trace.warnings.splice(warningsBefore)
      before.note(outcome)
      if (signal.aborted) break
    }
    throw await before.error()
  } finally {
    before.letGo()
  }
}
