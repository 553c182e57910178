import { WebSocket } from 'ws'
import { isObject, tryParseJson } from '../../src/core/parse.ts'
import { type Check, checkGateway } from '../doctor/checks.ts'
import { EXIT } from '../exit-codes.ts'
import { textOf } from '../json.ts'
import type { Machine } from '../machine.ts'
import type { AuthKind, Credential } from './credential.ts'
import { dial, type DialPlace, wayTo } from './dial.ts'
import { fetchOver } from './fetch-over.ts'
import { modelFailure } from './model-failure.ts'
import { askModel, type ModelAnswer, modelNames } from './model-list.ts'
import type { ModelServer } from './model-server.ts'

/** What a check of the whole path works with. */
export interface Path {
  readonly machine: Machine
  readonly place: DialPlace
  readonly token: string
  readonly server: ModelServer
  readonly auth: AuthKind
  readonly credential: Credential
  /** The model to ask for a word; else the first that the server lists. */
  readonly model?: string
}

/**
 * Walks the way of a call, from Keyway's address to a word of the model, and stops at the first step that fails. Keyway
 * gives no calls to a connection that is only looked at.
 */
export async function checkPath(path: Path): Promise<Check[]> {
  const { machine, place } = path
  const gateway = await checkGateway(
    { now: machine.now, fetch: fetchOver(wayTo(place)) },
    place.url,
  )
  // No token of a connector depends on the clock.
  const checks = gateway.filter(({ name }) => name !== 'clock')
  if (isBroken(checks)) return checks
  checks.push(await checkTunnel(path))
  if (isBroken(checks)) return checks
  const { check, models } = await checkServer(path)
  checks.push(check)
  if (isBroken(checks)) return checks
  checks.push(await checkModel(path, path.model ?? models[0]))
  return checks
}

const isBroken = (checks: readonly Check[]): boolean =>
  checks.some(({ state }) => state === 'wrong')

async function checkTunnel({ place, token }: Path): Promise<Check> {
  const name = 'tunnel'
  const socket = await dial(place, token)
  if (socket instanceof WebSocket) {
    socket.close()
    return { name, state: 'ok', says: `Keyway takes the token for ${place.endpoint}.` }
  }
  const { message, details, exitCode } = socket.failure
  return { name, state: 'wrong', says: message, todo: details.advice ?? '', exitCode }
}

interface ServerCheck {
  readonly check: Check
  readonly models: readonly string[]
}

const LIST_MS = 15_000

async function checkServer(path: Path): Promise<ServerCheck> {
  const name = 'server'
  const { origin } = path.server.target
  const answer = await ask(path, { path: '/v1/models', timeoutMs: LIST_MS })
  if ('name' in answer) return { check: answer, models: [] }
  const refused = refusal(path, answer)
  if (refused) return { check: { ...refused, name }, models: [] }
  const models = answer.status === 200 ? modelNames(answer.body) : undefined
  if (models) {
    const says = `${origin} has ${models.length === 0 ? 'no model yet' : shown(models)}.`
    return { check: { name, state: 'ok', says }, models }
  }
  if (answer.status === 404 || answer.status === 405) {
    const says = `${origin} answers, and has no list of models.`
    return { check: { name, state: 'odd', says }, models: [] }
  }
  const says = `${origin} answers ${answer.status}, not with a list of models.`
  const todo = 'Is --target the model server? Look at its log.'
  return { check: { name, state: 'wrong', says, todo }, models: [] }
}

const shown = (models: readonly string[]): string =>
  models.length > 5
    ? `${models.slice(0, 5).join(', ')} and ${models.length - 5} more`
    : models.join(', ')

/** A model that has to be read from a disk first takes its time. */
const WORD_MS = 180_000

async function checkModel(path: Path, model: string | undefined): Promise<Check> {
  const name = 'model'
  if (model === undefined) {
    const todo = 'Say --model NAME to ask it for a word.'
    return { name, state: 'odd', says: 'No model was asked.', todo }
  }
  const { machine } = path
  const startedAt = machine.now().getTime()
  const answer = await ask(path, {
    path: '/v1/chat/completions',
    body: { model, messages: [{ role: 'user', content: 'Say OK.' }], max_tokens: 1 },
    timeoutMs: WORD_MS,
  })
  if ('name' in answer) return { ...answer, name }
  const refused = refusal(path, answer)
  if (refused) return { ...refused, name }
  const seconds = ((machine.now().getTime() - startedAt) / 1000).toFixed(1)
  const body = tryParseJson(answer.body)
  if (answer.status === 200 && isObject(body) && Array.isArray(body['choices'])) {
    return { name, state: 'ok', says: `${model} answered after ${seconds} s.` }
  }
  const error = isObject(body) && isObject(body['error']) ? textOf(body['error'], 'message') : ''
  const says = `${model} answers ${answer.status}${error === '' ? '.' : `: ${error.slice(0, 200)}`}`
  // A model for embeddings has no words; the key was good all the same.
  const state = answer.status >= 500 ? 'wrong' : 'odd'
  return { name, state, says, todo: 'Does it chat? --model NAME asks another.' }
}

async function ask(
  { server, credential }: Path,
  what: Parameters<typeof askModel>[1],
): Promise<ModelAnswer | Check> {
  try {
    return await askModel({ server, credential }, what)
  } catch (error) {
    const { message, advice } = modelFailure(error, server.target)
    const exitCode = EXIT.refused
    return { name: 'server', state: 'wrong', says: message, todo: advice, exitCode }
  }
}

/** What is wrong when the server does not want to be asked in this way. */
function refusal(
  { server, auth }: Path,
  { status, body }: ModelAnswer,
): Omit<Check, 'name'> | undefined {
  const { origin } = server.target
  if (status >= 300 && status < 400) {
    const todo = 'Redirects are not followed: name the address that it leads to with --target.'
    return { state: 'wrong', says: `${origin} answers with a redirect.`, todo }
  }
  if (status !== 401 && status !== 403 && !/ambiguous_auth/.test(body)) return undefined
  const isSent = auth !== 'none' && auth !== 'forward'
  const says = `${origin} answers ${status}: it refuses ${isSent ? `the key as ${auth}` : 'calls without a key'}.`
  const todo = isSent
    ? 'Is the key good? Or does it go elsewhere: --auth bearer, api-key or x-api-key?'
    : 'Name its key with --key-file PATH or --key-env NAME.'
  return { state: 'wrong', says, todo }
}
