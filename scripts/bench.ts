import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { type BenchCase, CASES } from './bench/cases.ts'
import { benchKeyway, type BenchKeyway, GOOGLE_PROJECT } from './bench/bench-keyway.ts'
import { sendLoad, type LoadRequest } from './bench/send-load.ts'
import { type ServedWorker, serveWorkerd } from './bench/serve-workerd.ts'
import { startReplay } from './bench/start-replay.ts'
import { median, quantile } from './bench/statistics.ts'
import { BUNDLE } from './run-worker.ts'

/**
 * `npm run bench`: what Keyway costs beside a bare proxy in the same runtime, in one run, by turns. Ratios are what counts:
 * docs/performance.md says how to read them. `--only` takes a part of the cases' names, `--rounds` how often each is
 * measured, `--json` prints the figures alone.
 */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '5' },
  },
})
const rounds = Number(values.rounds)
const DELTAS = 100

interface Figure {
  readonly case: string
  readonly metric: string
  readonly floor: number
  readonly keyway: number
  readonly ratio: number
  readonly spread: readonly [number, number]
  readonly target?: number
}

const say = (text: string): void => {
  if (!values.json) console.log(text)
}

const script = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'bench', name), 'utf8')

await using burst = await startReplay({ deltas: DELTAS, gapMs: 0, googleProject: GOOGLE_PROJECT })
await using paced = await startReplay({ deltas: DELTAS, gapMs: 5, googleProject: GOOGLE_PROJECT })
const upstreams = { burst, paced }

/** Servers are started when a case first needs them, and live until the end. */
const servers = new AsyncDisposableStack()
const started = new Map<string, Promise<ServedWorker>>()
async function server<Server extends ServedWorker>(
  name: string,
  start: () => Promise<Server>,
): Promise<Server> {
  const known = started.get(name) ?? start().then((made) => servers.use(made))
  started.set(name, known)
  return (await known) as Server
}

const floorOf = ({ floor, upstream }: BenchCase): Promise<ServedWorker> =>
  server(`${floor} ${upstream}`, () =>
    serveWorkerd({
      script: script(`${floor === 'pump' ? 'pump' : 'floor'}-worker.js`),
      vars: { UPSTREAM: upstreams[upstream].url },
    }),
  )
const keywayOf = ({ upstream, variant = 'warm' }: BenchCase): Promise<BenchKeyway> =>
  server(`keyway ${upstream} ${variant}`, () =>
    benchKeyway({
      upstream: upstreams[upstream].url,
      ...(variant === 'cold' ? { cacheSeconds: 0 } : {}),
      ...(variant === 'many-keys' ? { providerKeys: 500 } : {}),
    }),
  )

const figures: Figure[] = []
for (const row of CASES.filter(({ name }) => name.includes(values.only))) {
  figures.push(...(await measure(row)))
}
figures.push(...(await startTimes()))
await servers.disposeAsync()

if (values.json) console.log(JSON.stringify({ cases: figures }))
else printTable(figures)

async function measure(row: BenchCase): Promise<readonly Figure[]> {
  const floor = await floorOf(row)
  const keyway = await keywayOf(row)
  const floorLoad = loadOf(floor.url + row.native.path, row.native.body)
  const keywayLoad = loadOf(keyway.url + row.keyway.path, row.keyway.body, keyway.apiKey)
  const warmUp = Math.max(8, Math.ceil(row.count / 10))
  await sendLoad(floorLoad, warmUp, row.concurrency, endsIn(row.native.end))
  await sendLoad(keywayLoad, warmUp, row.concurrency, endsIn(row.keyway.end))
  const samples: { floor: Sample; keyway: Sample }[] = []
  for (let round = 0; round < rounds; round++) {
    samples.push({
      floor: await sample(floor, floorLoad, row, row.native.end),
      keyway: await sample(keyway, keywayLoad, row, row.keyway.end),
    })
  }
  const figure = (metric: string, of: (one: Sample) => number, target?: number): Figure => {
    const ratios = samples.map((round) => of(round.keyway) / of(round.floor))
    return {
      case: row.name,
      metric,
      floor: median(samples.map((round) => of(round.floor))),
      keyway: median(samples.map((round) => of(round.keyway))),
      ratio: median(ratios),
      spread: [Math.min(...ratios), Math.max(...ratios)],
      ...(target === undefined ? {} : { target }),
    }
  }
  const made = [
    figure('cpu', ({ cpuSeconds }) => cpuSeconds, row.target),
    figure('first_byte_ms', ({ firstByteMs }) => firstByteMs),
    figure('requests_per_second', ({ perSecond }) => perSecond),
  ]
  const [cpu] = made
  say(
    `${row.name.padEnd(36)} ${cpu?.ratio.toFixed(2)}×  (${cpu?.spread.map((one) => one.toFixed(2)).join('–')})`,
  )
  return made
}

