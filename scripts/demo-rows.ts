import type { ProviderName } from '../test/upstreams/stand-ins.ts'

/** One streaming request of the demo. */
export interface DemoRow {
  readonly provider: ProviderName
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: object
  /** The text that one event's data adds to the answer. */
  readonly textOf: (event: never) => string | undefined
  /** Whether the data of the last event is a good end. */
  readonly isEnd: (data: string) => boolean
}

export const DEMO_PROMPT = 'Say hello from the edge'

interface ChatChunk {
  readonly choices: readonly { readonly delta?: { readonly content?: unknown } }[]
}
interface ClaudeEvent {
  readonly delta?: { readonly text?: string }
}
interface GeminiChunk {
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly { readonly text?: string; thought?: boolean }[] }
  }[]
}

const messages = [{ role: 'user', content: DEMO_PROMPT }]

const chat = (provider: ProviderName, model: string): DemoRow => ({
  provider,
  path: '/v1/chat/completions',
  body: { model: `${provider}/${model}`, stream: true, messages },
  textOf: ({ choices }: ChatChunk) => {
    const content = choices[0]?.delta?.content
    return typeof content === 'string' ? content : undefined
  },
  isEnd: (data) => data === '[DONE]',
})

const claude = (provider: ProviderName, model: string): DemoRow => ({
  provider,
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: { model: `${provider}/${model}`, max_tokens: 256, stream: true, messages },
  textOf: ({ delta }: ClaudeEvent) => delta?.text,
  isEnd: (data) => data.includes('"message_stop"'),
})

/** Every provider once, and Vertex AI twice: its own protocol and Claude's. */
export const demoRows: readonly DemoRow[] = [
  claude('anthropic', 'claude-sonnet-5-5'),
  chat('openai', 'gpt-5.5'),
  {
    provider: 'google_vertex_ai',
    path: '/native/google_vertex_ai/v1/publishers/google/models/gemini-3.8-flash:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: DEMO_PROMPT }] }] },
    textOf: ({ candidates }: GeminiChunk) =>
      candidates?.[0]?.content?.parts?.map((part) => (part.thought ? '' : part.text)).join(''),
    isEnd: (data) => data.includes('"finishReason"'),
  },
  claude('google_vertex_ai', 'claude-sonnet-5-5'),
  chat('mistral', 'mistral-large-4-0'),
  chat('deepseek', 'deepseek-v4-pro'),
  chat('xai', 'grok-4.7'),
  chat('zai', 'glm-5.3'),
  claude('bedrock', 'us.anthropic.claude-sonnet-4-6'),
  chat('azure', 'gpt-5.5'),
]
