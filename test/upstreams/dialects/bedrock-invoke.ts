import { z } from 'zod'
import { refuse, type Answer } from '../provider.ts'
import { randomText } from '../random.ts'
import { text } from '../read-json.ts'
import type { Reply } from '../reply.ts'
import { messageMembers } from './anthropic-body.ts'
import { anthropicEvents, anthropicMessage, type AnthropicEvent } from './anthropic-messages.ts'
import { eventFrame, eventStreamAnswer } from './aws-event-stream.ts'
import { jsonAnswer, type Headers } from './sse.ts'

const VERSION = z.enum(['bedrock-2023-05-31', '2026-10-21'])

/** A message as Bedrock takes it for Claude: the model is in the path, streaming is in the path. */
export const invokeClaudeBody = z.strictObject({
  ...messageMembers,
  anthropic_version: VERSION,
  anthropic_beta: z.array(text).optional(),
})

const KNOWN_BETAS = new Set([
  'computer-use-2024-10-22',
  'computer-use-2025-01-24',
  'context-1m-2025-08-07',
  'context-management-2025-06-27',
  'dev-full-thinking-2025-05-14',
  'effort-2025-11-24',
  'fine-grained-tool-streaming-2025-05-14',
  'interleaved-thinking-2025-05-14',
  'model-context-window-exceeded-2025-08-26',
  'output-128k-2025-02-19',
  'pdfs-2024-09-25',
  'search-results-2025-06-09',
  'token-counting-2024-11-01',
  'token-efficient-tools-2025-02-19',
  'tool-examples-2025-10-29',
  'tool-search-tool-2025-10-19',
  'web-search-2025-03-05',
])

/** Refuses betas that are not offered here: one of them fails the whole request. */
export function checkBetas(betas: readonly string[] | undefined): void {
  for (const beta of betas ?? []) {
    if (!KNOWN_BETAS.has(beta)) refuse('bad-request', 'invalid beta flag')
  }
}

/** What Titan takes to embed one text. */
export const titanBody = z.strictObject({
  inputText: text,
  dimensions: z.union([z.literal(256), z.literal(512), z.literal(1024)]).optional(),
  normalize: z.boolean().optional(),
  embeddingTypes: z.array(z.enum(['float', 'binary'])).optional(),
})

/** Claude's answer through InvokeModel: Anthropic's own, in AWS's framing when it streams. */
export function invokeAnswer(
  reply: Reply,
  model: string,
  { stream, headers }: { stream: boolean; headers: Headers },
): Answer {
  const naming = { model: model.replace(/^.*anthropic\./, ''), idPrefix: 'msg_bdrk_01' }
  if (!stream) return jsonAnswer(200, anthropicMessage(reply, naming), headers)
  const events = anthropicEvents(reply, naming).map((event) =>
    event.type === 'message_stop' ? { ...event, ...metricsOf(reply) } : event,
  )
  return eventStreamAnswer(events.map(chunk), {
    ...headers,
    'x-amzn-bedrock-content-type': 'application/json',
  })
}

function metricsOf({ usage }: Reply) {
  return {
    'amazon-bedrock-invocationMetrics': {
      inputTokenCount: usage.input - usage.cached,
      outputTokenCount: usage.output + usage.reasoning,
      invocationLatency: 42,
      firstByteLatency: 21,
      cacheReadInputTokenCount: usage.cached,
      cacheWriteInputTokenCount: 0,
    },
  }
}

const chunk = (event: AnthropicEvent) =>
  eventFrame(
    'chunk',
    {
      bytes: Buffer.from(JSON.stringify(event)).toString('base64'),
      p: randomText(1 + Math.floor(Math.random() * 30)),
    },
    event.type === 'content_block_delta',
  )
