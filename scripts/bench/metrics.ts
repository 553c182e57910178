import { median, quantile } from './statistics.ts'

/** One measurement of one server. */
export interface Sample {
  /** Of the serving process, all threads. */
  readonly cpuSeconds: number
  readonly requests: number
  readonly seconds: number
  readonly firstByteMs: readonly number[]
  readonly totalMs: readonly number[]
}

/** What the table holds Keyway to; none is to be exceeded. */
export interface Targets {
  /** CPU beside the floor's. */
  readonly cpu?: number
  /** CPU beside the peer's. */
  readonly peer?: number
  /** Milliseconds behind the floor. */
  readonly firstByteMs?: number
}

/** Events of the text in each streamed answer, but where a case says otherwise. */
export const DELTAS = 100

/** A figure of a sample. */
export interface Metric {
  of(sample: Sample): number
  /** Told as what comes on top of the same request sent to the upstream alone. */
  readonly isAdded?: true
}

export const METRICS = {
  /** CPU seconds for 1,000 requests. */
  cpu: { of: ({ cpuSeconds, requests }) => (cpuSeconds / requests) * 1000 },
  /** CPU seconds for 1,000 events of streamed text. */
  cpu_events: { of: ({ cpuSeconds, requests }) => (cpuSeconds / requests / DELTAS) * 1000 },
  requests_per_second: { of: ({ requests, seconds }) => requests / seconds },
  added_p50_ms: { of: ({ totalMs }) => median(totalMs), isAdded: true },
  added_p99_ms: { of: ({ totalMs }) => quantile(totalMs, 0.99), isAdded: true },
  first_byte_ms: { of: ({ firstByteMs }) => median(firstByteMs) },
} satisfies Readonly<Record<string, Metric>>

export type MetricName = keyof typeof METRICS

/** What cannot be told from nothing is taken for this much, so that no ratio is beyond reason. */
const LEAST_MS = 0.01

/** The figure of each round; `alone` are the same rounds of the upstream alone. */
export function valuesOf(
  name: MetricName,
  samples: readonly Sample[],
  alone: readonly Sample[],
): readonly number[] {
  const metric: Metric = METRICS[name]
  if (metric.isAdded !== true) return samples.map((sample) => metric.of(sample))
  return samples.map((sample, round) => {
    const without = alone[round]
    const added = metric.of(sample) - (without === undefined ? 0 : metric.of(without))
    return Math.max(LEAST_MS, added)
  })
}
