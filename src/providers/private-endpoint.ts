import type { EndpointCredential } from '../core/credentials.ts'
import { noteEdits } from '../formats/anthropic-messages/attribution-note.ts'
import type { EndpointRecord } from '../storage/replica/records.ts'
import { endpointHeaders } from '../upstream-auth/endpoint-headers.ts'
import {
  EDGE_RAG_MODELS,
  EDGE_RAG_PROBE,
  edgeRagBase,
  edgeRagModels,
  edgeRagServices,
} from './edge-rag.ts'
import { claudeProfile } from './models/claude.ts'
import { openAiResponsesProfile } from './models/openai-responses.ts'
import { privateChatProfile } from './models/private-models.ts'
import {
  embeddings,
  flavouredChat,
  messagesModel,
  openAiDialects,
  openAiModel,
  responses,
  responsesEdits,
} from './openai-compatible.ts'
import type { ModelPlace, NativeDialect, Service, Upstream } from './provider.ts'
import { PRIVATE_ENDPOINTS, privateEndpointName } from './registry.ts'
import { OPENAI_RESET_HEADERS } from './reset-headers.ts'
import { EDGE_RAG_SIGNS } from './tunnels/edge-rag.ts'
import type { TunnelSign } from './tunnels/tunnel-sign.ts'

/** Paths are all that a connector looks at: it knows its own target, and no name is resolved for it. */
const CONNECTOR_ORIGIN = 'http://connector.invalid'
const CONNECTOR_BASE = `${CONNECTOR_ORIGIN}/v1`

/** What Keyway needs to know of a private endpoint to call it. */
export type EndpointFacts = Pick<
  EndpointRecord,
  'name' | 'kind' | 'reach' | 'base_url' | 'auth' | 'capabilities'
>

/**
 * An organization's own model server as an upstream like any other. It is taken to speak OpenAI's chat format in a way of its
 * own; other formats are translated to that, but for those that its owner says it speaks. An Edge RAG cluster is no model
 * server, and has one way to be spoken to.
 */
export function privateEndpoint(endpoint: EndpointFacts): Upstream<EndpointCredential> {
  return endpoint.kind === 'edge-rag' ? edgeRagCluster(endpoint) : modelServer(endpoint)
}

/** The models of an endpoint that lists none, where they are known all the same; the first one is the usual one. */
export function modelsOfKind({ kind }: Pick<EndpointRecord, 'kind'>): readonly string[] {
  return kind === 'edge-rag' ? EDGE_RAG_MODELS : []
}

/** What is known of an endpoint's failures beside those of the way there. */
export function signsOfKind({ kind }: Pick<EndpointRecord, 'kind'>): readonly TunnelSign[] {
  return kind === 'edge-rag' ? EDGE_RAG_SIGNS : []
}

function edgeRagCluster({
  name,
  base_url: baseUrl,
  auth,
}: EndpointFacts): Upstream<EndpointCredential> {
  const [{ defaultHeaders = {} }] = edgeRagServices
  return {
    name: privateEndpointName(name),
    group: PRIVATE_ENDPOINTS,
    auth: () => endpointHeaders(auth),
    base: () => edgeRagBase(baseUrl ?? CONNECTOR_ORIGIN),
    services: edgeRagServices,
    native: { headers: [], defaultHeaders, dialects: openAiDialects, modelIn: edgeRagModels },
    probe: EDGE_RAG_PROBE,
  }
}

function modelServer(endpoint: EndpointFacts): Upstream<EndpointCredential> {
  const { name, base_url: baseUrl, auth } = endpoint
  return {
    name: privateEndpointName(name),
    group: PRIVATE_ENDPOINTS,
    auth: () => endpointHeaders(auth),
    base: () => baseUrl ?? CONNECTOR_BASE,
    services: servicesOf(endpoint),
    native: {
      headers: [...ANTHROPIC_HEADERS, 'openai-beta'],
      dialects: DIALECTS,
      modelIn: MODEL_IN,
      counting: /\/(?:tokenize|messages\/count_tokens|responses\/input_tokens)$/,
    },
    resetHeaders: OPENAI_RESET_HEADERS,
    probe: { path: () => '/models' },
  }
}

const ANTHROPIC_HEADERS = ['anthropic-version', 'anthropic-beta']

const DIALECTS: readonly (readonly [RegExp, NativeDialect])[] = [
  [/\/messages$/, 'anthropic-messages'],
  ...openAiDialects,
]

/** Servers of models have more such paths of their own. */
const MODEL_IN: readonly ModelPlace[] = [
  openAiModel,
  messagesModel,
  [/^(?:\/v\d+)?\/(?:rerank|score|tokenize)$/, 'body'],
]

/** vLLM's and Ollama's way to speak Anthropic's format: at the same base as OpenAI's. */
const messages: Service = {
  format: 'anthropic-messages',
  path: () => '/messages',
  // Their caches begin at the first token, too.
  edits({ model, body }) {
    const { set, remove } = noteEdits(body)
    return { remove, set: { ...set, model } }
  },
  headers: ANTHROPIC_HEADERS,
  profile: (model) => claudeProfile(model, 'foundry'),
}

/** Whose encryption its reasoning is in is for the server to say. */
const ownResponses: Service = {
  ...responses(openAiResponsesProfile),
  edits: (call) => responsesEdits(call, () => true),
}

function servicesOf({ capabilities }: EndpointFacts): readonly Service[] {
  return [
    flavouredChat(() => privateChatProfile(capabilities)),
    ...(capabilities['supports_responses'] === true ? [ownResponses] : []),
    ...(capabilities['supports_messages'] === true ? [messages] : []),
    // Nothing stands in for embeddings: a server that has none says so itself, in words that help its owner.
    ...(capabilities['supports_embeddings'] === false ? [] : [embeddings]),
  ]
}
