import { createParser } from 'eventsource-parser'
import { parseArgs } from 'node:util'
import { startConnect } from '../test/cli/connect-process.ts'
import type { ReceivedRequest } from '../test/upstreams/exchange.ts'
import { echo, providerNames, startStandIns } from '../test/upstreams/stand-ins.ts'
import { demoLabel, seedDemoOrganization } from './demo-organization.ts'
import { type PrivateName, privateNames, seedPrivateModels } from './demo-private-models.ts'
import { DEMO_PROMPT, type DemoRow, demoRows, privateRows, type UpstreamName } from './demo-rows.ts'
import { newSecrets } from './local-secrets.ts'
import { managementClient } from './management-client.ts'
import { runWorker } from './run-worker.ts'

/**
 * `npm run demo`: one streaming request through every provider and to the organization's own model servers, each with the
 * organization's own credential, against stand-ins that verify it. Exits 0 only if every row passed. `--refuse NAME`
 * makes one refuse, to see it fail.
 */
const refused = refusedUpstream()

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
const management = managementClient(worker.url, secrets.ADMIN_TOKEN)
const { id, apiKey, providerKeyIds } = await seedDemoOrganization(management, standIns)
await using own = await seedPrivateModels(management, id)
const lab = own.models['byom/lab']
await using connector = startConnect(['--target', lab.origin, '--key-env', 'MODEL_KEY'], {
  KEYWAY_URL: worker.url,
  KEYWAY_CONNECTOR_TOKEN: own.connectorToken,
  MODEL_KEY: lab.apiKey,
})
await connector.logged('connected')
if (refused !== undefined) refuse(refused)
/** Whose key must have been used, as Keyway names it. */
const keyIds = new Map<UpstreamName, string>([...providerKeyIds, ...own.endpointIds])
const results: RowResult[] = []
for (const row of [...demoRows, ...privateRows]) results.push(await run(row))
printTable(results)
const failed = results.filter(({ fault }) => fault !== undefined)
console.log(
  failed.length === 0
    ? `\nAll ${results.length} rows passed: ${providerNames.length} providers, each proved to in its own way, and ${privateNames.length} private models.`
    : `\nFailed: ${failed.map(({ row }) => row.upstream).join(', ')}`,
)
process.exitCode = failed.length === 0 ? 0 : 1

async function run(row: DemoRow): Promise<RowResult> {
  const { upstream, keyHeader } = row
  const before = requestsOf(upstream).length
  const startMs = performance.now()
  const response = await fetch(worker.url + row.path, {
    method: 'POST',
    headers: {
      ...(keyHeader === undefined
        ? { authorization: `Bearer ${apiKey}` }
        : { [keyHeader]: apiKey }),
      'content-type': 'application/json',
      ...row.headers,
    },
    body: JSON.stringify(row.body),
  })
  const stream = response.ok ? await readStream(response, row, startMs) : undefined
  const received = requestsOf(upstream)[before]
  const problems = [
    ...(response.ok ? [] : [`${response.status}: ${(await response.text()).slice(0, 300)}`]),
    ...(received?.credential === labelOf(upstream) ? [] : ['the credential was not verified']),
    ...(response.headers.get('x-keyway-provider-key') === keyIds.get(upstream)
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

function isPrivate(name: string): name is PrivateName {
  return privateNames.some((known) => known === name)
}

function requestsOf(upstream: UpstreamName): readonly ReceivedRequest[] {
  if (isPrivate(upstream)) return own.models[upstream].requests
  return standIns.requests.filter(({ provider }) => provider === upstream)
}

/** What an upstream calls the credential that it has to be shown. */
function labelOf(upstream: UpstreamName): string {
  return isPrivate(upstream) ? 'own key' : demoLabel(upstream)
}

function refuse(upstream: UpstreamName): void {
  if (isPrivate(upstream)) own.models[upstream].misbehave({ kind: 'refuse' })
  else standIns.misbehave(upstream, { kind: 'refuse' })
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

/** What `--refuse` names; anything else on the command line ends the demo with a word about it. */
function refusedUpstream(): UpstreamName | undefined {
  const names: readonly UpstreamName[] = [...providerNames, ...privateNames]
  try {
    const { values } = parseArgs({ options: { refuse: { type: 'string' } } })
    const upstream = names.find((known) => known === values.refuse)
    if (values.refuse === undefined || upstream !== undefined) return upstream
    console.error(`There is no upstream ${values.refuse}.`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  console.error(`Usage: npm run demo [-- --refuse ${names.join('|')}]`)
  return process.exit(2)
}

function printTable(rows: readonly RowResult[]): void {
  const header = ['', 'upstream', 'surface', 'proved by', 'first event', 'events']
  const lines = rows.map(({ row, proof, firstEventMs, events, fault }) => [
    fault === undefined ? 'ok' : 'FAIL',
    row.upstream,
    row.path.replace(/\/v1\/publishers.*/, '/…').replace(/\?.*/, ''),
    [proof, row.remark].filter(Boolean).join(', '),
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
    if (fault !== undefined) console.log(`\n${row.upstream}: ${fault}`)
  }
}
