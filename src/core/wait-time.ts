const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
}
const NUMBER = /^\d+(?:\.\d+)?$/
const PARTS = /(\d+(?:\.\d+)?)(ms|[dhms])/g
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/
/** RFC 3339, and the dates of HTTP. */
const DATE = /^(?:\d{4}-\d\d-\d\dT|[A-Z][a-z]{2}, \d\d )/

/**
 * Milliseconds from now, as servers write them: seconds (`7`, `1.5`), a duration (`6m0s`, `20ms`, `34.07s`) or a date. Undefined
 * for what is none of these, or no time at all.
 */
export function waitMsIn(text: string, nowMs: number): number | undefined {
  const said = text.trim()
  if (NUMBER.test(said)) return positive(Number(said) * 1000)
  if (DURATION.test(said)) {
    const parts = said.matchAll(PARTS)
    const ms = Array.from(parts, ([, count, unit = '']) => Number(count) * (UNIT_MS[unit] ?? 0))
    return positive(ms.reduce((sum, part) => sum + part, 0))
  }
  return DATE.test(said) ? positive(Date.parse(said) - nowMs) : undefined
}

function positive(ms: number): number | undefined {
  return ms > 0 && Number.isFinite(ms) ? ms : undefined
}
