import { parseArgs } from 'node:util'
import { CASES, LONG_STREAMS, OPEN_STREAMS } from './bench/cases.ts'
import { type Figure, jsonOf, tableOf } from './bench/figures.ts'
import { measureCase } from './bench/measure-case.ts'
import { measureLongStreams, measureOpenStreams } from './bench/measure-memory.ts'
import { measureBundle, measureStart } from './bench/measure-start.ts'
import { installPortkey } from './bench/serve-peer.ts'
import { newServers } from './bench/servers.ts'
import { writeReport } from './bench/write-report.ts'

/**
 * `npm run bench`: what Keyway costs beside a bare proxy in the same runtime, in one run, by turns. Ratios are what counts:
 * docs/performance.md says how to read them. Exits 0 when everything could be measured, whatever the figures are.
 *
 * --only <expression for names>    --rounds <how often each is measured>   --json for programs
 * --peer portkey                   --write <page whose table is replaced>
 */
const OPTIONS = {
  json: { type: 'boolean', default: false },
  only: { type: 'string', default: '' },
  peer: { type: 'string' },
  rounds: { type: 'string', default: '5' },
  write: { type: 'string' },
} as const

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    console.error(`ended by ${signal}`)
    process.exit(1)
  })
}

const { values } = parseArgs({ options: OPTIONS })
const rounds = Number(values.rounds)
if (!(rounds >= 1)) throw new Error('--rounds must be a number from 1 on.')
if (values.peer !== undefined && values.peer !== 'portkey') {
  throw new Error('--peer must be portkey: there is no other one.')
}
/** Memory and starts vary little, and take long. */
const fewRounds = Math.min(rounds, 2)

const startMs = performance.now()
const figures: Figure[] = []
let failures = 0

using installed = values.peer === undefined ? undefined : await installPortkey()
const servePeer = installed && (() => installed.serve())
const only = new RegExp(values.only)
const isAskedFor = ({ name }: { readonly name: string }): boolean => only.test(name)

{
  await using servers = newServers(servePeer)
  for (const row of CASES.filter(isAskedFor)) {
    const measured = async () =>
      measureCase(row, await servers.contendersOf(row), { rounds, isHurried: values.only === '' })
    await attempt(row.name, measured)
  }
}
for (const row of OPEN_STREAMS.filter(isAskedFor)) {
  await attempt(row.name, () => measureOpenStreams(row, fewRounds, servePeer))
}
const long = LONG_STREAMS.filter(isAskedFor)
if (long.length > 0) await attempt('long streams', () => measureLongStreams(long, fewRounds))
if (isAskedFor({ name: 'start' })) await attempt('start', () => measureStart(rounds))
if (isAskedFor({ name: 'bundle' })) await attempt('bundle', () => measureBundle())

const seconds = Math.round((performance.now() - startMs) / 1000)
const table = tableOf(figures)
if (values.json) console.log(jsonOf(figures))
else console.log(`\n${table}\n\nUp to ${rounds} rounds, ${seconds} s.`)
if (values.write !== undefined) {
  writeReport(values.write, { table, rounds, seconds, peer: values.peer })
}
// Connections that are kept for more requests would keep this process.
process.exit(failures === 0 ? 0 : 1)

/** One case that cannot be measured does not keep the others from it. */
async function attempt(
  name: string,
  measure: () => Promise<readonly Figure[]> | readonly Figure[],
): Promise<void> {
  try {
    const made = await measure()
    figures.push(...made)
    if (!values.json) for (const figure of made) console.log(lineOf(figure))
  } catch (error) {
    failures += 1
    console.error(`${name} could not be measured: ${String(error)}`)
  }
}

function lineOf({ case: name, metric, ratio, spread }: Figure): string {
  const [least, most] = spread.map((one) => one.toFixed(2))
  return `${name.padEnd(38)} ${metric.padEnd(20)} ${ratio.toFixed(2)}×  (${least}–${most})`
}
