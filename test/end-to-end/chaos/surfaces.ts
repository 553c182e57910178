import { eventsIn } from '../../support/raw-client.ts'
import {
  type Ends,
  chatEnds,
  claudeEnds,
  framesIn,
  frameEnds,
  responsesEnds,
} from '../../support/streaming-paths.ts'
import type { ProviderName } from '../../upstreams/stand-ins.ts'

/** A model at one of the stand-ins. Every surface has models of its own, so that its keys can be held to them. */
export interface Place {
  readonly provider: ProviderName
  readonly model: string
}

/** One way to call, and how its answers are read. */
export interface Surface {
  readonly name: string
  readonly kind: 'universal' | 'native'
  readonly errors: 'openai' | 'anthropic'
  readonly streams: boolean
  /** Where its calls go; for most in the surface's own format. */
  readonly home: Place
  /** A model of another format, which a route may name beside it. */
  readonly other?: Place
  /** At a provider whose credentials hold its address. */
  readonly dead?: Place
  /** Whether another target of a route may answer in the place of one that failed. */
  readonly falls: boolean
  /** Whether an answer tells its tokens. */
  readonly tellsTokens: boolean
  readonly ends: Ends
  request(model: string, prompt: string, stream: boolean): { path: string; body: object }
  /** What the model said, as far as it came. */
  streamed(text: string): string
  whole(answer: unknown): string
}

type Shape = Record<string, never>
const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, step) => (inner as Shape | undefined)?.[step], value)
const textAt = (value: unknown, ...path: (string | number)[]): string => {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}
const listAt = (value: unknown, name: string): readonly unknown[] => {
  const found = at(value, name)
  return Array.isArray(found) ? found : []
}
const textsAt = (value: unknown, name: string): string =>
  listAt(value, name)
    .map((part) => textAt(part, 'text'))
    .join('')
const said = (text: string, ...path: (string | number)[]): string =>
  eventsIn(text)
    .map(({ data }) => (data.startsWith('{') ? textAt(parsed(data), ...path) : ''))
    .join('')

