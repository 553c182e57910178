import type { EndpointCredential } from '../core/credentials.ts'
import { edgeRagProfile } from './models/edge-rag.ts'
import { flavouredChat } from './openai-compatible.ts'
import type { ModelPlace, Probe, Service } from './provider.ts'

/**
 * An Edge RAG cluster (since June 2026 "Agentic Retrieval in Foundry Local") as a private endpoint: `kind: "edge-rag"`.
 * https://learn.microsoft.com/azure/azure-arc/edge-rag/
 *
 * It has no list of models, gives whole answers only, and takes what nobody names as a question to its collections. The
 * credential is an Entra token for the cluster's app: stored as the endpoint's key with `auth: bearer`, or the caller's own
 * with `auth: caller`.
 */

/** What one asks for by `byom/{endpoint}`; `byom/{endpoint}/slm` asks the cluster's model, and searches nothing. */
const EDGE_RAG_MODEL = 'rag'
const MODEL_ONLY = 'slm'
/** Both, the usual one first. */
export const EDGE_RAG_MODELS: readonly string[] = [EDGE_RAG_MODEL, MODEL_ONLY]

const MODEL_ONLY_PATH = '/edgeai/slm/chat/completions'

const API_VERSION = '2024-10-01-preview'

/** What the service's paths are appended to: the cluster's own address, whatever of a pasted path stands behind it. */
export function edgeRagBase(baseUrl: string): string {
  return baseUrl.replace(/\/edgeai(?:\/slm)?$/, '')
}

export const edgeRagServices: readonly [Service] = [
  {
    ...flavouredChat(() => edgeRagProfile),
    path: ({ model }) =>
      model === MODEL_ONLY
        ? MODEL_ONLY_PATH
        : `/edgeai/chat/completions?api-version=${API_VERSION}`,
    streams: false,
    // As `dev`, what a request says would be stored for everybody. An endpoint's own header wins over this one.
    defaultHeaders: { 'x-user-role': 'user' },
    edits: () => ({ remove: ['model', 'stream', 'stream_options'] }),
  },
]

/** What a cluster is asked stands in its path, whatever a body says. */
export const edgeRagModels: readonly ModelPlace[] = [
  [/^\/edgeai\/slm\/chat\/completions$/, { is: MODEL_ONLY }],
  [/^\/edgeai\/chat\/completions$/, { is: EDGE_RAG_MODEL }],
]

/** A word from the cluster's model: shows the way and the token, and searches nothing. */
export const EDGE_RAG_PROBE: Probe<EndpointCredential> = {
  path: () => MODEL_ONLY_PATH,
  body: { messages: [{ role: 'user', content: 'Say OK.' }] },
}
