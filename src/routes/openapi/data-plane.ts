import type { ErrorCode } from '../../core/errors.ts'
import { CONNECT_PATH, SUBPROTOCOL } from '../../tunnel/limits.ts'
import {
  type JsonSchema,
  type Operation,
  type Parameter,
  text,
  UPSTREAM_REQUEST_ID,
} from './operation.ts'

const KEY: readonly ErrorCode[] = [
  'missing_api_key',
  'invalid_api_key',
  'ambiguous_credentials',
  'api_key_disabled',
  'unavailable',
  'misconfigured',
  'internal_error',
]
const CALL: readonly ErrorCode[] = [
  ...KEY,
  'model_not_allowed',
  'provider_not_allowed',
  'invalid_json',
  'invalid_request',
  'unsupported_parameter',
  'unknown_model',
  'unknown_endpoint',
  'not_found',
  'no_provider_key',
  'request_too_large',
  'rate_limited',
  'upstream_rejected_key',
  'upstream_error',
  'upstream_unreachable',
  'upstream_redirect',
  'upstream_overloaded',
  'upstream_timeout',
  'tunnel_offline',
  'tunnel_disconnected',
  'tunnel_saturated',
  'tunnel_auth_failed',
  'model_unreachable',
]

const HEADERS: readonly Parameter[] = [
  {
    name: 'x-keyway-provider-key',
    description: 'The id of the one provider key to use.',
    schema: text,
  },
  {
    name: 'x-keyway-region',
    description: 'A Bedrock region or Vertex AI location.',
    schema: text,
  },
  {
    name: 'x-keyway-metadata',
    description: 'A JSON object of at most 16 strings, recorded with the request.',
    schema: text,
  },
  {
    name: 'x-keyway-compat',
    description: 'What happens to parameters that the target cannot take.',
    schema: { type: 'string', enum: ['strict', 'default', 'lenient'] },
  },
]

/** What an answer says of how it came about. Those of limits are there for keys that have some. */
const ANSWER_HEADERS: readonly Parameter[] = [
  UPSTREAM_REQUEST_ID,
  ...[
    ['x-keyway-provider', 'Who answered; `byom` for a private model.'],
    ['x-keyway-model', 'The model that answered.'],
    ['x-keyway-provider-key', 'The provider key or private endpoint that served the call.'],
    [
      'x-keyway-attempts',
      'What was tried, in order, with what came of it, 32 at most: `pk_…:401, pk_…:200`.',
    ],
    ['x-keyway-warnings', 'What was left out, altered or passed over: `seed:dropped`.'],
    ['server-timing', 'Where the time went.'],
    [
      'ratelimit-policy',
      "The limits of the API key, after the upstream's own where it tells them.",
    ],
    ['ratelimit', 'What is left of them.'],
  ].map(([name = '', description = '']) => ({ name, description, schema: text })),
]

const BODY: JsonSchema = {
  type: 'object',
  description: "The surface's own request; members that are not named here go to the provider.",
  properties: {
    model: {
      type: 'string',
      description:
        '`{provider}/{model id}`, `byom/{endpoint}` or `byom/{endpoint}/{model id}` for a private model, the name of a route, or a bare model id whose family names one provider.',
    },
    stream: { type: 'boolean' },
  },
  required: ['model'],
}

/** A call on a universal surface. */
const call = (path: string, tag: string, summary: string): Operation => ({
  method: 'post',
  path,
  tag,
  summary,
  security: 'api-key',
  headers: HEADERS,
  request: path.includes('{model}') ? { ...BODY, required: [] } : BODY,
  answer: {
    status: 200,
    description: "The surface's own answer, or a stream of its events.",
    schema: { type: 'object' },
    headers: ANSWER_HEADERS,
  },
  errors: CALL,
})

const read = (path: string, summary: string): Operation => ({
  method: 'get',
  path,
  tag: 'Models',
  summary,
  security: 'api-key',
  answer: {
    status: 200,
    description: "In OpenAI's shape, or in Anthropic's where `anthropic-version` is sent.",
    schema: { type: 'object' },
  },
  errors: path.includes('{') ? [...KEY, 'unknown_model'] : KEY,
})

const native = (method: Operation['method']): Operation => ({
  method,
  path: '/native/{provider}/{path}',
  tag: 'Native',
  summary: "The provider's own protocol: Keyway adds the credential and pipes bytes",
  security: 'api-key',
  // All but what is about translation.
  headers: HEADERS.slice(0, 3),
  answer: {
    status: 200,
    description: "The provider's own answer, whatever its status.",
    headers: ANSWER_HEADERS,
  },
  errors: [...CALL, 'unknown_provider'],
})

/** docs/tunnel.md */
const dialIn: Operation = {
  method: 'get',
  path: CONNECT_PATH,
  tag: 'Tunnel',
  summary: 'Where the connectors of private models dial in, with a WebSocket',
  security: 'connector',
  query: [
    {
      name: 'endpoint',
      description: 'The name or the id of the endpoint; a token of another one is refused.',
      schema: text,
    },
  ],
  headers: [
    {
      name: 'sec-websocket-protocol',
      description: 'The versions of the protocol that the connector speaks.',
      schema: { type: 'string', enum: [SUBPROTOCOL] },
    },
  ],
  answer: { status: 101, description: 'The connection is a tunnel.' },
  errors: [
    'invalid_connector_token',
    'permission_denied',
    'conflict',
    'upgrade_required',
    'internal_error',
  ],
}

/** What applications and connectors call. */
export const dataPlaneOperations: readonly Operation[] = [
  ...['/v1', '/openai/v1'].flatMap((prefix) => [
    call(`${prefix}/chat/completions`, 'OpenAI', 'Chat completions'),
    call(`${prefix}/responses`, 'OpenAI', 'Responses'),
    call(`${prefix}/embeddings`, 'OpenAI', 'Embeddings'),
    read(`${prefix}/models`, 'The models that the calling key can use'),
    read(`${prefix}/models/{id}`, 'One of them'),
  ]),
  ...['chat/completions', 'responses', 'embeddings'].map((operation) =>
    call(`/openai/deployments/{model}/${operation}`, 'Azure OpenAI', `${operation} by deployment`),
  ),
  call('/v1/messages', 'Anthropic', 'Messages'),
  call('/v1/messages/count_tokens', 'Anthropic', 'Count the tokens of a message'),
  ...(['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const).map(native),
  dialIn,
  {
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Whether the deployment is set up',
    security: 'none',
    answer: { status: 200, description: 'It is.', schema: { type: 'object' } },
    errors: ['misconfigured'],
  },
  {
    method: 'get',
    path: '/',
    tag: 'Service',
    summary: 'What this is',
    security: 'none',
    answer: { status: 200, description: 'A description.', schema: { type: 'object' } },
    errors: [],
  },
  {
    method: 'get',
    path: '/openapi.json',
    tag: 'Service',
    summary: 'This document',
    security: 'none',
    answer: { status: 200, description: 'OpenAPI 3.1.', schema: { type: 'object' } },
    errors: [],
  },
]