/** A last event that was cut holds nothing. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const messages = (prompt: string) => [{ role: 'user', content: prompt }]

const chat = {
  errors: 'openai',
  streams: true,
  falls: true,
  tellsTokens: true,
  ends: chatEnds,
  streamed: (text: string) => said(text, 'choices', 0, 'delta', 'content'),
  whole: (answer: unknown) => textAt(answer, 'choices', 0, 'message', 'content'),
} as const
const chatBody = (model: string, prompt: string, stream: boolean) => ({
  model,
  stream,
  messages: messages(prompt),
})
const claude = {
  ...chat,
  errors: 'anthropic',
  ends: claudeEnds,
  streamed: (text: string) => said(text, 'delta', 'text'),
  // There may be reasoning before the text.
  whole: (answer: unknown) => textsAt(answer, 'content'),
} as const
const claudeBody = (model: string, prompt: string, stream: boolean) => ({
  model,
  stream,
  max_tokens: 99,
  messages: messages(prompt),
})
const whole = {
  streams: false,
  falls: false,
  ends: chatEnds,
  streamed: () => '',
} as const
const embeddings = {
  ...whole,
  kind: 'universal',
  errors: 'openai',
  tellsTokens: true,
  request: (model: string, prompt: string) => ({
    path: '/v1/embeddings',
    body: { model, input: [prompt] },
  }),
  whole: (answer: unknown) => `${listAt(answer, 'data').length} vectors`,
} as const
const counting = {
  ...whole,
  kind: 'universal',
  errors: 'anthropic',
  tellsTokens: false,
  request: (model: string, prompt: string) => ({
    path: '/v1/messages/count_tokens',
    body: { model, messages: messages(prompt) },
  }),
  whole: (answer: unknown) => `${String(at(answer, 'input_tokens'))} tokens`,
} as const

const dead = (model: string): Place => ({ provider: 'azure', model })

export const SURFACES: readonly Surface[] = [
  {
    ...chat,
    name: 'chat',
    kind: 'universal',
    home: { provider: 'openai', model: 'gpt-4.1' },
    other: { provider: 'anthropic', model: 'claude-sonnet-5-5' },
    dead: dead('dead-chat'),
    request: (...call) => ({ path: '/v1/chat/completions', body: chatBody(...call) }),
  },
  {
    ...chat,
    name: 'chat with a provider of another flavour',
    kind: 'universal',
    home: { provider: 'mistral', model: 'mistral-large-4-0' },
    request: (...call) => ({ path: '/v1/chat/completions', body: chatBody(...call) }),
  },
  {
    ...chat,
    name: 'responses',
    kind: 'universal',
    home: { provider: 'openai', model: 'gpt-5.4-mini' },
    other: { provider: 'bedrock', model: 'us.amazon.nova-2-lite-v1:0' },
    dead: dead('dead-responses'),
    ends: responsesEnds,
    request: (model, input, stream) => ({ path: '/v1/responses', body: { model, input, stream } }),
    streamed: (text) =>
      eventsIn(text)
        .filter(({ name }) => name === 'response.output_text.delta')
        .map(({ data }) => textAt(parsed(data), 'delta'))
        .join(''),
    whole: (answer) =>
      listAt(answer, 'output')
        .filter((item) => textAt(item, 'type') === 'message')
        .map((item) => textsAt(item, 'content'))
        .join(''),
  },
  {
    ...claude,
    name: 'messages',
    kind: 'universal',
    home: { provider: 'anthropic', model: 'claude-opus-5-5' },
    other: { provider: 'openai', model: 'gpt-4.1-mini' },
    dead: dead('dead-messages'),
    request: (...call) => ({ path: '/v1/messages', body: claudeBody(...call) }),
  },
  {
    ...chat,
    name: 'azure path',
    kind: 'universal',
    home: { provider: 'azure', model: 'my-deployment' },
    other: { provider: 'anthropic', model: 'claude-haiku-4-5-20251001' },
    dead: dead('dead-path'),
    request: (model, prompt, stream) => ({
      path: `/openai/deployments/${encodeURIComponent(model)}/chat/completions?api-version=2025-04-01-preview`,
      body: { stream, messages: messages(prompt) },
    }),
  },
  {
    ...chat,
    name: 'native chat',
    kind: 'native',
    home: { provider: 'deepseek', model: 'deepseek-v4-pro' },
    request: (model, prompt, stream) => ({
      path: '/native/deepseek/chat/completions',
      body: chatBody(model, prompt, stream),
    }),
  },
  {
    ...chat,
    name: 'native Converse',
    kind: 'native',
    home: { provider: 'bedrock', model: 'amazon.nova-pro-v1:0' },
    ends: frameEnds,
    request: (model, prompt, stream) => ({
      path: `/native/bedrock/model/${encodeURIComponent(model)}/converse${stream ? '-stream' : ''}`,
      body: { messages: [{ role: 'user', content: [{ text: prompt }] }] },
    }),
    streamed: (text) =>
      framesIn(text)
        .map(({ payload }) => textAt(parsed(payload), 'delta', 'text'))
        .join(''),
    whole: (answer) => textAt(answer, 'output', 'message', 'content', 0, 'text'),
  },
  {
    ...embeddings,
    name: 'embeddings',
    home: { provider: 'openai', model: 'text-embedding-3-small' },
    other: { provider: 'mistral', model: 'mistral-embed' },
    dead: dead('dead-embeddings'),
  },
  {
    ...embeddings,
    name: 'embeddings of another format',
    home: { provider: 'bedrock', model: 'amazon.titan-embed-text-v2:0' },
  },
  {
    ...counting,
    name: 'count_tokens',
    home: { provider: 'anthropic', model: 'claude-opus-4-5-20251101' },
    other: { provider: 'openai', model: 'gpt-5.5' },
  },
  {
    ...counting,
    name: 'count_tokens of another format',
    home: { provider: 'openai', model: 'gpt-5.6' },
  },
]
