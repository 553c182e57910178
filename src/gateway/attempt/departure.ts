/**
 * What a fetch is given its signal by: aborts when the caller leaves, and whenever else it is told to. The request's own
 * signal, handed to fetch as it is, aborts nothing while other work keeps the request's context alive (workerd
 * 1.20261102): it is passed on by hand.
 */
export function abortedBy(departure: AbortSignal): AbortController {
  const controller = new AbortController()
  if (departure.aborted) controller.abort()
  departure.addEventListener('abort', () => controller.abort(), { once: true })
  return controller
}
