import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import OpenAI from 'openai'
import { processUsage } from './bench/process-usage.ts'
import { liveHeapBytes } from './heap.ts'
import { newSecrets } from './local-secrets.ts'
import { managementClient } from './management-client.ts'
import { type RunningWorker, runWorker } from './run-worker.ts'
import { newNetworkNamespace } from './tunnel-proof/network-namespace.ts'
import {
  type RunningConnector,
  startConnector,
  startModel,
  watchMemory,
  workerdPid,
} from './tunnel-proof/processes.ts'
import { delayOf, readSlowly, throughput, type Way } from './tunnel-proof/reading.ts'

/**
 * `npm run tunnel:proof`: what docs/tunnel.md promises of a private model behind a connector, measured on this machine
 * with the real Worker and the real connector. Exits 0 only if all of it holds. `--silent` adds a model that thinks for
 * 130 seconds before its first token. The part in a network of its own needs Linux and root, and is left out elsewhere.
 */
const { values } = parseArgs({ options: { silent: { type: 'boolean', default: false } } })
const SLOW_BYTES = 1_000_000_000
const FAST_BYTES = 400_000_000
/** Code is compiled, and allocators have reached their plateau, after so many. */
const WARM_UP_BYTES = 200_000_000
const SLOW_BYTES_PER_SECOND = 25_000_000
const LONG_PAUSE_MS = 4_000
const MAX_MEMORY_BYTES = 32 * 1024 * 1024
const MIN_BYTES_PER_SECOND = 100_000_000
const MAX_ADDED_MS = 1
const EVENTS = 600
const SILENT_MS = 130_000
const PROMPT = [{ role: 'user' as const, content: 'Hello' }]

let hasFailed = false
console.log(`The machine's load before: ${loadavg()[0]?.toFixed(1)}`)
const say = (isGood: boolean, text: string): void => {
  if (!isGood) hasFailed = true
  console.log(`${isGood ? 'ok  ' : 'FAIL'}  ${text}`)
}
const mega = (bytes: number): string => (bytes / 1e6).toFixed(0)

const secrets = newSecrets()
const vars = { ...secrets, ALLOW_LOOPBACK_UPSTREAMS: 'true' }
await proveIsolation()
await measure()
process.exitCode = hasFailed ? 1 : 0

/** A Worker with an organization that has the endpoint `lab`, and what is needed to use it and to dial in for it. */
async function startLab() {
  const worker = await runWorker({ vars, inspect: true })
  const management = managementClient(worker.url, secrets.ADMIN_TOKEN)
  const { id } = await management.post('', { name: 'Proof' })
  const { key } = await management.post(`/${String(id)}/api-keys`, { name: 'application' })
  const path = `/${String(id)}/endpoints`
  const endpoint = await management.post(path, { name: 'lab', reach: 'connector' })
  const made = await management.post(`${path}/${String(endpoint['id'])}/connector-token`, {})
  return {
    worker,
    url: worker.url,
    apiKey: String(key),
    token: String(made['token']),
    addAddress: (name: string, baseUrl: string) =>
      management.post(path, { name, reach: 'url', base_url: baseUrl, auth: 'none' }),
    [Symbol.asyncDispose]: () => worker.dispose(),
  }
}

/** The model in a network that nothing comes into. */
async function proveIsolation(): Promise<void> {
  await using namespace = newNetworkNamespace()
  if (namespace === undefined) {
    console.log(
      '--    a network of its own for the model: not here (it needs Linux, root and `ip`)',
    )
    return
  }
  await using lab = await startLab()
  await using model = await startModel(namespace.enter)
  const { port } = new URL(model.url)
  const doors = [`http://127.0.0.1:${port}`, `http://${namespace.address}:${port}`]
  const reached = await Promise.all(doors.map((door) => fetch(door).then(Boolean, () => false)))
  say(!reached.includes(true), 'the model server cannot be reached from outside its network')

  const url = await namespace.wayOut(Number(new URL(lab.url).port))
  const { token } = lab
  const place = { url, token, target: model.url }
  await using first = await startConnector(place, namespace.enter)
  const client = new OpenAI({ baseURL: `${lab.url}/v1`, apiKey: lab.apiKey, maxRetries: 0 })
  const text = await streamed(client, 'silent-100')
  say(text === 'At last.', "OpenAI's client streams from it through Keyway and a connector")

  const events = client.chat.completions.create({
    model: 'byom/lab/silent-60000',
    messages: PROMPT,
    stream: true,
  })
  const failed = events.then(readAll).then(
    () => 'an end',
    (error: unknown) => String((error as { code?: unknown }).code),
  )
  // It is under way when the connector has it.
  await sleep(500)
  const killedAt = performance.now()
  first.kill('SIGKILL')
  const outcome = await failed
  const noticedMs = performance.now() - killedAt
  say(
    outcome === 'tunnel_disconnected' && noticedMs < 5_000,
    `the connector is killed: the caller gets ${outcome} after ${noticedMs.toFixed(0)} ms`,
  )
  const startedAt = performance.now()
  await using second = await startConnector(place, namespace.enter)
  const backMs = performance.now() - startedAt
  const again = await streamed(client, 'silent-1')
  say(
    again === 'At last.' && backMs < 2_000 && second.pid > 0,
    `it is started again: connected after ${backMs.toFixed(0)} ms, and it serves`,
  )
}

