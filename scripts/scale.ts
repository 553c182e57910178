import { parseArgs } from 'node:util'
import { providerNames, startStandIns } from '../test/upstreams/stand-ins.ts'
import { newSecrets } from './local-secrets.ts'
import { type ManagementClient, managementClient } from './management-client.ts'
import { runWorker } from './run-worker.ts'

/**
 * `npm run scale`: an organization with thousands of keys beside one with a single key of each kind. Exits 0 only if all
 * creates and lists succeed, every KV value stays far below the platform's 25 MiB, and neither a request that finds
 * everything cached nor one that finds nothing costs noticeably more in the large one. Times are compared within the
 * run, call by call in turn.
 */
const { values } = parseArgs({
  options: {
    'api-keys': { type: 'string', default: '5000' },
    'provider-keys': { type: 'string', default: '500' },
    calls: { type: 'string', default: '400' },
  },
})
const MAX_VALUE_BYTES = 1024 * 1024
/** What the noise of a shared machine can make of two equal medians. */
const MAX_RATIO = 1.5
const AT_ONCE = 32

interface Subject {
  readonly apiKey: string
  readonly organizationId: string
}

const secrets = newSecrets()
await using standIns = await startStandIns()
const vars = {
  ...secrets,
  PROVIDER_BASE_URLS: JSON.stringify(standIns.baseUrls),
  ALLOW_LOOPBACK_UPSTREAMS: 'true',
}
const faults: string[] = []
await compare('warm', vars)
await compare('cold', { ...vars, CREDENTIAL_CACHE_SECONDS: '0' })
for (const fault of faults) console.log(`FAIL ${fault}`)
process.exitCode = faults.length === 0 ? 0 : 1

async function compare(name: string, variables: Readonly<Record<string, string>>): Promise<void> {
  await using worker = await runWorker({ vars: variables })
  const management = managementClient(worker.url, secrets.ADMIN_TOKEN)
  const small = await organization(management, 1, 1)
  const startMs = performance.now()
  const large = await organization(
    management,
    Number(values['api-keys']),
    Number(values['provider-keys']),
  )
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1)
  await checkLists(management, large)
  await checkValues(await worker.kv())
  const [smallMs, largeMs] = await medians(worker.url, small, large)
  const ratio = largeMs / smallMs
  console.log(
    `${name}: made in ${seconds} s; median request ${smallMs.toFixed(2)} ms with one key, ${largeMs.toFixed(2)} ms with ${values['provider-keys']}: ${ratio.toFixed(2)}×`,
  )
  if (ratio > MAX_RATIO) faults.push(`${name}: a request costs ${ratio.toFixed(2)}× as much`)
}

/** The key that calls is the first made; its provider key is one of the organization's, for a provider with many. */
async function organization(
  management: ManagementClient,
  apiKeys: number,
  providerKeys: number,
): Promise<Subject> {
  const { id } = await management.post('', { name: `With ${providerKeys}` })
  const { key } = await management.post(`/${String(id)}/api-keys`, { name: 'caller' })
  await inParallel(apiKeys - 1, (index) =>
    management.post(`/${String(id)}/api-keys`, { name: `key ${index}` }),
  )
  const secretOf = new Map<string, unknown>()
  for (const provider of providerNames) {
    secretOf.set(provider, await standIns.issueCredential(provider, `${String(id)} ${provider}`))
  }
  await inParallel(providerKeys, (index) => {
    const provider = providerNames[(index + 1) % providerNames.length] ?? 'openai'
    return management.post(`/${String(id)}/provider-keys`, {
      provider,
      provider_key: secretOf.get(provider),
      name: `key ${index}`,
      api_key_ids: [],
    })
  })
  return { apiKey: String(key), organizationId: String(id) }
}

async function inParallel(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1
      await work(next - 1)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

async function checkLists(
  management: ManagementClient,
  { organizationId }: Subject,
): Promise<void> {
  for (const [kind, expected] of [
    ['api-keys', Number(values['api-keys'])],
    ['provider-keys', Number(values['provider-keys'])],
  ] as const) {
    const ids = new Set<string>()
    let cursor = ''
    do {
      const page = await management.get(`/${organizationId}/${kind}?limit=100${cursor}`)
      for (const { id } of page['data'] as readonly { readonly id: string }[]) ids.add(id)
      cursor = page['next_cursor'] === null ? '' : `&cursor=${String(page['next_cursor'])}`
    } while (cursor !== '')
    if (ids.size !== expected) faults.push(`${kind}: listed ${ids.size} of ${expected}`)
  }
}

async function checkValues(kv: Awaited<ReturnType<Awaited<ReturnType<typeof runWorker>>['kv']>>) {
  const { keys } = await kv.list({ prefix: 'org/' })
  for (const { name } of keys) {
    const bytes = Buffer.byteLength(String(await kv.get(name)))
    if (bytes > MAX_VALUE_BYTES) faults.push(`${name} is ${bytes} bytes`)
  }
}

async function medians(url: string, small: Subject, large: Subject): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let call = 0; call < Number(values.calls); call++) {
    for (const [index, { apiKey }] of [small, large].entries()) {
      const startMs = performance.now()
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'openai/gpt-4.1',
          messages: [{ role: 'user', content: 'Hello' }],
        }),
      })
      await response.text()
      if (response.status !== 200) faults.push(`a call was answered ${response.status}`)
      times[index]?.push(performance.now() - startMs)
    }
  }
  const [first, second] = times.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0)
  return [first ?? 0, second ?? 0]
}
