import { EventStreamCodec } from '@smithy/eventstream-codec'
import type { ProviderName } from '../upstreams/stand-ins.ts'
import { eventsIn } from './raw-client.ts'

/** How streams of a dialect end. */
export interface Ends {
  /** Whether the text ends in an error of the dialect, and in nothing that looks like a good end. */
  endsInError(text: string): boolean
  /** Whether the text ends well. */
  endsWell(text: string): boolean
}

/** One way in which an answer streams through Keyway. */
export interface StreamingPath extends Ends {
  readonly name: string
  readonly provider: ProviderName
  readonly path: string
  readonly body: object
}

const messages = [{ role: 'user', content: 'Tell me something long, please' }]
const chat = { messages, stream: true }
const claude = { messages, stream: true, max_tokens: 64 }
const gemini = { contents: [{ role: 'user', parts: [{ text: 'Tell me something' }] }] }

const last = (text: string): { readonly name: string; readonly data: string } =>
  eventsIn(text).at(-1) ?? { name: '', data: '' }

/** A reason for which an answer ended well; what did not end has none. */
const FINISHED = /"(?:finish|stop)_reason":"/

export const chatEnds: Ends = {
  endsWell: (text: string) => last(text).data === '[DONE]',
  endsInError: (text: string) =>
    !text.includes('[DONE]') &&
    !FINISHED.test(text) &&
    Object.hasOwn(JSON.parse(last(text).data) as object, 'error'),
}
export const claudeEnds: Ends = {
  endsWell: (text: string) => last(text).name === 'message_stop',
  endsInError: (text: string) =>
    !text.includes('message_stop') &&
    !FINISHED.test(text) &&
    last(text).name === 'error' &&
    (JSON.parse(last(text).data) as { type: string }).type === 'error',
}
export const responsesEnds: Ends = {
  endsWell: (text: string) => last(text).name === 'response.completed',
  endsInError: (text: string) =>
    !text.includes('response.completed') && ['error', 'response.failed'].includes(last(text).name),
}
const geminiEnds = {
  endsWell: (text: string) => last(text).data.includes('"finishReason":"STOP"'),
  endsInError: (text: string) =>
    !text.includes('finishReason') && Object.hasOwn(JSON.parse(last(text).data) as object, 'error'),
}

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString(),
  (text) => Buffer.from(text),
)

/** One of Amazon's frames. */
export interface Frame {
  readonly kind: string
  readonly type: string
  readonly payload: string
}

/** The frames of a stream that was read as Latin-1. Throws on one that is not whole. */
export function framesIn(binary: string): Frame[] {
  const bytes = Buffer.from(binary, 'latin1')
  const frames: Frame[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    const { headers, body } = codec.decode(bytes.subarray(at, at + length))
    frames.push({
      kind: String(headers[':message-type']?.value),
      type: String((headers[':event-type'] ?? headers[':exception-type'])?.value),
      payload: Buffer.from(body).toString('utf8'),
    })
    at += length
  }
  return frames
}

const lastFrame = (binary: string): Partial<Frame> => framesIn(binary).at(-1) ?? {}

export const frameEnds: Ends = {
  endsWell: (text: string) => lastFrame(text).type === 'metadata',
  endsInError: (text: string) => lastFrame(text).kind === 'exception',
}

/** Models whose providers speak another format than the surface they are called on. */
const TRANSLATED: readonly {
  readonly surface: keyof typeof SURFACES
  readonly models: readonly (readonly [ProviderName, model: string])[]
}[] = [
  {
    surface: 'chat',
    models: [
      ['anthropic', 'claude-sonnet-5-5'],
      ['google_vertex_ai', 'claude-opus-4-5@20251101'],
      ['google_vertex_ai', 'gemini-3.8-flash'],
      ['bedrock', 'us.anthropic.claude-sonnet-4-6'],
      ['bedrock', 'amazon.nova-pro-v1:0'],
      ['azure', 'claude-sonnet-5-5'],
      ['openai', 'gpt-5.4-pro'],
    ],
  },
  {
    surface: 'responses',
    models: [
      ['anthropic', 'claude-sonnet-5-5'],
      ['google_vertex_ai', 'gemini-3.8-flash'],
      ['bedrock', 'us.anthropic.claude-sonnet-4-6'],
      ['bedrock', 'us.amazon.nova-2-lite-v1:0'],
      ['mistral', 'mistral-large-4-0'],
      ['deepseek', 'deepseek-v4-pro'],
      ['zai', 'glm-5.3'],
    ],
  },
  {
    surface: 'messages',
    models: [
      ['openai', 'gpt-4.1'],
      ['openai', 'gpt-5.4-pro'],
      ['google_vertex_ai', 'gemini-3.8-flash'],
      ['bedrock', 'amazon.nova-pro-v1:0'],
      ['mistral', 'mistral-large-4-0'],
      ['deepseek', 'deepseek-v4-pro'],
      ['xai', 'grok-4.7'],
      ['zai', 'glm-5.3'],
      ['azure', 'my-deployment'],
    ],
  },
]

