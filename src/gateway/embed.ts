import type { Embeddings, EmbeddingsRequest } from '../core/embeddings.ts'
import { GatewayError, invalidRequest } from '../core/errors.ts'
import { isObject, tryParseJson } from '../core/parse.ts'
import {
  decodeEmbeddingsRequest,
  encodeEmbeddingsAnswer,
} from '../formats/openai-embeddings/client.ts'
import type { Service } from '../providers/provider.ts'
import { universalResponseHeaders } from './answer/response-headers.ts'
import { callFirstHealthy, takeTelling } from './attempt/call-upstream.ts'
import { abortedBy } from './attempt/departure.ts'
import { forkTrace } from './attempt/fork-trace.ts'
import type { Answered } from './attempt/outcome.ts'
import { takeWhole } from './attempt/take-answer.ts'
import { declinedError, failureError } from './attempt/upstream-failure.ts'
import { compatFor } from './call/compat-for.ts'
import type { OpenedCall } from './call/opened-call.ts'
import type { Dependencies } from './dependencies.ts'
import { errorIn } from './failure/error-text.ts'
import { inStreamError } from './failure/stream-errors.ts'
import type { Trace } from './record/trace.ts'
import { withEdits } from './target/edits.ts'
import { type Target, urlAt } from './target/target.ts'

/** Requests to the provider that one call may become, and how many of them at a time. */
const MAX_BATCHES = 256
const BATCHES_AT_ONCE = 6

const JSON_TYPE = /\bjson\b/i

type EmbeddingsService = Extract<Service, { readonly format: 'embeddings' }>

interface Batch {
  readonly embeddings: Embeddings
  readonly answered: Answered
}

/**
 * Embeddings from a provider that has a format of its own for them: in as many requests as its limits make necessary, a
 * few at a time, the vectors in the order of the texts and the tokens summed. One batch that fails fails the call,
 * and the others are let go of.
 */
export async function embed(
  opened: OpenedCall,
  service: EmbeddingsService,
  deps: Dependencies,
  trace: Trace,
): Promise<Response> {
  const { model } = opened.named
  const request = decodeEmbeddingsRequest(opened.call.body)
  const batches = inBatches(request.texts, service.embeddings.batchSize(model))
  if (batches.length > MAX_BATCHES) {
    throw invalidRequest(
      `input holds more texts than ${trace.provider} takes in ${MAX_BATCHES} requests. Send fewer at a time.`,
      'input',
    )
  }
  const stop = batches.length > 1 ? abortedBy(opened.signal) : undefined
  const stoppable = stop === undefined ? opened : { ...opened, signal: stop.signal }
  const finished: Batch[] = []
  const done = await inOrder(batches, BATCHES_AT_ONCE, async (texts) => {
    const call = { opened: stoppable, service, request, texts }
    const batch = await withOwnTrace(trace, (way) => embedBatch(call, deps, way))
    finished.push(batch)
    return batch
  }).catch((error: unknown) => {
    // What is under way is of no use any more; what has come is paid for all the same.
    stop?.abort()
    if (finished.length > 0) tellTokens(joined(finished), trace)
    throw error
  })
  const [first] = done
  if (first === undefined) throw invalidRequest('input is empty.', 'input')
  const headers = universalResponseHeaders(first.answered.response.headers, trace, {
    'content-type': 'application/json',
  })
  const embeddings = joined(done)
  tellTokens(embeddings, trace)
  const answer = encodeEmbeddingsAnswer(embeddings, request, model)
  return Response.json(answer, { headers })
}

function tellTokens({ inputTokens }: Embeddings, { meter }: Trace): void {
  meter.tell(inputTokens === undefined ? undefined : { usage: { inputTokens } })
}

/** Batches are under way at once: what one says of its attempts is not to be taken for another's. */
async function withOwnTrace<Result>(
  trace: Trace,
  work: (way: Trace) => Promise<Result>,
): Promise<Result> {
  const fork = forkTrace(trace)
  try {
    return await work(fork.trace)
  } finally {
    fork.adopt()
  }
}