interface Sample {
  /** Of the serving process, for 1,000 requests. */
  readonly cpuSeconds: number
  readonly firstByteMs: number
  readonly perSecond: number
}

async function sample(
  worker: ServedWorker,
  load: LoadRequest,
  row: BenchCase,
  end: string,
): Promise<Sample> {
  const before = worker.usage()
  const { firstByteMs, seconds } = await sendLoad(load, row.count, row.concurrency, endsIn(end))
  const after = worker.usage()
  return {
    cpuSeconds: ((after.cpuSeconds - before.cpuSeconds) / row.count) * 1000,
    firstByteMs: median(firstByteMs),
    perSecond: row.count / seconds,
  }
}

function endsIn(end: string): (text: string) => boolean {
  return (text) => text.includes(end)
}

function loadOf(url: string, body: object, apiKey = 'none'): LoadRequest {
  const text = JSON.stringify(body)
  return {
    url,
    body: text,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      authorization: `Bearer ${apiKey}`,
      'x-api-key': apiKey,
      'anthropic-version': '2023-06-01',
    },
  }
}

/** From the start of a process to its first answer, and how large the bundle is. */
async function startTimes(): Promise<readonly Figure[]> {
  if (!'start bundle'.includes(values.only)) return []
  const times = { floor: [] as number[], keyway: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    await using floor = await serveWorkerd({
      script: script('floor-worker.js'),
      vars: { UPSTREAM: burst.url },
    })
    times.floor.push(floor.startMs)
    await using keyway = await serveWorkerd({
      script: readFileSync(BUNDLE, 'utf8'),
      withStorage: true,
      vars: {
        ADMIN_TOKEN: 'x',
        MASTER_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
        PROVIDER_BASE_URLS: '{}',
      },
    })
    times.keyway.push(keyway.startMs)
  }
  const ratios = times.keyway.map((ms, round) => ms / (times.floor[round] ?? 1))
  const bundle = readFileSync(BUNDLE)
  const size = (metric: string, bytes: number, limit: number): Figure => ({
    case: 'bundle',
    metric,
    floor: limit,
    keyway: bytes,
    ratio: bytes / limit,
    spread: [bytes / limit, bytes / limit],
    target: 1,
  })
  return [
    {
      case: 'start',
      metric: 'start_ms',
      floor: median(times.floor),
      keyway: median(times.keyway),
      ratio: median(ratios),
      spread: [quantile(ratios, 0), quantile(ratios, 1)],
      target: 2,
    },
    size('bytes', bundle.length, 500 * 1024),
    size('gzip_bytes', gzipSync(bundle).length, 100 * 1024),
  ]
}

function printTable(rows: readonly Figure[]): void {
  console.log(
    '\n| case | metric | floor | Keyway | ratio | spread | target |\n|---|---|---|---|---|---|---|',
  )
  for (const { case: name, metric, floor, keyway, ratio, spread, target } of rows) {
    const numbers = [floor, keyway].map((one) =>
      one < 100 ? one.toPrecision(3) : Math.round(one).toString(),
    )
    const cells = [
      name,
      metric,
      ...numbers,
      ratio.toFixed(2),
      spread.map((one) => one.toFixed(2)).join('–'),
      target === undefined ? '' : `≤ ${target}`,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
