import { z } from 'zod'
import { createCredentialBook } from './credentials.ts'
import { statusOf } from './dialects/openai-errors.ts'
import { jsonAnswer } from './dialects/sse.ts'
import type { ReceivedRequest } from './exchange.ts'
import { createFaultBook } from './faults.ts'
import { listen, shut } from './listen.ts'
import { type Incoming, type Proof, type Provider, refuse, type World } from './provider.ts'
import { seededRandom } from './random.ts'
import { anything, checkBody, readJson } from './read-json.ts'
import { byRoute } from './routes.ts'

/** An Edge RAG cluster behind its ingress, which knows some tokens of Entra. */
export interface EdgeRag extends AsyncDisposable {
  /** `http://127.0.0.1:{port}` */
  readonly origin: string
  readonly requests: readonly ReceivedRequest[]
}

/** What every answer was found in. */
export const CITATIONS = [
  { filepath: 'manual.pdf', chunk_id: '7', score: 0.8, content: 'Press it.', page_numbers: [3] },
]

export const RAG_ANSWER = 'Press the button [doc1].'
export const SLM_ANSWER = 'I would press something.'

/**
 * Starts one that takes nothing but what is documented. A token is worth its value's role: `dev` or `user`.
 * https://learn.microsoft.com/azure/azure-arc/edge-rag/
 */
export async function startEdgeRag(tokens: readonly string[]): Promise<EdgeRag> {
  const requests: ReceivedRequest[] = []
  const { server, host } = await listen({
    provider: edgeRag(tokens),
    world: {
      credentials: createCredentialBook(() => ''),
      now: Date.now,
      compose: () => ({ pieces: [] }) as unknown as ReturnType<World['compose']>,
    },
    faults: createFaultBook(),
    gapMs: () => 0,
    random: seededRandom(7),
    record: (received) => void requests.push(received),
  })
  return {
    origin: `http://${host}`,
    requests,
    [Symbol.asyncDispose]: () => shut(server),
  }
}

const messages = z
  .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
  .min(1)

const sampling = {
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
}

const ragBody = z.strictObject({
  messages,
  ...sampling,
  isMarkdown: z.boolean().optional(),
  data_sources: z
    .array(z.strictObject({ type: z.literal('milvus'), parameters: anything }))
    .optional(),
})

const slmBody = z.strictObject({ messages, ...sampling })

const wording = { unknownField: (path: string) => `unexpected field ${path}` }

const whole = (message: object) =>
  jsonAnswer(
    200,
    {
      id: '4f1c',
      created: 1_794_999_999,
      choices: [{ content_filter_results: {}, message: { role: 'assistant', ...message } }],
    },
    {},
  )

function edgeRag(tokens: readonly string[]): Provider {
  const rag = (request: Incoming) => {
    if (request.query !== 'api-version=2024-10-01-preview') {
      refuse('bad-request', 'api-version is not supported')
    }
    checkBody(ragBody, readJson(request), wording)
    const context = { citations: CITATIONS }
    return whole({ content: RAG_ANSWER, context, search_type: 'hybrid_search' })
  }
  const slm = (request: Incoming) => {
    if (request.query !== '') refuse('bad-request', 'unexpected query')
    checkBody(slmBody, readJson(request), wording)
    return whole({ content: SLM_ANSWER })
  }
  return {
    name: 'private',
    credentialHeaders: ['authorization'],
    ownHeaders: ['x-user-role'],
    authenticate: (request) => proofOf(request, tokens),
    answer: (request) =>
      byRoute(request, [
        ['POST', '/edgeai/chat/completions', () => rag(request)],
        ['POST', '/edgeai/slm/chat/completions', () => slm(request)],
      ]),
    refuse: (problem) => jsonAnswer(statusOf(problem), { detail: problem.message }, {}),
  }
}

function proofOf({ headers }: Incoming, tokens: readonly string[]): Proof {
  const token = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1]
  if (token === undefined || !tokens.includes(token)) refuse('bad-credential', 'Unauthorized')
  // What is asked for as `dev` is stored for everybody.
  if (headers['x-user-role'] !== 'user') refuse('bad-request', 'x-user-role is not one to be used')
  return { credential: 'Entra token', proof: 'bearer' }
}
