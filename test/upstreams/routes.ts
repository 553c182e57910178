import { refuse, type Answer, type Incoming } from './provider.ts'

/** One path that a provider has: `{name}` stands for one segment, still encoded. */
export type Route = readonly [
  method: string,
  pattern: string,
  handler: (parts: Readonly<Record<string, string>>) => Answer,
]

/** Answers by the first route that fits. No route: 404; only with another method: 405. */
export function byRoute(request: Incoming, routes: readonly Route[]): Answer {
  let otherMethod = false
  for (const [method, pattern, handler] of routes) {
    const parts = matchPath(pattern, request.path)
    if (!parts) continue
    if (method === request.method) return handler(parts)
    otherMethod = true
  }
  if (otherMethod) refuse('wrong-method', `Not allowed to ${request.method} on ${request.path}.`)
  return refuse('not-found', `Invalid URL (${request.method} ${request.path})`)
}

/** The parts of a path that a pattern names, or undefined when it does not fit. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const source = pattern
    .replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+?)')
  const match = new RegExp(`^${source}$`).exec(path)
  return match ? { ...match.groups } : undefined
}
