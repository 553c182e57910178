import { z } from 'zod'
import { refuse } from '../provider.ts'
import { text } from '../read-json.ts'
import type { ClaudeBlock, MessageBody } from './anthropic-body.ts'

/** A conversation that Anthropic keeps, so that only what is new in it has to be sent. */
export const thread = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('create') }),
    z.strictObject({ type: z.literal('continue'), previous_message_id: text }),
  ])
  .nullable()
  .optional()

type Kept = Pick<MessageBody, 'system' | 'tools' | 'messages'>
type Asked = MessageBody & { thread?: z.infer<typeof thread> }

const BETA = 'message-threads-2026-08-12'

/** Conversations by the id of the last message in them. Ids are random: no two stand-ins share one. */
const kept = new Map<string, Kept>()

/** The whole conversation that a request is about. */
export function withThread<Body extends Asked>(body: Body, betas: readonly string[] = []): Body {
  const { thread: asked } = body
  if (!asked) return body
  if (!betas.includes(BETA)) refuse('bad-request', 'thread: Extra inputs are not permitted')
  if (asked.type === 'create') return body
  for (const field of ['system', 'tools'] as const) {
    if (body[field] !== undefined) {
      refuse('bad-request', `${field}: cannot be set when a thread is continued`)
    }
  }
  const before = kept.get(asked.previous_message_id)
  if (!before) {
    return refuse('not-found', 'The thread was not found.', {
      details: { error_code: 'thread_not_found' },
    })
  }
  return { ...body, ...before, messages: [...before.messages, ...body.messages] }
}

/** Keeps a conversation with its answer, where it is a thread. */
export function keepThread(body: Asked, id: string, content: readonly object[]): void {
  if (!body.thread) return
  const answer = { role: 'assistant' as const, content: content as ClaudeBlock[] }
  kept.set(id, {
    system: body.system,
    tools: body.tools,
    messages: [...body.messages, answer as MessageBody['messages'][number]],
  })
}
