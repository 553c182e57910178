import { parseArgs } from 'node:util'
import { createParser } from 'eventsource-parser'
import {
  echo,
  providerNames,
  type ProviderName,
  startStandIns,
  type StandIns,
} from '../test/upstreams/stand-ins.ts'
import { type DemoOrganization, demoLabel, seedDemoOrganization } from './demo-organization.ts'
import { DEMO_PROMPT, type DemoRow, demoRows } from './demo-rows.ts'
import { newSecrets } from './local-secrets.ts'
import { managementClient } from './management-client.ts'
import { runWorker } from './run-worker.ts'

/**
 * `npm run demo`: one streaming request through every provider, each with the organization's own credential, against
 * stand-ins that verify it. Exits 0 only if every row passed. `--refuse PROVIDER` makes one refuse, to see it fail.
 */
const refused = refusedProvider()

interface RowResult {
  readonly row: DemoRow
  readonly proof: string
  readonly firstEventMs: number
  readonly events: number
  /** Why it failed; undefined when it passed. */
  readonly fault: string | undefined
}

const secrets = newSecrets()
await using standIns = await startStandIns()
await using worker = await runWorker({
  vars: {
    ...secrets,
    PROVIDER_BASE_URLS: JSON.stringify(standIns.baseUrls),
    ALLOW_LOOPBACK_UPSTREAMS: 'true',
  },
})
const organization = await seedDemoOrganization(
  managementClient(worker.url, secrets.ADMIN_TOKEN),
  standIns,
)
if (refused !== undefined) standIns.misbehave(refused, { kind: 'refuse' })
const results: RowResult[] = []
for (const row of demoRows) results.push(await run(row, worker.url, organization, standIns))
printTable(results)
const failed = results.filter(({ fault }) => fault !== undefined)
console.log(
  failed.length === 0
    ? `\nAll ${results.length} rows passed: ${providerNames.length} providers, each proved to in its own way.`
    : `\nFailed: ${failed.map(({ row }) => row.provider).join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1

async function run(
  row: DemoRow,
  url: string,
  { apiKey, providerKeyIds }: DemoOrganization,
  { requests }: StandIns,
): Promise<RowResult> {
  const before = requests.length
  const startMs = performance.now()
  const response = await fetch(url + row.path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      ...row.headers,
    },
    body: JSON.stringify(row.body),
  })
  const stream = response.ok ? await readStream(response, row, startMs) : undefined
  const received = requests.slice(before).find(({ provider }) => provider === row.provider)
  const problems = [
    ...(response.ok ? [] : [`${response.status}: ${(await response.text()).slice(0, 300)}`]),
    ...(received?.credential === demoLabel(row.provider)
      ? []
      : ['the credential was not verified']),
    ...(response.headers.get('x-keyway-provider-key') === providerKeyIds.get(row.provider)
      ? []
      : ["another key than the organization's own was used"]),
    ...(stream === undefined || stream.isWhole ? [] : [`not the whole answer: ${stream.text}`]),
  ]
  return {
    row,
    proof: received?.proof ?? '',
    firstEventMs: stream?.firstEventMs ?? 0,
    events: stream?.events ?? 0,
    fault: problems.length === 0 ? undefined : problems.join('; '),
  }
}

async function readStream(response: Response, row: DemoRow, startMs: number) {
  let text = ''
  let events = 0
  let firstEventMs = 0
  let last = ''
  const parser = createParser({
    onEvent({ data }) {
      if (events === 0) firstEventMs = performance.now() - startMs
      events += 1
      last = data
      if (data !== '[DONE]') text += row.textOf(JSON.parse(data) as never) ?? ''
    },
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? [])
    parser.feed(decoder.decode(chunk, { stream: true }))
  const said = echo('', DEMO_PROMPT)
  return { text, events, firstEventMs, isWhole: text.includes(said.trim()) && row.isEnd(last) }
}

/** The provider named in `--refuse`; anything else on the command line ends the demo with a word about it. */
function refusedProvider(): ProviderName | undefined {
  try {
    const { refuse } = parseArgs({ options: { refuse: { type: 'string' } } }).values
    const provider = providerNames.find((known) => known === refuse)
    if (refuse === undefined || provider !== undefined) return provider
  } catch {
    // Said below.
  }
  console.error(`Usage: npm run demo [-- --refuse ${providerNames.join('|')}]`)
  return process.exit(2)
}

function printTable(rows: readonly RowResult[]): void {
  const header = ['', 'provider', 'surface', 'proved by', 'first event', 'events']
  const lines = rows.map(({ row, proof, firstEventMs, events, fault }) => [
    fault === undefined ? 'ok' : 'FAIL',
    row.provider,
    row.path.replace(/\/v1\/publishers.*/, '/…'),
    proof,
    `${firstEventMs.toFixed(0)} ms`,
    String(events),
  ])
  const widths = header.map((_, column) =>
    Math.max(...[header, ...lines].map((line) => line[column]?.length ?? 0)),
  )
  for (const line of [header, ...lines]) {
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
  }
  for (const { row, fault } of rows) {
    if (fault !== undefined) console.log(`\n${row.provider}: ${fault}`)
  }
}
