/** The requests of the benchmarks: what a caller sends to Keyway, and what a caller of the provider itself would. */
export interface Exchange {
  readonly path: string
  readonly body: object
  /** What the last of the answer holds when it is whole. */
  readonly end: string
}

/** How the peer is asked for the same. */
export interface PeerExchange extends Exchange {
  readonly headers: Readonly<Record<string, string>>
  /** Where at the upstream the provider is; the peer adds its own paths. */
  readonly upstreamPath: string
}

/** A conversation in each format that a caller may speak, to a model by the name that the receiver knows it by. */
interface Ask {
  readonly model: string
  readonly stream: boolean
  readonly text?: string
}

export const GOOGLE_PROJECT = 'bench-project'
export const OPENAI = 'openai/gpt-4.1'

const TEXT = 'Tell me about the edge'
const streaming = (stream: boolean): { stream?: true } => (stream ? { stream } : {})

/** What is long stands at the beginning of a conversation: requests grow, and answers do not. */
const saidBefore = (text: string | undefined): readonly object[] =>
  text === undefined
    ? []
    : [
        { role: 'user', content: text },
        { role: 'assistant', content: 'I have read it.' },
      ]

const chatBody = ({ model, stream, text }: Ask): object => ({
  model,
  messages: [...saidBefore(text), { role: 'user', content: TEXT }],
  ...streaming(stream),
})
const chatEnd = (stream: boolean): string => (stream ? '[DONE]' : '"usage"')
const responsesBody = ({ model, stream, text = TEXT }: Ask): object => ({
  model,
  input: text,
  ...streaming(stream),
})
const responsesEnd = (stream: boolean): string => (stream ? 'response.completed' : '"usage"')
const messagesBody = (ask: Ask): object => ({ ...chatBody(ask), max_tokens: 1024 })
const messagesEnd = (stream: boolean): string => (stream ? 'message_stop' : '"usage"')

/** Keyway's universal surfaces. */
export const universal = {
  chat: (ask: Ask): Exchange => ({
    path: '/v1/chat/completions',
    body: chatBody(ask),
    end: chatEnd(ask.stream),
  }),
  responses: (ask: Ask): Exchange => ({
    path: '/v1/responses',
    body: responsesBody(ask),
    end: responsesEnd(ask.stream),
  }),
  messages: (ask: Ask): Exchange => ({
    path: '/v1/messages',
    body: messagesBody(ask),
    end: messagesEnd(ask.stream),
  }),
} as const

export type Surface = keyof typeof universal

/** The providers' own APIs, as the upstream has them. */
export const chat = (stream: boolean, text?: string): Exchange => ({
  path: '/openai/v1/chat/completions',
  body: chatBody({ model: 'gpt-4.1', stream, ...(text === undefined ? {} : { text }) }),
  end: chatEnd(stream),
})
export const mistralChat = (stream: boolean): Exchange => ({
  path: '/mistral/v1/chat/completions',
  body: chatBody({ model: 'mistral-large-4-0', stream }),
  end: chatEnd(stream),
})
export const responses = (stream: boolean): Exchange => ({
  path: '/openai/v1/responses',
  body: responsesBody({ model: 'gpt-5.3-codex', stream }),
  end: responsesEnd(stream),
})
export const claude = (stream: boolean): Exchange => ({
  path: '/anthropic/v1/messages',
  body: messagesBody({ model: 'claude-sonnet-5-5', stream }),
  end: messagesEnd(stream),
})
export const converse = (stream: boolean, text = TEXT): Exchange => ({
  path: `/bedrock/us-east-1/model/us.amazon.nova-pro-v1%3A0/converse${stream ? '-stream' : ''}`,
  body: { messages: [{ role: 'user', content: [{ text }] }] },
  end: stream ? '"usage"' : 'stopReason',
})
export const gemini = (stream: boolean): Exchange => ({
  path: `/google/global/v1/projects/${GOOGLE_PROJECT}/locations/global/publishers/google/models/gemini-3.8-flash:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: { contents: [{ role: 'user', parts: [{ text: TEXT }] }] },
  end: 'finishReason',
})

/** The same through Keyway's native surface: `behind` is what comes before the provider's own path at the upstream. */
export const native = (provider: string, behind: string, exchange: Exchange): Exchange => ({
  ...exchange,
  path: `/native/${provider}${exchange.path.slice(behind.length)}`,
})

/** The peer's one surface, by the provider that it is told to call. https://portkey.ai/docs/api-reference/inference-api/headers */
const peerAt = (
  upstreamPath: string,
  headers: Readonly<Record<string, string>>,
): ((ask: Ask) => PeerExchange) => {
  return (ask) => ({ ...universal.chat(ask), upstreamPath, headers })
}
const AUTHORIZATION = { authorization: 'Bearer bench' }
export const peer = {
  openai: peerAt('/openai/v1', { 'x-portkey-provider': 'openai', ...AUTHORIZATION }),
  anthropic: (ask: Ask): PeerExchange => ({
    ...peerAt('/anthropic/v1', { 'x-portkey-provider': 'anthropic', ...AUTHORIZATION })(ask),
    body: messagesBody(ask),
  }),
  bedrock: peerAt('/bedrock/us-east-1', {
    'x-portkey-provider': 'bedrock',
    'x-portkey-aws-access-key-id': 'AKIABENCH0000000000',
    'x-portkey-aws-secret-access-key': 'bench',
    'x-portkey-aws-region': 'us-east-1',
  }),
  /** With a token that is ready: its own exchange of a service account is not cached. */
  gemini: (ask: Ask): PeerExchange => ({
    ...peerAt('/google/global', {
      'x-portkey-provider': 'vertex-ai',
      'x-portkey-vertex-project-id': GOOGLE_PROJECT,
      'x-portkey-vertex-region': 'global',
      ...AUTHORIZATION,
    })(ask),
    // Its streams from there end without `[DONE]`.
    end: '"finish_reason":"',
  }),
} as const
