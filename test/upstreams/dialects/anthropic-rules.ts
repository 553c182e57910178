import { refuse } from '../provider.ts'
import type { MessageBody } from './anthropic-body.ts'
import { checkCacheMarks } from './anthropic-cache.ts'
import { checkHistory, checkSystemMessages, checkThinkingBlocks } from './anthropic-history.ts'
import { claudeFamilyOf, type ClaudeFamily } from './claude-families.ts'
import { checkClaudeSchema } from './claude-schema.ts'

/** Where and how a message request came. */
export interface ClaudeCall {
  model: string
  /** Anthropic's version, or its host's. */
  version: string
  betas?: readonly string[] | undefined
  /** Another company's host: it fetches nothing, keeps no files, and caches for nobody else. */
  isHosted?: boolean
}

const bad = (message: string) => refuse('bad-request', message)

/** Refuses what the API knows but this model, this version, this host or this history does not allow. */
export function checkAnthropicRules(body: MessageBody, call: ClaudeCall): void {
  const family = claudeFamilyOf(call.model)
  checkSampling(body, family, call)
  checkTools(body, family)
  checkThinking(body, family)
  checkOutput(body, family, call)
  checkPrefill(body, family)
  checkSystemMessages(body, { allowed: family.midSystem, betas: call.betas ?? [] })
  checkHistory(body, call)
  checkThinkingBlocks(body, family)
  checkCacheMarks(body, call.isHosted === true)
}

/** The same where tokens are counted, of an answer that nothing limits but the model. */
export function checkAnthropicCount(body: Omit<MessageBody, 'max_tokens'>, call: ClaudeCall): void {
  checkAnthropicRules({ ...body, max_tokens: claudeFamilyOf(call.model).maxOutput }, call)
}

function checkSampling(body: MessageBody, family: ClaudeFamily, { version }: ClaudeCall): void {
  const isManual = body.thinking?.type === 'enabled'
  for (const field of ['temperature', 'top_p', 'top_k'] as const) {
    const value = body[field]
    if (value === undefined) continue
    if (version === '2026-10-21' || !family.sampling) {
      bad(`\`${field}\` is not supported for this model or API version.`)
    }
    const fits = field === 'temperature' ? value === 1 : field === 'top_p' && value >= 0.95
    if (isManual && !fits) bad(`\`${field}\` may not be set to ${value} when thinking is enabled.`)
  }
  if (family.structured && body.temperature !== undefined && body.top_p !== undefined) {
    bad('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  }
}

function checkTools(
  { tools = [], tool_choice: choice, thinking }: MessageBody,
  family: ClaudeFamily,
): void {
  const names = tools.map(({ name }) => name)
  if (new Set(names).size < names.length) bad('tools: Tool names must be unique.')
  for (const [index, tool] of tools.entries()) {
    if (tool.strict === true) checkClaudeSchema(tool.input_schema, `tools.${index}.custom`)
  }
  if (!choice) return
  if (tools.length === 0) {
    bad('tool_choice: Tool choice may only be specified while providing tools.')
  }
  if (choice.type === 'tool' && !names.includes(choice.name)) {
    bad(`tool_choice.tool.name: Tool '${choice.name}' not found in provided tools`)
  }
  if (choice.type !== 'any' && choice.type !== 'tool') return
  if (!family.forced) bad('tool_choice: type "tool" and "any" are not supported for this model')
  if (thinking?.type === 'enabled') {
    bad('Thinking may not be enabled when tool_choice forces tool use.')
  }
}

function checkThinking(body: MessageBody, family: ClaudeFamily): void {
  const { thinking, max_tokens: maxTokens, output_config: config } = body
  if (thinking === undefined) return
  const { type } = thinking
  if (!family.thinking.includes(type)) {
    bad(
      type === 'enabled'
        ? '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        : `${type} thinking is not supported on this model`,
    )
  }
  if (type === 'disabled' && family.disabledWith && typeof config?.effort === 'string') {
    if (!family.disabledWith.includes(config.effort)) {
      bad(`thinking: disabled is not supported with effort ${config.effort} on this model`)
    }
  }
  if (type !== 'enabled') return
  const budget = thinking['budget_tokens']
  if (typeof budget !== 'number' || budget < 1024) {
    return bad('thinking.enabled.budget_tokens: Input should be at least 1024')
  }
  if (budget >= maxTokens) bad('`max_tokens` must be greater than `thinking.budget_tokens`.')
}

function checkOutput(body: MessageBody, family: ClaudeFamily, { model }: ClaudeCall): void {
  const { effort, format } = body.output_config ?? {}
  if (typeof effort === 'string' && !family.efforts.includes(effort)) {
    bad(
      family.efforts.length === 0
        ? 'This model does not support the effort parameter.'
        : `This model does not support effort level '${effort}'. Supported levels: ${family.efforts.join(', ')}.`,
    )
  }
  if (format && !family.structured) bad(`'${model}' does not support output format.`)
  if (format) checkClaudeSchema(format.schema, 'output_config.format.schema')
  if (body.max_tokens > family.maxOutput) {
    bad(
      `max_tokens: ${body.max_tokens} > ${family.maxOutput}, which is the maximum allowed number of output tokens for ${model}`,
    )
  }
}

function checkPrefill({ messages, thinking }: MessageBody, family: ClaudeFamily): void {
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return
  if (!family.prefill || thinking?.type === 'enabled') {
    bad(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  const end = typeof last.content === 'string' ? last.content : last.content.at(-1)
  const said = typeof end === 'object' && end.type === 'text' ? end.text : end
  if (typeof said === 'string' && /\s$/.test(said)) {
    bad('messages: final assistant content cannot end with trailing whitespace')
  }
}
