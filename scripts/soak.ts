import { parseArgs } from 'node:util'
import { startStandIns } from '../test/upstreams/stand-ins.ts'
import { seedDemoOrganization } from './demo-organization.ts'
import { type DemoRow, demoRows } from './demo-rows.ts'
import { liveHeapBytes } from './heap.ts'
import { newSecrets } from './local-secrets.ts'
import { managementClient } from './management-client.ts'
import { runWorker } from './run-worker.ts'

/**
 * `npm run soak`: many streamed requests at once, over every provider, on loopback. Exits 0 only if none was lost or
 * cut and nothing of them was left in the Worker's memory. What is measured is what lives after garbage was collected:
 * resident memory says how lazy the collector is, and grows to its plateau first.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    concurrency: { type: 'string', default: '200' },
  },
})
const total = Number(values.requests)
const concurrency = Number(values.concurrency)
/** Requests before the first measure: code is compiled and caches are filled by then. */
const WARM_UP = 500
/** Far below what one leaked stream state, a few kilobytes, would add up to over ten thousand requests. */
const MAX_GROWTH_BYTES = 4 * 1024 * 1024

const secrets = newSecrets()
await using standIns = await startStandIns()
await using worker = await runWorker({
  vars: {
    ...secrets,
    PROVIDER_BASE_URLS: JSON.stringify(standIns.baseUrls),
    ALLOW_LOOPBACK_UPSTREAMS: 'true',
  },
  inspect: true,
})
const { apiKey } = await seedDemoOrganization(
  managementClient(worker.url, secrets.ADMIN_TOKEN),
  standIns,
)

let started = 0
let target = 0
let whole = 0
const faults = new Map<string, number>()

await serve(WARM_UP)
const before = await liveHeapBytes(await worker.inspectorUrl())
const startMs = performance.now()
await serve(total)
const seconds = (performance.now() - startMs) / 1000
const after = await liveHeapBytes(await worker.inspectorUrl())

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`
console.log(
  `${whole} of ${WARM_UP + total} streams came whole; ${total} of them in ${seconds.toFixed(1)} s, ${concurrency} at a time.`,
)
console.log(`Living memory of the Worker: ${kilobytes(before)} before, ${kilobytes(after)} after.`)
for (const [fault, count] of faults) console.log(`${count} × ${fault}`)
const isFlat = after - before <= MAX_GROWTH_BYTES
if (!isFlat) console.log(`It grew by more than ${kilobytes(MAX_GROWTH_BYTES)}.`)
process.exitCode = whole === WARM_UP + total && isFlat ? 0 : 1

async function serve(count: number): Promise<void> {
  target += count
  await Promise.all(Array.from({ length: concurrency }, work))
  // What the stand-ins remember of requests would fill this process.
  standIns.reset({ requests: true })
}

async function work(): Promise<void> {
  while (started < target) {
    const row = demoRows[started % demoRows.length]
    started += 1
    if (row === undefined) continue
    const fault = await stream(row).catch((error: unknown) => String(error))
    if (fault === undefined) whole += 1
    else faults.set(fault, (faults.get(fault) ?? 0) + 1)
  }
}

/** Why a stream was not whole; undefined when it was. */
async function stream(row: DemoRow): Promise<string | undefined> {
  const response = await fetch(worker.url + row.path, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', ...row.headers },
    body: JSON.stringify(row.body),
  })
  const text = await response.text()
  if (!response.ok) return `${row.upstream}: ${response.status} ${text.slice(0, 200)}`
  const last =
    text
      .trimEnd()
      .split(/\r?\n\r?\n/)
      .at(-1) ?? ''
  const data = /^data: ?(.*)$/m.exec(last)?.[1] ?? ''
  return row.isEnd(data) ? undefined : `${row.upstream}: cut short`
}
