import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { untilLeft, type Outlet } from './chunked-writer.ts'
import type { Prompt } from './conversation.ts'
import { answerOf, FAULT_MESSAGE, type Fault, type FaultBook } from './faults.ts'
import type { StandInName } from './provider-name.ts'
import {
  Refusal,
  type Incoming,
  type ProblemKind,
  type Proof,
  type Provider,
  type WholeAnswer,
  type World,
} from './provider.ts'
import { sendAnswer, type Outcome } from './send-answer.ts'
import { verifyOneCredential } from './verify-one-credential.ts'

/** One request that a stand-in received, and what became of it. */
export interface ReceivedRequest {
  provider: StandInName
  method: string
  /** As on the wire, with the query. */
  path: string
  headers: Record<string, string>
  body: string
  json?: unknown
  /** What the model was told, where it was asked at all. */
  prompt?: Prompt
  /** Label of the credential that was verified. */
  credential?: string
  /** How it was proved, for people; no secrets in it. */
  proof?: string
  /** Why the stand-in refused. */
  refusal?: string
  /** Status of the answer, once there is one. */
  status?: number
  /** Resolves when the exchange is over. */
  finished: Promise<Outcome>
}

/** What an exchange needs besides the request. */
export interface Stage {
  provider: Provider
  world: World
  faults: FaultBook
  host: () => string
  gapMs: () => number
  random: () => number
  record: (received: ReceivedRequest) => void
}

/** Serves one request: read it, record it, judge it, answer it. */
export async function exchange(
  message: IncomingMessage,
  response: ServerResponse,
  stage: Stage,
): Promise<void> {
  const left = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) left.abort()
  })
  response.on('error', () => left.abort())
  const request = await read(message, stage.host())
  const { promise: finished, resolve } = Promise.withResolvers<Outcome>()
  const received = recordOf(stage.provider.name, request, finished)
  stage.record(received)
  const outlet = { response, left: left.signal, random: stage.random }
  resolve(await judgeAndAnswer(outlet, request, { stage, received }))
}

async function judgeAndAnswer(
  outlet: Outlet,
  request: Incoming,
  { stage, received }: { stage: Stage; received: ReceivedRequest },
): Promise<Outcome> {
  const { provider, faults } = stage
  const world: World = {
    ...stage.world,
    compose(speaker, prompt) {
      received.prompt = prompt
      return stage.world.compose(speaker, prompt)
    },
  }
  let fault: Fault | undefined
  const answer = async () => {
    verifyOneCredential(request, provider.credentialHeaders, provider.ownHeaders)
    const proof = await provider.authenticate(request, world)
    noteProof(received, proof)
    fault = faults.take(provider.name, proof.credential)
    const instead = fault && answerOf(fault, provider, request)
    const own = instead ?? provider.answer(request, world, proof)
    if (fault?.kind !== 'error-event' || own.kind !== 'whole') return own
    return errorInside(own, fault.as ?? 'server-error')
  }
  // Without a stream the error takes the place of the answer, still under its status.
  const errorInside = ({ status }: WholeAnswer, as: ProblemKind) => ({
    ...provider.refuse({ kind: as, message: FAULT_MESSAGE }, request),
    status,
  })
  const chosen = await answer().catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error
    received.refusal = error.message
    return provider.refuse(error.problem, request)
  })
  if (fault?.kind === 'stall-before-headers') {
    await untilLeft(outlet.left)
    return 'client-left'
  }
  if (fault !== undefined && breaksOff(fault, outlet.response.socket)) return 'fault'
  received.status = chosen.status
  return sendAnswer(outlet, chosen, { fault, gapMs: stage.gapMs() })
}

/** Whether the fault ends the connection before there is any answer. */
function breaksOff({ kind }: Fault, socket: Socket | null): boolean {
  if (kind === 'die-before-headers') socket?.destroy()
  else if (kind === 'reset-before-headers') socket?.resetAndDestroy()
  else if (kind === 'garbage') socket?.end('\u0000 This is no HTTP.\r\n\r\n')
  else return false
  return true
}

function noteProof(received: ReceivedRequest, { credential, proof }: Proof): void {
  received.credential = credential
  received.proof = proof
}

async function read(message: IncomingMessage, host: string): Promise<Incoming> {
  const chunks: Uint8Array[] = []
  // A client that leaves in the middle of its own body is judged by what arrived.
  try {
    for await (const chunk of message as AsyncIterable<Uint8Array>) chunks.push(chunk)
  } catch {}
  const [path = '', ...query] = (message.url ?? '').split('?')
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)])
  return {
    method: message.method ?? '',
    path,
    query: query.join('?'),
    headers: Object.fromEntries(headers),
    rawHeaders: message.rawHeaders,
    body: Buffer.concat(chunks),
    host,
  }
}

function recordOf(
  provider: Provider['name'],
  request: Incoming,
  finished: Promise<Outcome>,
): ReceivedRequest {
  const body = request.body.toString('utf8')
  return {
    provider,
    method: request.method,
    path: request.query ? `${request.path}?${request.query}` : request.path,
    headers: { ...request.headers },
    body,
    ...parsed(body),
    finished,
  }
}

function parsed(body: string): { json?: unknown } {
  try {
    return { json: JSON.parse(body) as unknown }
  } catch {
    return {}
  }
}
