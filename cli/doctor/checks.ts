import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isObject, tryParseJson } from '../../src/core/parse.ts'
import { type Connection, createClient } from '../client.ts'
import { brokenConnection } from '../connection-failure.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { textOf } from '../json.ts'
import type { Machine } from '../machine.ts'

/** What was looked at, and what came of it. */
export interface Check {
  readonly name: string
  /** `odd` is no fault, but worth knowing. */
  readonly state: 'ok' | 'odd' | 'wrong'
  readonly says: string
  readonly todo?: string
  readonly exitCode?: ExitCode
}

/** Signatures and tokens of the providers allow five minutes; expiry dates allow nothing. */
const MAX_SKEW_SECONDS = 60

const TIMEOUT_MS = 15_000

/** Whether this Node is new enough. The launcher sees to it, unless it was gone around. */
export function checkNode({ nodeVersion }: Machine): Check {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number)
  const isNew = major > 22 || (major === 22 && minor >= 18)
  return isNew
    ? { name: 'node', state: 'ok', says: `Node ${nodeVersion}` }
    : {
        name: 'node',
        state: 'wrong',
        says: `Node ${nodeVersion} is too old.`,
        todo: 'Run npm install here, which brings a newer one, or use Node 22.18 or later.',
      }
}

/** Whether the files of secrets in this folder are private. */
export function checkFolder({ folder }: Machine): Check[] {
  return ['.dev.vars', '.env.production'].flatMap((file) => {
    const mode = statSync(resolve(folder, file), { throwIfNoEntry: false })?.mode
    if (mode === undefined || (mode & 0o077) === 0) return []
    const says = `Others on this machine can read ${file}.`
    return [{ name: 'secrets', state: 'wrong', says, todo: `chmod 600 ${file}` } as const]
  })
}

/** What a look at Keyway's address needs. */
export interface Gateway extends Pick<Machine, 'now'> {
  readonly fetch: (
    url: string,
    init: { readonly redirect: 'manual'; readonly signal: AbortSignal },
  ) => Promise<Response>
}

/** Whether Keyway answers, is set up, and tells the same time as this machine. */
export async function checkGateway(machine: Gateway, url: string): Promise<Check[]> {
  const before = machine.now().getTime()
  const response = await probe(machine, `${url}/health`)
  if (!(response instanceof Response)) {
    const { message, details } = response
    const todo = adviceIn(details.advice)
    return [{ name: 'address', state: 'wrong', says: message, todo, exitCode: EXIT.unreachable }]
  }
  const body = tryParseJson(await response.text())
  const address: Check = { name: 'address', state: 'ok', says: url }
  if (isObject(body) && body['status'] === 'ok' && response.ok) {
    const settings: Check = { name: 'settings', state: 'ok', says: 'The Worker is set up.' }
    return [address, settings, checkClock(response, before, machine.now().getTime())]
  }
  const error = isObject(body) ? body['error'] : undefined
  if (isObject(error)) {
    const says = `The Worker answers ${response.status}: ${textOf(error, 'message')}`
    const todo =
      'Set what it names: npx wrangler secret put NAME, or npm run deploy -- --secrets-file FILE.'
    return [address, { name: 'settings', state: 'wrong', says, todo, exitCode: EXIT.serverFailed }]
  }
  const says = `${url} answers ${response.status}, but is not Keyway.`
  const todo = 'Set KEYWAY_URL or --url to the origin of the Worker, with no path.'
  return [{ name: 'address', state: 'wrong', says, todo, exitCode: EXIT.unreachable }]
}

function checkClock(response: Response, before: number, after: number): Check {
  const name = 'clock'
  const theirs = Date.parse(response.headers.get('date') ?? '')
  if (Number.isNaN(theirs)) {
    return { name, state: 'odd', says: 'The answer has no date, so clocks were not compared.' }
  }
  // Its date has whole seconds, and was written somewhere between the two moments.
  const skew = theirs < before ? before - theirs - 1000 : theirs - after
  const skewSeconds = Math.max(0, Math.round(skew / 1000))
  if (skewSeconds <= MAX_SKEW_SECONDS) return { name, state: 'ok', says: 'The clocks agree.' }
  return {
    name,
    state: 'wrong',
    says: `This machine's clock is ${skewSeconds} seconds ${theirs < before ? 'ahead' : 'behind'}.`,
    todo: 'Let it set itself: expiry dates and signatures go wrong otherwise.',
  }
}

/** Whether the token is accepted, and what it may see. */
export async function checkToken(machine: Machine, connection: Connection): Promise<Check[]> {
  const name = 'token'
  try {
    const seen = await createClient(machine, connection).list('', 10)
    const names = seen.map((organization) => textOf(organization, 'name')).join(', ')
    const says = seen.length === 0 ? 'accepted; there is no organization yet' : `accepted; ${names}`
    const todo = seen.length === 0 ? { todo: 'keyway orgs create --name NAME' } : {}
    return [{ name, state: 'ok', says, ...todo }]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { message, exitCode, details } = error
    return [{ name, state: 'wrong', says: message, todo: adviceIn(details.advice), exitCode }]
  }
}

/** What to do, for somebody who has asked the doctor already. */
function adviceIn(advice = ''): string {
  return advice.replace('; keyway doctor looks closer', '')
}

async function probe(machine: Gateway, url: string): Promise<Response | Failure> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    return await machine.fetch(url, { redirect: 'manual', signal })
  } catch (error) {
    return brokenConnection(error, new URL(url).origin).failure
  }
}
