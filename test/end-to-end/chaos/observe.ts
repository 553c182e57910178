import { setTimeout as sleep } from 'node:timers/promises'
import type { Keyway, Organization } from '../../support/keyway.ts'
import { frameEnds } from '../../support/streaming-paths.ts'
import { echo, type ReceivedRequest, usageOf } from '../../upstreams/stand-ins.ts'
import type { Case, View } from './expected.ts'
import type { Surface } from './surfaces.ts'

/** A case with its keys stored and its failures planned. */
export interface Prepared {
  readonly chaos: Case
  readonly organization: Organization
  /** Ids and labels of its provider keys. */
  readonly keys: readonly { readonly id: string; readonly label: string }[]
  /** The model, or the route, that is asked for. */
  readonly model: string
  readonly prompt: string
}

/** What came back, before the records are looked at. */
export interface Outcome extends Prepared {
  readonly requestId: string
  readonly view: Omit<View, 'open' | 'records' | 'seen'>
}

/** Makes the call and reads all of its answer. */
export async function call(keyway: Keyway, prepared: Prepared): Promise<Outcome> {
  const { chaos, organization, keys, model, prompt } = prepared
  const { surface, stream } = chaos
  const { path, body } = surface.request(model, prompt, stream)
  const response = await fetch(keyway.url + path, {
    method: 'POST',
    headers: { 'x-keyway-api-key': organization.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
  })
  const { text, isBroken, isBinary } = await textOf(response)
  const { status, headers } = response
  const retry =
    headers.get('retry-after') ?? (headers.get('x-should-retry') === 'false' ? 'never' : 'unsaid')
  const answer = isBroken
    ? { end: 'broken' as const }
    : status >= 400
      ? errorIn(text, surface)
      : answerIn({ text, isBinary }, prepared)
  return {
    ...prepared,
    requestId: headers.get('x-keyway-request-id') ?? '',
    view: {
      status,
      retry,
      code: headers.get('x-keyway-error-code'),
      attempts: numbered((headers.get('x-keyway-attempts') ?? '').split(', '), keys),
      namesAll: keys.every(({ id }) => text.includes(id)),
      ...answer,
    },
  }
}

/** Each attempt with the number of its key in place of its id. */
export function numbered(attempts: readonly string[], keys: Prepared['keys']): string[] {
  return attempts.map((one) => {
    const [id = '', outcome = ''] = one.split(':')
    return `${keys.findIndex((key) => key.id === id)}:${outcome}`
  })
}

/** Latin-1 for Amazon's frames. */
async function textOf(
  response: Response,
): Promise<{ text: string; isBroken: boolean; isBinary: boolean }> {
  const isBinary = response.headers.get('content-type') === 'application/vnd.amazon.eventstream'
  try {
    const bytes = Buffer.from(await response.arrayBuffer())
    return { text: bytes.toString(isBinary ? 'latin1' : 'utf8'), isBroken: false, isBinary }
  } catch {
    return { text: '', isBroken: true, isBinary }
  }
}

function errorIn(text: string, { errors, kind }: Surface): Partial<View> {
  const body = parsed(text) as
    | { type?: unknown; request_id?: unknown; error?: Record<string, unknown> }
    | undefined
  const error = body?.error
  const isClaudes = errors === 'anthropic' && kind === 'universal'
  const isShaped = isClaudes
    ? body?.type === 'error' && typeof body.request_id === 'string'
    : ['message', 'type', 'code', 'param'].every((name) => error !== undefined && name in error)
  if (!isShaped && kind === 'universal') return { said: `no error of the surface: ${text}` }
  return { end: 'error answer', said: String(isClaudes ? error?.['type'] : error?.['code']) }
}

function answerIn(
  { text, isBinary }: { text: string; isBinary: boolean },
  { chaos, prompt }: Prepared,
): Partial<View> {
  const { surface, stream } = chaos
  const wanted = wantedOf(chaos, prompt)
  if (!stream) {
    const json = parsed(text)
    const said = json === undefined ? '' : surface.whole(json)
    return { end: said === '' ? 'clean' : 'well', text: extentOf(said, wanted) }
  }
  if (surface.ends === frameEnds && !isBinary) return { end: 'clean', text: 'none' }
  const said = undefinedIfThrown(() => surface.streamed(text)) ?? ''
  return { end: endOf(text, surface), text: extentOf(said, wanted) }
}

/** All that the models that may answer would say. */
function wantedOf({ surface, keys }: Case, prompt: string): readonly string[] {
  if (surface.name.startsWith('embeddings')) return ['1 vectors']
  if (surface.name.startsWith('count')) return [`${usageOf(prompt, '').input} tokens`]
  return keys.map(({ place }) => echo(place.provider, prompt))
}

function extentOf(said: string, wanted: readonly string[]): NonNullable<View['text']> {
  if (said === '') return 'none'
  if (wanted.includes(said)) return 'whole'
  return wanted.some((one) => one.startsWith(said)) ? 'part' : 'wrong'
}

function endOf(text: string, { ends }: Surface): NonNullable<View['end']> {
  // Frames that make no sense are an error to every client of Amazon's.
  const well = undefinedIfThrown(() => ends.endsWell(text))
  if (well === true) return 'well'
  const error = undefinedIfThrown(() => ends.endsInError(text))
  if (error === true) return 'error'
  return well === undefined ? 'error' : 'clean'
}

function parsed(text: string): unknown {
  return undefinedIfThrown(() => JSON.parse(text) as unknown)
}

function undefinedIfThrown<Value>(work: () => Value): Value | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

type Line = Readonly<Record<string, unknown>>

/** The lines of the log about requests, by the request's id. */
export function recordsIn(output: string): Map<string, Line[]> {
  const records = new Map<string, Line[]>()
  for (const text of output.split('\n')) {
    if (!text.startsWith('{') || !text.includes('"event":"request"')) continue
    const line = JSON.parse(text) as Line
    const id = String(line['keyway.request_id'])
    records.set(id, [...(records.get(id) ?? []), line])
  }
  return records
}

/** Long enough for what is on its way; nothing waits for it but a test that fails. */
const GRACE_MS = 3000

/** The whole view: with what the providers saw, and what was recorded. */
export async function viewOf(
  { view, keys, requestId }: Outcome,
  received: ReadonlyMap<string, readonly ReceivedRequest[]>,
  records: ReadonlyMap<string, readonly Line[]>,
): Promise<View> {
  const requests = keys.flatMap(({ label }, key) =>
    (received.get(label) ?? []).map((request) => ({ key, request })),
  )
  const ends = await Promise.all(
    requests.map(({ request }) =>
      Promise.race([request.finished, sleep(GRACE_MS, 'open' as const, { ref: false })]),
    ),
  )
  return {
    ...view,
    seen: requests.map(({ key }) => key),
    open: ends.filter((end) => end === 'open').length as 0,
    records: (records.get(requestId) ?? []).map((line) => ({
      status: Number(line['http.response.status_code']),
      outcome: String(line['error.type'] ?? 'ok'),
      key: keys.findIndex(({ id }) => id === line['keyway.provider_key']),
      hasTokens: Object.keys(line).some((name) => name.startsWith('gen_ai.usage')),
      attempts: numbered(line['keyway.attempts'] as string[], keys),
    })),
  }
}
