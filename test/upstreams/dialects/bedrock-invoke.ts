import { z } from 'zod'
import { refuse, type Answer } from '../provider.ts'
import { randomText } from '../random.ts'
import { text } from '../read-json.ts'
import type { Reply } from '../reply.ts'
import { type MessageBody, messageMembers } from './anthropic-body.ts'
import {
  anthropicEvents,
  anthropicMessage,
  type AnthropicEvent,
  type MessageNaming,
} from './anthropic-messages.ts'
import { isOwnNote } from './anthropic-note.ts'
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

/** Refuses what Anthropic's own API takes for a note to itself. https://github.com/anthropics/claude-code/issues/24168 */
export function checkReservedWords(system: MessageBody['system']): void {
  const texts = typeof system === 'string' ? [system] : (system ?? []).map((block) => block.text)
  if (!texts.some(isOwnNote)) return
  refuse(
    'bad-request',
    'x-anthropic-billing-header is a reserved keyword and may not be used in the system prompt.',
  )
}

/** What Titan takes to embed one text. */
export const titanBody = z.strictObject({
  inputText: text,
  dimensions: z.union([z.literal(256), z.literal(512), z.literal(1024)]).optional(),
  normalize: z.boolean().optional(),
  embeddingTypes: z.array(z.enum(['float', 'binary'])).optional(),
})

/** What Cohere's models take to embed up to 96 texts; for what they are meant must be said. */
export const cohereBody = z.strictObject({
  texts: z.array(z.string().min(1).max(2048)).min(1).max(96),
  input_type: z.enum(['search_document', 'search_query', 'classification', 'clustering', 'image']),
  truncate: z.enum(['NONE', 'START', 'END', 'LEFT', 'RIGHT']).optional(),
  embedding_types: z
    .array(z.enum(['float', 'int8', 'uint8', 'binary', 'ubinary']))
    .min(1)
    .optional(),
  output_dimension: z
    .union([z.literal(256), z.literal(512), z.literal(1024), z.literal(1536)])
    .optional(),
  max_tokens: z.int().optional(),
})

/** Claude's answer through InvokeModel: Anthropic's own, in AWS's framing when it streams. */
export function invokeAnswer(
  reply: Reply,
  naming: MessageNaming,
  { stream, headers }: { stream: boolean; headers: Headers },
): Answer {
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
      inputTokenCount: usage.input - usage.cached - usage.written,
      outputTokenCount: usage.output + usage.reasoning,
      invocationLatency: 42,
      firstByteLatency: 21,
      cacheReadInputTokenCount: usage.cached,
      cacheWriteInputTokenCount: usage.written,
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
