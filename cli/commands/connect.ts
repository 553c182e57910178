import { type Command, Option } from 'commander'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { DEFAULT_CONCURRENT, MAX_CONCURRENT, MAX_CONNECTORS } from '../../src/tunnel/limits.ts'
import { commaList, repeated, seconds, wholeNumber } from '../arguments.ts'
import { type AllowedRequest, parseAllowed, USUAL_REQUESTS } from '../connect/allowed-requests.ts'
import { checkPath, type Path } from '../connect/check.ts'
import { readConnectorToken, TOKEN_VARIABLE, tokenSource } from '../connect/connector-token.ts'
import { AUTH_KINDS, type AuthKind, authOf } from '../connect/credential.ts'
import { helloOf } from '../connect/hello.ts'
import { modelCredential } from '../connect/model-key.ts'
import { createModelServer, type ModelServer } from '../connect/model-server.ts'
import { requireUsableProxy } from '../connect/proxy.ts'
import { runConnector } from '../connect/run.ts'
import { isUnguardedPort, parseTarget } from '../connect/target.ts'
import { type GlobalOptions, readUrl } from '../connection.ts'
import { report } from '../doctor/report.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usage } from '../failure.ts'
import { type KeyOptions, keySource, withKeyOptions } from '../key-options.ts'
import type { Machine } from '../machine.ts'
import { createOutput } from '../output.ts'

interface Options extends GlobalOptions, KeyOptions {
  readonly endpoint: string
  readonly target: string
  readonly auth?: AuthKind
  readonly ca?: string
  readonly allow?: readonly AllowedRequest[]
  readonly models?: readonly string[]
  readonly connections: number
  readonly maxConcurrent: number
  readonly drain: number
  readonly check?: boolean
  readonly model?: string
}

/** `keyway connect`. */
export function addConnect(program: Command, machine: Machine): void {
  withKeyOptions(program.command('connect'))
    .description('Runs beside a private model server and lets Keyway call it, without an open port')
    .option('--token-env <name>', `its token is in this variable (else ${TOKEN_VARIABLE})`)
    .option('--token-file <path>', 'its token is in this file, read anew for each connection')
    .requiredOption('--endpoint <name-or-id>', 'the endpoint that the server is to be')
    .requiredOption('--target <url>', 'the server, such as http://127.0.0.1:11434')
    .addOption(
      new Option('--auth <how>', 'where its key goes (else bearer, without a key forward)').choices(
        AUTH_KINDS,
      ),
    )
    .option('--ca <path>', 'its certificate is from the authority in this file (PEM)')
    .option(
      '--allow <request>',
      'what else may be asked, such as "POST /edgeai/chat/completions" or "GET /v1/files/*"; may be repeated',
      repeated(parseAllowed),
    )
    .option('--models <names>', 'the models to announce (else those that it lists)', commaList)
    .option('--max-concurrent <count>', 'calls at a time', wholeNumber, DEFAULT_CONCURRENT)
    .option('--connections <count>', 'connections to Keyway', wholeNumber, 1)
    .option('--drain <time>', 'how long calls may go on when it is to stop', seconds, 30)
    .option('--check', 'walks the whole path once, and says what is wrong')
    .option('--model <name>', 'with --check: the model to ask for a word')
    .action(async function action(this: Command) {
      const options = this.optsWithGlobals<Options>()
      const path = await pathOf(machine, options)
      if (options.check === true) await check(path, options)
      else await run(path, options)
    })
}

interface WholePath extends Path {
  readonly readToken: () => Promise<string>
  readonly readCredential: () => Path['credential']
}

/** Reads and judges everything that was said, so that nothing is dialled with half of it wrong. */
async function pathOf(machine: Machine, options: Options): Promise<WholePath> {
  refuseBeyond(options)
  const source = keySource(options)
  const auth = authOf(options.auth, source !== undefined)
  const tokens = tokenSource(options)
  const readToken = (): Promise<string> => readConnectorToken(machine, tokens)
  const readCredential = await modelCredential(machine, auth, source)
  const url = readUrl(machine, options)
  requireUsableProxy(machine, url)
  return {
    machine,
    place: { url, endpoint: options.endpoint, env: machine.env },
    server: await serverOf(machine, options),
    auth,
    token: await readToken(),
    readToken,
    credential: readCredential(),
    readCredential,
    ...(options.model === undefined ? {} : { model: options.model }),
  }
}

/** Node's timers go no further; one beyond is over at once. */
const MAX_DRAIN_DAYS = 24

function refuseBeyond({ connections, maxConcurrent, drain }: Options): void {
  if (connections < 1 || connections > MAX_CONNECTORS) {
    throw usage(`--connections must be from 1 to ${MAX_CONNECTORS}: an endpoint has no more.`)
  }
  if (maxConcurrent < connections || maxConcurrent > MAX_CONCURRENT * connections) {
    throw usage(`--max-concurrent must be from 1 to ${MAX_CONCURRENT} for each connection.`)
  }
  if (drain > MAX_DRAIN_DAYS * 86_400) throw usage(`--drain must be at most ${MAX_DRAIN_DAYS}d.`)
}

async function serverOf(
  { folder }: Machine,
  { target, ca }: Pick<Options, 'target' | 'ca'>,
): Promise<ModelServer> {
  const parsed = parseTarget(target)
  if (ca === undefined) return createModelServer(parsed)
  if (!parsed.isEncrypted) throw usage('--ca is for a --target that begins with https.')
  const pem = await readFile(resolve(folder, ca), 'utf8').catch(() => '')
  if (pem.includes('-----BEGIN CERTIFICATE-----')) return createModelServer(parsed, pem)
  throw usage('--ca must name a file with a certificate in PEM: -----BEGIN CERTIFICATE-----.')
}

async function check(path: WholePath, { json = false }: Options): Promise<void> {
  const { machine } = path
  const checks = await checkPath(path)
  const wrong = checks.find(({ state }) => state === 'wrong')
  if (json) createOutput(machine, true).one({ ok: wrong === undefined, checks })
  else machine.print(checks.map((one) => report(one)).join('\n'))
  if (wrong) throw new Failure(wrong.exitCode ?? EXIT.refused, 'The way to the model is not whole.')
}

async function run(path: WholePath, options: Options): Promise<void> {
  const { machine, server, place, readToken, readCredential } = path
  const { connections, maxConcurrent, models, drain, allow = [], json = false } = options
  await runConnector(machine, {
    place,
    connections,
    server,
    allowed: [...USUAL_REQUESTS, ...allow],
    credential: readCredential,
    token: readToken,
    hello: helloOf({
      server,
      credential: readCredential,
      maxConcurrent: Math.floor(maxConcurrent / connections),
      ...(models === undefined ? {} : { models }),
    }),
    clock: () => performance.now(),
    wait: (ms, signal) => wait(ms, undefined, { signal }),
    isJson: json,
    drainMs: drain * 1000,
    warnings: isUnguardedPort(server.target) ? [UNGUARDED] : [],
  })
}

const UNGUARDED =
  'If this is Edge RAG: its pods answer everybody on ports 3001 and 3500. Name its ingress, which looks at tokens and roles.'
