import type { TunnelSign } from './tunnel-sign.ts'

/**
 * What the ingress of an Edge RAG cluster answers to callers that it does not know or let in, and what passes by itself.
 * https://learn.microsoft.com/azure/azure-arc/edge-rag/
 */
export const EDGE_RAG_SIGNS: readonly TunnelSign[] = [
  {
    name: 'edge-rag-unauthenticated',
    statuses: [401],
    meaning: {
      code: 'upstream_rejected_key',
      wrong: 'did not accept the Entra token',
      remedy:
        'Such a token ends after about an hour: bring a new one for the audience api:// and the id of the cluster’s app.',
    },
  },
  {
    name: 'edge-rag-forbidden',
    statuses: [403],
    meaning: {
      code: 'upstream_rejected_key',
      wrong: 'does not let the owner of the Entra token in',
      remedy:
        'Give them the role EdgeRAGEndUser and the role that is called like the collection, or EdgeRAGDeveloper; an application gets roles only where the app allows them for applications.',
    },
  },
  {
    name: 'edge-rag-identity',
    statuses: [500, 503],
    said: /token acquisition|managed identity/i,
    meaning: {
      code: 'upstream_error',
      wrong: 'has not got its own identity yet, as happens after its pods have started',
      remedy: 'Try again in a moment.',
      retryAfterSeconds: 5,
    },
  },
]
