/**
 * A signal for the caller's departure that a fetch obeys. The request's own signal, handed to fetch as it is, aborts
 * nothing while other work keeps the request's context alive (workerd 1.20261102): it is passed on by hand.
 */
export function departureOf(request: Request): AbortSignal {
  const controller = new AbortController()
  if (request.signal.aborted) controller.abort()
  request.signal.addEventListener('abort', () => controller.abort(), { once: true })
  return controller.signal
}
