import { refuse } from '../provider.ts'
import type { MessageBody } from './anthropic-body.ts'

// Names of models by what they take; dates and hosts' prefixes and suffixes do not matter.
const CLASSIC = /claude-(3|(opus|sonnet|haiku)-4(-[0156])?(-\d{8})?([@-]|$|:))/
const TAKES_PREFILL = /claude-(3|(opus|sonnet|haiku)-4(-[0-5])?(-\d{8})?([@-]|$|:))/
const NEVER_FORCED = /claude-((fable|mythos)-5-[12]|(opus|sonnet)-5-5)/

/** Refuses what the API knows but this model, this version or this history does not allow. */
export function checkAnthropicRules(body: MessageBody, model: string, version: string): void {
  checkSampling(body, model, version)
  const forced = body.tool_choice?.type === 'any' || body.tool_choice?.type === 'tool'
  if (forced && NEVER_FORCED.test(model)) {
    refuse('bad-request', 'tool_choice: type "tool" and "any" are not supported for this model')
  }
  if (body.tool_choice && !body.tools?.length) {
    refuse('bad-request', 'tool_choice: Tool choice may only be specified while providing tools.')
  }
  const last = body.messages.at(-1)
  if (last?.role === 'assistant' && !TAKES_PREFILL.test(model)) {
    refuse(
      'bad-request',
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  checkThinking(body)
  checkToolResults(body)
}

function checkSampling(body: MessageBody, model: string, version: string): void {
  for (const field of ['temperature', 'top_p', 'top_k'] as const) {
    if (body[field] === undefined) continue
    if (version === '2026-10-21' || !CLASSIC.test(model)) {
      refuse('bad-request', `\`${field}\` is not supported for this model or API version.`)
    }
  }
}

function checkThinking({ thinking, max_tokens: maxTokens }: MessageBody): void {
  if (thinking?.type !== 'enabled') return
  const budget = thinking['budget_tokens']
  if (typeof budget !== 'number' || budget < 1024) {
    return refuse('bad-request', 'thinking.enabled.budget_tokens: Input should be at least 1024')
  }
  if (budget >= maxTokens) {
    refuse('bad-request', '`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
}

function checkToolResults({ messages }: MessageBody): void {
  let open: string[] = []
  for (const [index, { content }] of messages.entries()) {
    const blocks = typeof content === 'string' ? [] : content
    const results = blocks.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : []))
    const leading = blocks.findIndex((one) => one.type !== 'tool_result')
    const missing = open.filter((id) => !results.includes(id))
    if (missing.length > 0 || (open.length > 0 && leading !== -1 && leading < results.length)) {
      refuse(
        'bad-request',
        `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      )
    }
    const orphan = results.find((id) => !open.includes(id))
    if (orphan !== undefined) {
      refuse(
        'bad-request',
        `messages.${index}.content: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      )
    }
    open = blocks.flatMap((one) => (one.type === 'tool_use' ? [one.id] : []))
  }
  if (open.length > 0) {
    refuse('bad-request', `messages: \`tool_use\` ids without \`tool_result\`: ${open.join(', ')}`)
  }
}