interface BatchCall {
  readonly opened: OpenedCall
  readonly service: EmbeddingsService
  readonly request: EmbeddingsRequest
  readonly texts: readonly string[]
}

async function embedBatch(
  { opened, service, request, texts }: BatchCall,
  deps: Dependencies,
  trace: Trace,
): Promise<Batch> {
  const { organizationId, targets, signal, timeouts, named, headers: callers } = opened
  const { model } = named
  const prepare = (target: Target) => {
    const call = { model, wantsStream: false, site: target.site }
    const compat = compatFor(opened, {}, trace)
    const body = service.embeddings.encodeRequest(texts, request, { model, compat })
    const edits = service.edits({ ...call, body, headers: callers, compat })
    return {
      method: 'POST',
      url: urlAt(target, service.path(call), deps),
      headers: {
        ...service.defaultHeaders,
        'content-type': 'application/json',
        accept: 'application/json',
        'accept-encoding': 'identity',
      },
      body: JSON.stringify(withEdits(body, edits)),
    }
  }
  let embeddings: Embeddings | undefined
  const attempt = await callFirstHealthy(
    {
      organizationId,
      targets: targets(),
      prepare,
      signal,
      expected: { answer: 'whole', timeouts },
      async answer(answered) {
        if (!answered.response.ok) throw await declinedError(answered, deps)
        embeddings = await embeddingsIn(answered, service, texts.length, trace)
        return answered.response
      },
    },
    deps,
    trace,
  )
  if (attempt.kind === 'failure') throw await failureError(takeTelling(attempt, deps), deps, trace)
  if (embeddings === undefined) throw new Error('An answer that nobody read.')
  return { embeddings, answered: attempt }
}

async function embeddingsIn(
  attempt: Answered,
  service: EmbeddingsService,
  count: number,
  trace: Trace,
): Promise<Embeddings> {
  const { response, target } = attempt
  if (!JSON_TYPE.test(response.headers.get('content-type') ?? '')) {
    await response.body?.cancel()
    throw noEmbeddings(target)
  }
  const text = await takeWhole(attempt, (whole) => whole.text(), trace)
  const body = tryParseJson(text)
  const counted = Number(response.headers.get('x-amzn-bedrock-input-token-count') ?? Number.NaN)
  const embeddings =
    isObject(body) &&
    service.embeddings.decodeAnswer(body, Number.isFinite(counted) ? counted : undefined)
  if (embeddings !== false && embeddings.vectors.length === count) return embeddings
  const said = isObject(body) ? errorIn(text) : undefined
  throw said === undefined ? noEmbeddings(target) : inStreamError(said, target)
}

function noEmbeddings({ provider: { name } }: Target): GatewayError {
  return new GatewayError(
    'upstream_error',
    `${name} did not answer with one embedding for each text.`,
  )
}

function joined(batches: readonly Batch[]): Embeddings {
  const counts = batches.map(({ embeddings }) => embeddings.inputTokens ?? Number.NaN)
  const inputTokens = counts.reduce((sum, count) => sum + count, 0)
  return {
    vectors: batches.flatMap(({ embeddings }) => embeddings.vectors),
    ...(Number.isFinite(inputTokens) ? { inputTokens } : {}),
  }
}

function inBatches(texts: readonly string[], size: number): readonly (readonly string[])[] {
  const count = Math.ceil(texts.length / size)
  return Array.from({ length: count }, (_, index) => texts.slice(index * size, (index + 1) * size))
}

/** Runs the work for every item, at most so many at once; results in the order of the items. Stops at the first failure. */
async function inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = []
  let next = 0
  let hasFailed = false
  const worker = async (): Promise<void> => {
    while (next < items.length && !hasFailed) {
      const index = next++
      const item = items[index]
      if (item === undefined) return
      try {
        results[index] = await work(item)
      } catch (error) {
        hasFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  return results
}
