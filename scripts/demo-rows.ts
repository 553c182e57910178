import type { ProviderName } from '../test/upstreams/stand-ins.ts'
import type { PrivateName } from './demo-private-models.ts'

export type UpstreamName = ProviderName | PrivateName

/** One streaming request of the demo. */
export interface DemoRow {
  readonly upstream: UpstreamName
  /** What is worth knowing of the way there, or of who asks. */
  readonly remark?: string
  readonly path: string
  /** Where the caller's key goes; a bearer token else. */
  readonly keyHeader?: string
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

/** A private model server has a usual model. */
const nameOf = (upstream: UpstreamName, model: string): string =>
  model === '' ? upstream : `${upstream}/${model}`

const chat = (upstream: UpstreamName, model = ''): DemoRow => ({
  upstream,
  path: '/v1/chat/completions',
  body: { model: nameOf(upstream, model), stream: true, messages },
  textOf: ({ choices }: ChatChunk) => {
    const content = choices[0]?.delta?.content
    return typeof content === 'string' ? content : undefined
  },
  isEnd: (data) => data === '[DONE]',
})

const claude = (upstream: UpstreamName, model = ''): DemoRow => ({
  upstream,
  path: '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01' },
  body: { model: nameOf(upstream, model), max_tokens: 256, stream: true, messages },
  textOf: ({ delta }: ClaudeEvent) => delta?.text,
  isEnd: (data) => data.includes('"message_stop"'),
})

/** Every provider once, and Vertex AI twice: its own protocol and Claude's. */
export const demoRows: readonly DemoRow[] = [
  claude('anthropic', 'claude-sonnet-5-5'),
  chat('openai', 'gpt-5.5'),
  {
    upstream: 'google_vertex_ai',
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

/** The organization's own servers, one of them as an Edge RAG cluster asks it that is configured with the whole URL. */
export const privateRows: readonly DemoRow[] = [
  { ...chat('byom/lab'), remark: 'through a connector' },
  { ...claude('byom/hosted'), remark: "Access's headers" },
  {
    ...chat('byom/lab'),
    path: '/openai/deployments/byom/lab/chat/completions?api-version=2024-10-21',
    keyHeader: 'api-key',
    remark: 'asked by Edge RAG',
  },
]
