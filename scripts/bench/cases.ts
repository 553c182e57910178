/** What is measured, as data: each case is one request to Keyway and the one that it becomes, sent through a floor. */
export interface BenchCase {
  readonly name: string
  /** `proxy`: the bare proxy. `pump`: the bare proxy that touches every chunk. */
  readonly floor: 'proxy' | 'pump'
  /** `paced`: events 5 ms apart. `burst`: everything at once; also what is not streamed. */
  readonly upstream: 'paced' | 'burst'
  readonly keyway: Exchange
  readonly native: Exchange
  /** Requests of one measurement, and how many at a time. */
  readonly count: number
  readonly concurrency: number
  /** A Keyway of its own: `cold` remembers nothing between requests, `many-keys` has 500 provider keys. */
  readonly variant?: 'warm' | 'cold' | 'many-keys'
  /** What the ratio should not exceed, for the table. */
  readonly target?: number
}

export interface Exchange {
  readonly path: string
  readonly body: object
  /** What the last of the answer holds when it is whole. */
  readonly end: string
}

const PROMPT = [{ role: 'user', content: 'Tell me about the edge' }]
const FILLER = (bytes: number): object[] => [{ role: 'user', content: 'a'.repeat(bytes) }]

const STREAMS = { count: 112, concurrency: 28 }
const BURSTS = { count: 400, concurrency: 16 }
const REQUESTS = { count: 2000, concurrency: 32 }

const chat = (stream: boolean, messages: object[] = PROMPT): Exchange => ({
  path: '/openai/v1/chat/completions',
  body: { model: 'gpt-4.1', messages, ...(stream ? { stream } : {}) },
  end: stream ? '[DONE]' : '"usage"',
})
const throughChat = (model: string, stream: boolean, messages: object[] = PROMPT): Exchange => ({
  path: '/v1/chat/completions',
  body: { model, messages, ...(stream ? { stream } : {}) },
  end: stream ? '[DONE]' : '"usage"',
})
const throughNative = (provider: string, { path, body, end }: Exchange): Exchange => ({
  path: `/native/${provider}${path.replace(/^\/[^/]+/, '')}`,
  body,
  end,
})

const CLAUDE: Exchange = {
  path: '/anthropic/v1/messages',
  body: { model: 'claude-sonnet-5-5', max_tokens: 1024, stream: true, messages: PROMPT },
  end: 'message_stop',
}
const converse = (stream: boolean, text: string): Exchange => ({
  path: `/bedrock/us-east-1/model/us.amazon.nova-pro-v1%3A0/converse${stream ? '-stream' : ''}`,
  body: { messages: [{ role: 'user', content: [{ text }] }] },
  end: stream ? '"usage"' : 'stopReason',
})
const gemini = (stream: boolean): Exchange => ({
  path: `/google/global/v1/projects/bench-project/locations/global/publishers/google/models/gemini-3.8-flash:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: { contents: [{ role: 'user', parts: [{ text: 'Tell me about the edge' }] }] },
  end: 'finishReason',
})

type Streamed = readonly [name: string, keyway: Exchange, native: Exchange, target: number]

const STREAMED: readonly Streamed[] = [
  ['chat-same-format-stream', throughChat('openai/gpt-4.1', true), chat(true), 1.1],
  ['chat-to-anthropic-stream', throughChat('anthropic/claude-sonnet-5-5', true), CLAUDE, 1.25],
  [
    'chat-to-bedrock-stream',
    throughChat('bedrock/us.amazon.nova-pro-v1:0', true),
    converse(true, 'Tell me about the edge'),
    1.25,
  ],
  [
    'chat-to-gemini-stream',
    throughChat('google_vertex_ai/gemini-3.8-flash', true),
    gemini(true),
    1.25,
  ],
]

const requests = (
  name: string,
  keyway: Exchange,
  native: Exchange,
  more: Partial<BenchCase> = {},
): BenchCase => ({
  name,
  floor: 'proxy',
  upstream: 'burst',
  keyway,
  native,
  ...REQUESTS,
  ...more,
})

export const CASES: readonly BenchCase[] = [
  requests('native-nonstream', throughNative('openai', chat(false)), chat(false), { target: 1.3 }),
  requests('native-stream', throughNative('openai', chat(true)), chat(true), {
    upstream: 'paced',
    ...STREAMS,
    target: 1.3,
  }),
  requests('native-stream-burst', throughNative('openai', chat(true)), chat(true), {
    ...BURSTS,
    target: 1.3,
  }),
  requests('chat-same-format-nonstream', throughChat('openai/gpt-4.1', false), chat(false), {
    target: 1.4,
  }),
  ...STREAMED.flatMap(([name, keyway, native, target]): BenchCase[] => [
    { name, floor: 'pump', upstream: 'paced', keyway, native, ...STREAMS, target },
    { name: `${name}-burst`, floor: 'pump', upstream: 'burst', keyway, native, ...BURSTS, target },
  ]),
  requests('chat-to-anthropic-nonstream', throughChat('anthropic/claude-sonnet-5-5', false), {
    ...CLAUDE,
    body: { ...CLAUDE.body, stream: false },
    end: '"usage"',
  }),
  requests(
    'sigv4-4kb',
    throughNative('bedrock', {
      ...converse(false, 'a'.repeat(4000)),
      path: converse(false, '').path.replace('/us-east-1', ''),
    }),
    converse(false, 'a'.repeat(4000)),
    { target: 2 },
  ),
  requests(
    'vertex-cached-token',
    throughNative('google_vertex_ai', {
      ...gemini(false),
      path: gemini(false).path.replace('/global/', '/'),
    }),
    gemini(false),
  ),
  ...(
    [
      ['1kb', 1024, 2000],
      ['100kb', 102_400, 500],
      ['1mb', 1_048_576, 100],
      ['10mb', 10_485_760, 12],
    ] as const
  ).flatMap(([size, bytes, count]) => {
    const limits = { count, concurrency: Math.min(16, count) }
    const body = chat(false, FILLER(bytes))
    return [
      requests(`native-body-${size}`, throughNative('openai', body), body, limits),
      requests(
        `chat-body-${size}`,
        throughChat('openai/gpt-4.1', false, FILLER(bytes)),
        body,
        limits,
      ),
    ]
  }),
  requests('chat-500-provider-keys', throughChat('openai/gpt-4.1', false), chat(false), {
    variant: 'many-keys',
  }),
  requests('chat-cold-cache', throughChat('openai/gpt-4.1', false), chat(false), {
    variant: 'cold',
  }),
]