async function streamed(client: OpenAI, model: string): Promise<string> {
  return await readAll(
    await client.chat.completions.create({
      model: `byom/lab/${model}`,
      messages: PROMPT,
      stream: true,
    }),
  )
}

async function readAll(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

/** Memory, speed and delay, all on loopback. */
async function measure(): Promise<void> {
  await using lab = await startLab()
  await using model = await startModel()
  await using connector = await startConnector({ ...lab, target: model.url })
  await lab.addAddress('address', `${model.url}/v1`)
  const native = (name: string) => ({
    url: `${lab.url}/native/byom/${name}/v1/chat/completions`,
    apiKey: lab.apiKey,
  })
  const tunnel = native('lab')
  const address = native('address')
  const alone = { url: `${model.url}/v1/chat/completions`, apiKey: '' }

  const silences = values.silent ? waitForSilentModel(lab) : undefined
  const pids = [connector.pid, workerdPid()]
  for (const way of [address, tunnel]) await throughput(way, WARM_UP_BYTES)
  await proveSmallMemory(lab, connector, tunnel)

  const cpu = (): number[] => pids.map((pid) => processUsage(pid).cpuSeconds)
  const speeds = []
  for (const way of [alone, address]) speeds.push(await throughput(way, FAST_BYTES))
  const cpuBefore = cpu()
  speeds.push(await throughput(tunnel, FAST_BYTES))
  const cpuTimes = cpu().map((seconds, at) => seconds - (cpuBefore[at] ?? 0))
  const [ofAlone = 0, ofAddress = 0, ofTunnel = 0] = speeds
  const [perConnector = '', perWorkerd = ''] = cpuTimes.map((used) => mega(FAST_BYTES / used))
  say(
    ofTunnel >= MIN_BYTES_PER_SECOND,
    `${mega(FAST_BYTES)} MB at once: ${mega(ofTunnel)} MB/s through the tunnel, ${mega(ofAddress)} MB/s through Keyway by address, ${mega(ofAlone)} MB/s from the model itself; by the CPU's time ${perConnector} MB/s in the connector, ${perWorkerd} MB/s in workerd`,
  )

  const delays = []
  for (const way of [alone, address, tunnel]) delays.push(await delayOf(way, EVENTS))
  const [plain, direct, tunnelled] = delays
  const added = (tunnelled?.medianMs ?? Infinity) - (direct?.medianMs ?? 0)
  const both = (delay = { medianMs: 0, p99Ms: 0 }): string =>
    `${delay.medianMs.toFixed(2)} (p99 ${delay.p99Ms.toFixed(2)})`
  say(
    added < MAX_ADDED_MS,
    `an event 5 ms after another takes ${both(tunnelled)} ms through the tunnel, ${both(direct)} ms through Keyway by address, ${both(plain)} ms from the model itself: the tunnel adds ${added.toFixed(2)} ms`,
  )
  await silences
}

/**
 * What lives while the reader pauses and all windows are full, and what is resident. Neither runtime collects its garbage
 * before there is much of it, so what is resident first grows to a plateau: what counts is that it stays there.
 */
async function proveSmallMemory(
  { worker }: { worker: RunningWorker },
  connector: RunningConnector,
  way: Way,
): Promise<void> {
  using ofConnector = watchMemory(connector.pid)
  using ofWorkerd = watchMemory(workerdPid())
  const residents = (): number[] => [ofConnector.most(), ofWorkerd.most()]
  const before = residents()
  let firstHalf = before
  const bytes = SLOW_BYTES
  const perSecond = SLOW_BYTES_PER_SECOND
  const pause = async (): Promise<void> => {
    await sleep(LONG_PAUSE_MS)
    firstHalf = residents()
  }
  await readSlowly(way, { bytes, perSecond, pause })
  const secondHalf = residents()

  // Only now, because a look at a heap takes memory itself.
  let living: readonly number[] = []
  const look = async (): Promise<void> => {
    await sleep(1_000)
    const urls = [connector.inspectorUrl, await worker.inspectorUrl()]
    living = await Promise.all(urls.map((url) => liveHeapBytes(url)))
  }
  await readSlowly(way, { bytes: bytes / 20, perSecond, pause: look })
  for (const [at, name] of ['the connector', 'the Worker with its Durable Objects'].entries()) {
    const [lives = Infinity, start = 0, first = 0, second = Infinity] = [
      living,
      before,
      firstHalf,
      secondHalf,
    ].map((list) => list[at])
    say(
      lives < MAX_MEMORY_BYTES && second - first < MAX_MEMORY_BYTES,
      `${mega(bytes)} MB read at ${mega(perSecond)} MB/s: in ${name} ${(lives / 1e6).toFixed(1)} MB live, and the process had ${mega(start)} MB resident before, at most ${mega(first)} MB in the first half, ${mega(second)} MB in the second`,
    )
  }
}

/** A model that says nothing for longer than most of what stands between two computers would wait. */
async function waitForSilentModel({ url, apiKey }: { url: string; apiKey: string }): Promise<void> {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })
  const model = `silent-${SILENT_MS}`
  const whole = client.chat.completions.create({ model: `byom/lab/${model}`, messages: PROMPT })
  const texts = await Promise.all([
    streamed(client, model).catch(String),
    whole.then(({ choices }) => choices[0]?.message.content).catch(String),
  ])
  const isGood = texts.every((text) => text === 'At last.')
  say(isGood, `a model silent for ${SILENT_MS / 1000} s: ${texts.join(' · ')} (streamed · whole)`)
}
