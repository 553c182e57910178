import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { BUNDLE, MOST_KIB } from '../run-worker.ts'
import { type Figure, figureOf, timesFloor } from './figures.ts'
import { serveWorkerd } from './serve-workerd.ts'
import { serveFloor } from './servers.ts'
import { startReplay } from './start-replay.ts'

/** From the start of a process to its first answer: nearly all of the difference is the module, parsed and run. */
export async function measureStart(rounds: number): Promise<readonly Figure[]> {
  await using upstream = await startReplay({ deltas: 1, gapMs: 0 })
  const script = readFileSync(BUNDLE, 'utf8')
  const vars = {
    ADMIN_TOKEN: 'x',
    MASTER_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
    PROVIDER_BASE_URLS: '{}',
  }
  const milliseconds = { floor: [] as number[], keyway: [] as number[] }
  const cpu = { floor: [] as number[], keyway: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    await using floor = await serveFloor('proxy', upstream.url)
    await using keyway = await serveWorkerd({ script, withStorage: true, vars })
    for (const [name, { start }] of [
      ['floor', floor],
      ['keyway', keyway],
    ] as const) {
      milliseconds[name].push(start.milliseconds)
      cpu[name].push(start.usage.cpuSeconds * 1000)
    }
  }
  return [figureOf('start', 'start_ms', milliseconds), figureOf('start', 'start_cpu_ms', cpu)]
}

const KIBIBYTE = 1024

/** The bundle beside what it may be. */
export function measureBundle(): readonly Figure[] {
  const bundle = readFileSync(BUNDLE)
  return (
    [
      ['kib', bundle.length, MOST_KIB.raw],
      ['gzip_kib', gzipSync(bundle).length, MOST_KIB.gzip],
    ] as const
  ).map(([metric, bytes, limit]) => {
    const figure = figureOf('bundle', metric, { floor: [limit], keyway: [bytes / KIBIBYTE] })
    return { ...figure, targets: [timesFloor(1, figure)] }
  })
}