const SURFACES = {
  chat: { path: '/v1/chat/completions', body: chat, ...chatEnds },
  responses: {
    path: '/v1/responses',
    body: { input: 'Tell me something long, please', stream: true },
    ...responsesEnds,
  },
  messages: { path: '/v1/messages', body: claude, ...claudeEnds },
}

const native = (provider: ProviderName, path: string): string => `/native/${provider}${path}`
const BEDROCK_MODEL = 'anthropic.claude-opus-4-5-20251101-v1%3A0'

/** Every path that streams. */
export const STREAMING_PATHS: readonly StreamingPath[] = [
  ...(
    [
      ['openai', '/v1', 'gpt-4.1'],
      ['mistral', '/v1', 'mistral-large-4-0'],
      ['deepseek', '', 'deepseek-v4-pro'],
      ['xai', '/v1', 'grok-4.7'],
      ['zai', '', 'glm-5.3'],
      ['azure', '/openai/v1', 'my-deployment'],
    ] as const
  ).flatMap(([provider, base, model]) => [
    {
      name: `native ${provider}`,
      provider,
      path: native(provider, `${base}/chat/completions`),
      body: { ...chat, model },
      ...chatEnds,
    },
    {
      name: `chat to ${provider}`,
      provider,
      path: '/v1/chat/completions',
      body: { ...chat, model: `${provider}/${model}` },
      ...chatEnds,
    },
  ]),
  {
    name: 'native openai responses',
    provider: 'openai',
    path: native('openai', '/v1/responses'),
    body: { model: 'gpt-4.1', input: 'Hello', stream: true },
    ...responsesEnds,
  },
  {
    name: 'responses to openai',
    provider: 'openai',
    path: '/v1/responses',
    body: { model: 'openai/gpt-4.1', input: 'Hello', stream: true },
    ...responsesEnds,
  },
  {
    name: 'native anthropic',
    provider: 'anthropic',
    path: native('anthropic', '/v1/messages'),
    body: { ...claude, model: 'claude-sonnet-5-5' },
    ...claudeEnds,
  },
  ...(
    [
      ['anthropic', 'claude-sonnet-5-5'],
      ['google_vertex_ai', 'claude-sonnet-5-5'],
      ['bedrock', 'us.anthropic.claude-sonnet-4-6'],
    ] as const
  ).map(([provider, model]) => ({
    name: `messages to ${provider}`,
    provider,
    path: '/v1/messages',
    body: { ...claude, model: `${provider}/${model}` },
    ...claudeEnds,
  })),
  {
    name: 'native Claude on Vertex',
    provider: 'google_vertex_ai',
    path: native(
      'google_vertex_ai',
      '/v1/publishers/anthropic/models/claude-sonnet-5-5:streamRawPredict',
    ),
    body: { ...claude, anthropic_version: 'vertex-2023-10-16' },
    ...claudeEnds,
  },
  {
    name: 'native Gemini',
    provider: 'google_vertex_ai',
    path: native(
      'google_vertex_ai',
      '/v1/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    ),
    body: gemini,
    ...geminiEnds,
  },
  {
    name: 'native Converse',
    provider: 'bedrock',
    path: native('bedrock', `/model/${BEDROCK_MODEL}/converse-stream`),
    body: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
    ...frameEnds,
  },
  ...TRANSLATED.flatMap(({ surface, models }) =>
    models.map(([provider, model]) => {
      const { body, ...way } = SURFACES[surface]
      return {
        ...way,
        name: `${surface} translated for ${provider}/${model}`,
        provider,
        body: { ...body, model: `${provider}/${model}` },
      }
    }),
  ),
]
