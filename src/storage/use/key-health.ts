/** How a provider key or a private endpoint fares, as an isolate last told it; null is well. Times are ISO 8601. */
export interface KeyHealth {
  /** The upstream asked to be left alone, or there were failures that speak for it. */
  readonly state: 'cooling_down' | 'open'
  readonly reason: string
  /** The model that it is about; null for all of them. */
  readonly model: string | null
  readonly since: string
  /** After this one request at a time shows whether it is over. */
  readonly until: string
}

/** What happened to a key's health. */
export type HealthNews =
  | { readonly kind: 'troubled'; readonly health: KeyHealth }
  /** What was told of it for this model is over. */
  | { readonly kind: 'recovered'; readonly model: string | null }
  /** It answered. Nothing was known against it here, which says little of what others found for other models. */
  | { readonly kind: 'answered' }

export const ANSWERED: HealthNews = { kind: 'answered' }
