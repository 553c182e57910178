import type { ExchangeResult } from './exchange.ts'

/** What happens to a connector that its owner may want to know. No secret, header or body is ever in it. */
export type Happening =
  | { readonly event: 'connected'; readonly connection: number; readonly ms: number }
  | {
      readonly event: 'disconnected'
      readonly connection: number
      readonly reason: string
      /** What somebody could do about it. */
      readonly advice?: string
      /** Missing where it does not come back. */
      readonly retryInMs?: number
    }
  | ({ readonly event: 'request' } & FinishedRequest)
  | { readonly event: 'warning'; readonly message: string }
  | { readonly event: 'draining'; readonly running: number }
  | { readonly event: 'stopped'; readonly unfinished: number }

/** A call that is over, without anything of what was said in it. */
export interface FinishedRequest extends ExchangeResult {
  readonly connection: number
  readonly stream: number
  readonly method: string
  /** Without the query. */
  readonly path: string
}

export type Level = 'info' | 'warn' | 'error'

/** How much a happening matters. A caller who leaves is nothing to worry about. */
export function levelOf(happening: Happening): Level {
  switch (happening.event) {
    case 'connected':
    case 'draining':
      return 'info'
    case 'disconnected':
      return happening.retryInMs === undefined ? 'error' : 'warn'
    case 'request':
      return happening.outcome === 'done' || happening.outcome === 'cancelled' ? 'info' : 'warn'
    case 'warning':
      return 'warn'
    case 'stopped':
      return happening.unfinished === 0 ? 'info' : 'warn'
    default:
      return happening satisfies never
  }
}
