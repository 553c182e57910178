import type { BenchCase } from './cases.ts'
import {
  behindFloor,
  type Figure,
  figureOf,
  partOfPeer,
  type Target,
  timesFloor,
} from './figures.ts'
import { type MetricName, METRICS, type Sample, valuesOf } from './metrics.ts'
import { sendLoad } from './send-load.ts'
import { type Contender, type Contenders, UPSTREAMS } from './servers.ts'

/** A round before the first, half as long: code is compiled and caches are filled by then. */
const WARM_UP = -1

/** The compiler is busy with what runs for each event for some tens of thousands of events, which would take minutes at a model's pace. */
const WARM_UP_BURSTS = { concurrency: 16, count: 600 }

/** Where everything is measured, on a busy machine, a case ends after this long, when it has been measured often enough: all must fit into ten minutes. */
const LONG_MS = 8_000
const enoughRounds = (): number => (performance.now() < LATE_MS ? 3 : 1)
/** Since the start of this process. */
const LATE_MS = 270_000

/** The peer is slow: a quarter of the requests takes it as long, and is enough. */
const PEER_SHARE = 0.25

export interface Thoroughness {
  readonly rounds: number
  /** Other cases wait: a case that takes long has fewer rounds. */
  readonly isHurried: boolean
}

/** What is measured of one contender. */
interface Run {
  contender: Contender | undefined
  readonly concurrency: number
  readonly count: number
  samples: Sample[]
}

/** Measures by turns or side by side, up to so many rounds, and makes figures of it. */
export async function measureCase(
  row: BenchCase,
  contenders: Contenders,
  { rounds, isHurried }: Thoroughness,
): Promise<readonly Figure[]> {
  const { floor, keyway, peer } = contenders
  const needsAlone = row.metrics.some((name) => 'isAdded' in METRICS[name])
  const turns = [needsAlone ? contenders.alone : undefined, floor, keyway, peer]
  const runs = turns.map((contender): Run => {
    const { concurrency } = row
    const isShortened = contender === peer && row.isSideBySide !== true
    const share = isShortened ? Math.max(2 * concurrency, row.count * PEER_SHARE) : row.count
    return { contender, concurrency, count: Math.ceil(share), samples: [] }
  })
  const startMs = performance.now()
  await warmUp(row, contenders)
  for (let round = WARM_UP; round < rounds; round++) {
    const isLong = isHurried && performance.now() - startMs > LONG_MS
    if (isLong && round >= enoughRounds()) break
    const take = async (run: Run): Promise<void> => {
      const { contender, count, concurrency, samples } = run
      if (contender === undefined) return
      const size = { concurrency, count: round === WARM_UP ? Math.ceil(count / 2) : count }
      try {
        const sample = await measure(contender, size)
        if (round !== WARM_UP) samples.push(sample)
      } catch (error) {
        if (contender !== peer) throw error
        // What it cannot do is not Keyway's to answer for.
        console.error(`${row.name}: the peer failed: ${String(error).slice(0, 200)}`)
        run.contender = undefined
        run.samples = []
      }
    }
    if (row.isSideBySide === true) await Promise.all(runs.map(take))
    // One after the other, so that none disturbs another.
    else for (const run of runs) await take(run)
  }
  const samples = runs.map((run) => run.samples)
  return row.metrics.map((name) => figureOfCase(row, name, samples))
}

async function warmUp(
  { upstream }: BenchCase,
  { replay, floor, keyway, peer }: Contenders,
): Promise<void> {
  const { gapMs } = UPSTREAMS[upstream]
  if (upstream !== 'paced') return
  await replay.pace(0)
  for (const contender of [floor, keyway]) {
    // One after the other, as they are measured.
    await measure(contender, WARM_UP_BURSTS)
  }
  // What it cannot do is told when it is measured.
  if (peer !== undefined) await measure(peer, WARM_UP_BURSTS).catch(() => undefined)
  await replay.pace(gapMs)
}

async function measure(
  { server, load }: Contender,
  { count, concurrency }: Pick<BenchCase, 'count' | 'concurrency'>,
): Promise<Sample> {
  const before = server.usage()
  const { firstByteMs, totalMs, seconds } = await sendLoad(load, count, concurrency)
  const cpuSeconds = server.usage().cpuSeconds - before.cpuSeconds
  return { cpuSeconds, requests: count, seconds, firstByteMs, totalMs }
}

function figureOfCase(
  row: BenchCase,
  name: MetricName,
  [alone = [], floor = [], keyway = [], peer = []]: readonly (readonly Sample[])[],
): Figure {
  const values = (samples: readonly Sample[]) => valuesOf(name, samples, alone)
  const figure = figureOf(row.name, name, {
    alone: alone.map((sample) => METRICS[name].of(sample)),
    floor: values(floor),
    keyway: values(keyway),
    peer: values(peer),
  })
  return { ...figure, targets: targetsOf(row, figure) }
}

function targetsOf({ targets = {} }: BenchCase, figure: Figure): readonly Target[] {
  const { cpu, peer, firstByteMs } = targets
  if (figure.metric === 'first_byte_ms') {
    return firstByteMs === undefined ? [] : [behindFloor(firstByteMs, figure)]
  }
  if (figure.metric !== 'cpu') return []
  return [
    ...(cpu === undefined ? [] : [timesFloor(cpu, figure)]),
    ...(peer === undefined || figure.peer === undefined ? [] : [partOfPeer(peer, figure)]),
  ]
}
