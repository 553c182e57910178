import { ROUTE } from './bench-keyway.ts'
import { chat, converse, type Exchange, gemini, native, OPENAI, universal } from './exchanges.ts'
import type { MetricName, Targets } from './metrics.ts'
import {
  nativeWay,
  PAIRS,
  pairWay,
  RESPONSES_TO_ANTHROPIC,
  SAME_FORMAT,
  TO_ANTHROPIC,
  TO_BEDROCK,
  TO_GEMINI,
  type Way,
} from './ways.ts'

/** What is measured, as data. */
export interface BenchCase extends Way {
  readonly floor: FloorName
  readonly upstream: UpstreamName
  /** Requests of one measurement, and how many at a time. */
  readonly count: number
  readonly concurrency: number
  /** All are measured at the same time and not by turns: what slows one slows the others. For loads whose pace the upstream sets. */
  readonly isSideBySide?: boolean
  /** A Keyway of its own: `cold` remembers nothing between requests, `many-keys` has 500 provider keys, `limited` an API key with limits. */
  readonly variant?: 'warm' | 'cold' | 'many-keys' | 'limited'
  /** What the floor `careless` is asked, where that is something else. */
  readonly withoutCare?: Exchange
  readonly metrics: readonly MetricName[]
  readonly targets?: Targets
}

/** `proxy`: the bare proxy. `pump`: the bare proxy that touches every chunk. `careless`: Keyway without what watches over requests. */
export type FloorName = 'proxy' | 'pump' | 'careless'

/** `paced`: events 5 ms apart. `brief`: few of them, 2 ms apart. `burst`: everything at once; also what is not streamed. */
export type UpstreamName = 'paced' | 'burst' | 'brief'

const REQUESTS = { upstream: 'burst', count: 3000, concurrency: 32 } as const
const ONE_BY_ONE = { upstream: 'burst', count: 1000, concurrency: 1 } as const
const PACED = { upstream: 'paced', count: 42, concurrency: 14, isSideBySide: true } as const
const BURSTS = { upstream: 'burst', count: 600, concurrency: 16 } as const
const BRIEF = { upstream: 'brief', count: 40, concurrency: 1 } as const

/** CPU beside the peer's: on small requests, on paced streams, and on bursts. */
const PEER = { small: 0.5, paced: 0.75, burst: 0.25 }

const requests = (way: Way, more: Partial<BenchCase> = {}): BenchCase => ({
  ...way,
  floor: 'proxy',
  metrics: ['cpu', 'requests_per_second'],
  ...REQUESTS,
  ...more,
})

const small = (way: Way, cpu?: number): BenchCase =>
  requests(way, {
    metrics: ['cpu', 'requests_per_second', 'added_p50_ms', 'added_p99_ms'],
    targets: { ...(cpu === undefined ? {} : { cpu }), peer: PEER.small },
  })

/** One at a time, where nothing waits for anything else: what is added to one caller's wait. */
const oneByOne = (way: Way): BenchCase => ({
  ...way,
  ...ONE_BY_ONE,
  name: `${way.name}-one-by-one`,
  floor: 'proxy',
  metrics: ['added_p50_ms', 'added_p99_ms'],
})

const firstByte = (way: Way, floor: FloorName): BenchCase => ({
  ...way,
  ...BRIEF,
  name: `${way.name}-first-byte`,
  floor,
  metrics: ['first_byte_ms'],
  targets: { firstByteMs: 1 },
})

/** A stream at the pace of a model, and the same when all of it arrives at once. */
const streams = (way: Way, floor: FloorName, cpu: number): readonly BenchCase[] => [
  {
    ...way,
    ...PACED,
    floor,
    metrics: ['cpu', 'cpu_events', 'first_byte_ms'],
    targets: { cpu, peer: PEER.paced },
  },
  {
    ...way,
    ...BURSTS,
    name: `${way.name}-burst`,
    floor,
    metrics: ['cpu', 'cpu_events'],
    targets: { cpu, peer: PEER.burst },
  },
]

