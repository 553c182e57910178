import { edgeRagProfile } from './models/edge-rag.ts'
import { flavouredChat } from './openai-compatible.ts'
import type { Service } from './provider.ts'

/**
 * An Edge RAG cluster (since June 2026 "Agentic Retrieval in Foundry Local") as a private endpoint: `kind: "edge-rag"`.
 * https://learn.microsoft.com/azure/azure-arc/edge-rag/
 *
 * Of an endpoint of this kind the gateway uses `edgeRagBase` of its base URL, `edgeRagServices` in place of the services of
 * a model server, `EDGE_RAG_SIGNS` behind `TUNNEL_SIGNS` for failures, and `EDGE_RAG_MODEL` where neither the caller nor
 * the endpoint names a model. `service.streams === false` is what `passSynthesised` is for. The credential is an Entra token for
 * the cluster's app: stored as the endpoint's key with `auth: bearer`, or the caller's own with `auth: caller`.
 */

/** What one asks for by `byom/{endpoint}`; `byom/{endpoint}/slm` asks the cluster's model, and searches nothing. */
export const EDGE_RAG_MODEL = 'rag'
const MODEL_ONLY = 'slm'
export const EDGE_RAG_MODELS: readonly string[] = [EDGE_RAG_MODEL, MODEL_ONLY]

const API_VERSION = '2024-10-01-preview'

/** What the service's paths are appended to: the cluster's own address, whatever of a pasted path stands behind it. */
export function edgeRagBase(baseUrl: string): string {
  return baseUrl.replace(/\/edgeai(?:\/slm)?$/, '')
}

export const edgeRagServices: readonly Service[] = [
  {
    ...flavouredChat(() => edgeRagProfile),
    path: ({ model }) =>
      model === MODEL_ONLY
        ? '/edgeai/slm/chat/completions'
        : `/edgeai/chat/completions?api-version=${API_VERSION}`,
    streams: false,
    // As `dev`, what a request says would be stored for everybody. An endpoint's own header wins over this one.
    defaultHeaders: { 'x-user-role': 'user' },
    edits: () => ({ remove: ['model', 'stream', 'stream_options'] }),
  },
]
