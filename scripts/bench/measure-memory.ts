import { liveHeapBytes } from '../heap.ts'
import type { LONG_STREAMS, OPEN_STREAMS } from './cases.ts'
import { type Figure, figureOf, timesFloor } from './figures.ts'
import { openStreams } from './send-load.ts'
import type { Peer } from './serve-peer.ts'
import { type Contender, keywayLoad, loadOf, peerLoad, serveFloor, serveKeyway } from './servers.ts'
import { startReplay } from './start-replay.ts'

const MEBIBYTE = 1024 * 1024
const OPEN = 1000
const EVENTS_BEFORE_SILENCE = 20

/**
 * Resident memory while a thousand streams are open and silent, of processes that did nothing else before but grow warm.
 */
export async function measureOpenStreams(
  row: (typeof OPEN_STREAMS)[number],
  rounds: number,
  servePeer: (() => Promise<Peer>) | undefined,
): Promise<readonly Figure[]> {
  await using upstream = await startReplay({
    deltas: EVENTS_BEFORE_SILENCE,
    gapMs: 0,
    isHeld: true,
  })
  const values = { floor: [] as number[], keyway: [] as number[], peer: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    await using floor = await serveFloor(row.floor, upstream.url)
    values.floor.push(await residentWith({ server: floor, load: loadOf(floor.url, row.native) }))
    await using keyway = await serveKeyway(upstream.url)
    values.keyway.push(await residentWith({ server: keyway, load: keywayLoad(keyway, row.keyway) }))
    if (servePeer === undefined || row.peer === undefined) continue
    await using peer = await servePeer()
    const load = peerLoad(peer, row.peer, upstream.url)
    values.peer.push(await residentWith({ server: peer, load }))
  }
  return [figureOf(row.name, 'resident_mib', values)]
}

async function residentWith({ server, load }: Contender): Promise<number> {
  using _ = await openStreams(load, OPEN, EVENTS_BEFORE_SILENCE)
  return server.usage().residentBytes / MEBIBYTE
}

const FEW = 100
const MANY = 100_000
const WARM_UP_EVENTS = 100_000

/** What lives in Keyway's isolate after a hundred events of a stream that is still open, and after a hundred thousand. */
export async function measureLongStreams(
  rows: typeof LONG_STREAMS,
  rounds: number,
): Promise<readonly Figure[]> {
  const few = await heapsAfter(FEW, rows, rounds)
  const many = await heapsAfter(MANY, rows, rounds)
  return rows.map(({ name }, row) => {
    const values = { floor: few[row] ?? [], keyway: many[row] ?? [] }
    const figure = figureOf(name, 'live_heap_mib', values)
    // The last events of a Responses stream repeat its whole text, which therefore must be kept.
    return name.startsWith('responses') ? figure : { ...figure, targets: [timesFloor(1.1, figure)] }
  })
}

async function heapsAfter(
  events: number,
  rows: typeof LONG_STREAMS,
  rounds: number,
): Promise<readonly (readonly number[])[]> {
  const heaps: number[][] = []
  await using upstream = await startReplay({ deltas: events, gapMs: 0, isHeld: true })
  for (const { keyway: exchange } of rows) {
    await using keyway = await serveKeyway(upstream.url, 'inspected')
    const { inspectorUrl } = keyway
    if (inspectorUrl === undefined) throw new Error('there is no inspector')
    const load = keywayLoad(keyway, exchange)
    // They fill caches and have code compiled, as much for few events as for many, which would be counted otherwise.
    ;(await openStreams(load, Math.ceil(WARM_UP_EVENTS / events), events))[Symbol.dispose]()
    const values: number[] = []
    for (let round = 0; round < rounds; round++) {
      using _ = await openStreams(load, 1, events)
      values.push((await liveHeapBytes(inspectorUrl)) / MEBIBYTE)
    }
    heaps.push(values)
  }
  return heaps
}
