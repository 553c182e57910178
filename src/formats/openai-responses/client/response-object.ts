import type { Finish, Usage } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { openAiServiceTier } from '../../../core/service-tier.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import { incompleteReason } from '../finish.ts'
import { encodeUsage } from '../usage.ts'

/**
 * The Response object, in two halves: what changes while an answer comes, and what it repeats of its request.
 * https://platform.openai.com/docs/api-reference/responses/object
 */

/** What is known of an answer so far. */
export interface Progress {
  readonly model?: string | undefined
  /** Undefined while the answer still comes. */
  readonly finish?: Finish | undefined
  readonly usage?: Usage | undefined
  readonly serviceTier?: string | undefined
  /** The answer failed. */
  readonly error?: { readonly code: string; readonly message: string }
}

export function responseId({ requestId }: AnswerContext): string {
  return `resp_${requestId.replace(/^req_/, '')}`
}

export function responseProgress(context: AnswerContext, progress: Progress): JsonObject {
  const { finish, error = null } = progress
  const reason = finish === undefined ? undefined : incompleteReason(finish.reason)
  const ended = reason === undefined ? 'completed' : 'incomplete'
  return {
    id: responseId(context),
    object: 'response',
    created_at: context.createdSeconds,
    status: error !== null ? 'failed' : finish === undefined ? 'in_progress' : ended,
    // There is no clock here; callers have one.
    completed_at: null,
    error,
    incomplete_details: reason === undefined ? null : { reason },
    model: progress.model ?? context.model,
    service_tier:
      openAiServiceTier(progress.serviceTier) ?? (finish === undefined ? 'auto' : 'default'),
    usage: encodeUsage(progress.usage),
  }
}

/** What is said where the request says nothing, and which of its members an answer repeats. */
const DEFAULTS: JsonObject = {
  access_programs: null,
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  reasoning: { effort: null, summary: null },
  safety_identifier: null,
  store: false,
  temperature: 1,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
}

/** Objects of which the parts that a request leaves out are repeated too. */
const NESTED = ['reasoning', 'text'] as const

/** What is so for every answer of Keyway, whatever was asked: nothing is stored, or kept running. */
const OURS = new Set(['access_programs', 'background', 'previous_response_id', 'store'])

/** The members of a body that its answers repeat. */
export function echoOf(body: JsonObject): JsonObject {
  const names = Object.keys(DEFAULTS).filter((name) => !OURS.has(name))
  return Object.fromEntries(
    names.filter((name) => (body[name] ?? null) !== null).map((name) => [name, body[name]]),
  )
}

export function responseEcho({ request: { echo = {} } }: AnswerContext): JsonObject {
  const nested = NESTED.map((name) => [name, Object.assign({}, DEFAULTS[name], echo[name])])
  return { ...DEFAULTS, ...echo, ...Object.fromEntries(nested) }
}
