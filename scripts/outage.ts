import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { recordsIn } from '../test/end-to-end/chaos/observe.ts'
import { type Called, makeCall } from './outage/calls.ts'
import { STEPS } from './outage/steps.ts'
import { startWorld } from './outage/world.ts'

/**
 * `npm run outage`: requests on every surface while one provider after the other fails, keys are revoked and added back,
 * and the connector of a private model comes and goes. Exits 0 only if every request got a whole answer that was its own,
 * each was counted once, and all that was to go wrong did.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    concurrency: { type: 'string', default: '32' },
  },
})
const total = Number(values.requests)
const concurrency = Number(values.concurrency)
/** What the attempts that failed must have come to, some of them at least. */
const MUST_BE_SEEN = ['401', '429', 'unreachable', 'tunnel_offline', 'upstream_error', '200']
/** What is counted is told to the organization's record within half a minute. */
const COUNTED_WITHIN_MS = 60_000
const POLL_MS = 500
/** Whoever the routes name. */
const SPEAKERS = ['openai', 'anthropic', 'bedrock', 'private', 'mistral'] as const

await using world = await startWorld()
await world.startConnector()
const faults: string[] = []
const outcomes = new Map<string, number>()
const planned = STEPS.map((step) => ({
  step,
  due: Promise.withResolvers<void>(),
  taken: Promise.withResolvers<void>(),
}))
let started = 0
let answered = 0
let again = 0

const startMs = performance.now()
await Promise.all([takeSteps(), ...Array.from({ length: concurrency }, work)])
const seconds = ((performance.now() - startMs) / 1000).toFixed(1)

const counted = await countedRequests()
if (counted !== total) faults.push(`${counted} requests were counted`)
const records = Array.from(recordsIn(world.keyway.worker.output()).values())
const once = records.filter((lines) => lines.length === 1).length
if (once !== total || records.length !== total) {
  faults.push(`${once} requests were recorded once, ${records.length - once} more often`)
}
for (const outcome of MUST_BE_SEEN) {
  if (!outcomes.has(outcome)) faults.push(`no attempt ended in ${outcome}`)
}
console.log(`${total} requests in ${seconds} s; ${again} of them were sent again to somebody else.`)
const ends = Array.from(outcomes, ([outcome, count]) => `${count} × ${outcome}`)
console.log(`How the attempts ended: ${ends.join(', ')}.`)
for (const fault of faults.slice(0, 20)) console.log(`FAIL ${fault}`)
console.log(`${faults.length} failed.`)
process.exitCode = faults.length === 0 ? 0 : 1

/** One after the other, each as soon as it is due. */
async function takeSteps(): Promise<void> {
  for (const { step, due, taken } of planned) {
    await due.promise
    console.log(`${String(answered).padStart(5)}: ${step.name}`)
    try {
      await step.take(world)
    } finally {
      taken.resolve()
    }
  }
}

async function work(): Promise<void> {
  while (started < total) {
    const number = started++
    await stepsBefore(number)
    const route = world.routes[number % world.routes.length] ?? ''
    const call = { number, route, speakers: SPEAKERS }
    const plan = { url: world.keyway.url, apiKey: world.organization.apiKey }
    note(
      await makeCall(plan, call).catch((error: unknown) => ({
        fault: String(error),
        outcomes: [],
      })),
    )
    answered += 1
    for (const { step, due } of planned) if (answered >= step.at * total) due.resolve()
  }
}

/** Requests go on while a step is taken, and do not outrun it. */
async function stepsBefore(number: number): Promise<void> {
  const before = planned.filter(({ step }) => step.at * total + 2 * concurrency <= number)
  await Promise.all(before.map(({ taken }) => taken.promise))
}

function note(called: Called): void {
  if (called.fault !== undefined) faults.push(called.fault)
  if (called.outcomes.length > 1) again += 1
  for (const one of called.outcomes) outcomes.set(one, (outcomes.get(one) ?? 0) + 1)
}

async function countedRequests(): Promise<number> {
  const { management } = world.keyway
  const endMs = performance.now() + COUNTED_WITHIN_MS
  for (;;) {
    const { totals } = await management.get(`/${world.organization.id}/usage`)
    const { requests } = totals as { requests: number }
    if (requests >= total || performance.now() > endMs) return requests
    await sleep(POLL_MS)
  }
}
