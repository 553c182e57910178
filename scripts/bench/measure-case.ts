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
import type { Contender, Contenders } from './servers.ts'

/** A part of a measurement, before any: code is compiled and caches are filled by then. */
const WARM_UP = 0.5

/** Measures by turns, so many rounds, and makes figures of it. */
export async function measureCase(
  row: BenchCase,
  contenders: Contenders,
  rounds: number,
): Promise<readonly Figure[]> {
  const { floor, keyway, peer } = contenders
  const needsAlone = row.metrics.some((name) => 'isAdded' in METRICS[name])
  const turns = [needsAlone ? contenders.alone : undefined, floor, keyway, peer]
  const warmUp = Math.ceil(row.count * WARM_UP)
  for (const one of turns) if (one) await sendLoad(one.load, warmUp, row.concurrency)
  const samples: Sample[][] = turns.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [turn, one] of turns.entries()) {
      if (one) samples[turn]?.push(await measure(one, row))
    }
  }
  return row.metrics.map((name) => figureOfCase(row, name, samples))
}

async function measure(
  { server, load }: Contender,
  { count, concurrency }: BenchCase,
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