/** What it costs to be ready for failures, and to record: deadlines, circuits, usage; then also a route and an API key's limits. */
const CARE = 1.05
const ROUTED = { model: ROUTE, stream: false }
const care = (name: string, stream: boolean): Way => ({ ...pairWay(SAME_FORMAT, stream), name })

const CARES: readonly BenchCase[] = [
  requests(care('care-nonstream', false), { floor: 'careless', targets: { cpu: CARE } }),
  requests(care('care-stream', true), {
    ...PACED,
    floor: 'careless',
    metrics: ['cpu'],
    targets: { cpu: CARE },
  }),
  requests(
    { ...care('care-route-and-limits', false), keyway: universal.chat(ROUTED) },
    {
      floor: 'careless',
      variant: 'limited',
      withoutCare: universal.chat({ ...ROUTED, model: OPENAI }),
    },
  ),
]

const SIZES = [
  ['1kb', 1024, 2000],
  ['100kb', 102_400, 500],
  ['1mb', 1_048_576, 80],
  ['10mb', 10_485_760, 12],
] as const

function sized([size, bytes, count]: (typeof SIZES)[number]): readonly BenchCase[] {
  const text = 'a'.repeat(bytes)
  const body = chat(false, text)
  const more = { metrics: ['cpu'], count, concurrency: Math.min(8, count) } as const
  const way = (name: string, keyway: Way['keyway']): Way => ({ name, keyway, native: body })
  return [
    requests(way(`native-body-${size}`, native('openai', '/openai', body)), more),
    requests(
      way(`chat-body-${size}`, universal.chat({ model: OPENAI, stream: false, text })),
      more,
    ),
  ]
}

const FOUR_KILOBYTES = converse(false, 'a'.repeat(4000))

export const CASES: readonly BenchCase[] = [
  small(nativeWay(false), 1.3),
  small(pairWay(SAME_FORMAT, false), 1.4),
  small(pairWay(TO_ANTHROPIC, false)),
  small(pairWay(TO_BEDROCK, false)),
  ...[nativeWay(false), pairWay(SAME_FORMAT, false), pairWay(TO_ANTHROPIC, false)].map(oneByOne),
  firstByte(nativeWay(true), 'proxy'),
  firstByte(pairWay(SAME_FORMAT, true), 'pump'),
  firstByte(pairWay(TO_ANTHROPIC, true), 'pump'),
  ...streams(nativeWay(true), 'proxy', 1.3),
  ...streams(pairWay(SAME_FORMAT, true), 'pump', 1.1),
  ...PAIRS.flatMap((pair) => streams(pairWay(pair, true), 'pump', 1.25)),
  requests(
    {
      name: 'sigv4-4kb',
      keyway: native('bedrock', '/bedrock/us-east-1', FOUR_KILOBYTES),
      native: FOUR_KILOBYTES,
    },
    { targets: { cpu: 2 } },
  ),
  requests({
    name: 'vertex-cached-token',
    keyway: native('google_vertex_ai', '/google/global', gemini(false)),
    native: gemini(false),
  }),
  requests(
    { ...pairWay(SAME_FORMAT, false), name: 'chat-500-provider-keys' },
    { variant: 'many-keys' },
  ),
  requests({ ...pairWay(SAME_FORMAT, false), name: 'chat-cold-cache' }, { variant: 'cold' }),
  ...CARES,
  ...SIZES.flatMap(sized),
]

/** What is opened to see what open streams take: the least that Keyway does with one, and the most. */
export const OPEN_STREAMS: readonly (Way & { readonly floor: 'proxy' | 'pump' })[] = [
  { ...nativeWay(true), name: 'native-1000-open-streams', floor: 'proxy' },
  { ...pairWay(TO_ANTHROPIC, true), name: 'chat-to-anthropic-1000-open-streams', floor: 'pump' },
]

/** Streams that must take the same memory however long they are. */
export const LONG_STREAMS: readonly Way[] = [
  SAME_FORMAT,
  TO_ANTHROPIC,
  TO_BEDROCK,
  TO_GEMINI,
  RESPONSES_TO_ANTHROPIC,
]
  .map((pair) => pairWay(pair, true))
  .map((way) => ({ ...way, name: way.name.replace(/stream$/, 'long-stream') }))
