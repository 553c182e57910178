import type { ChatRequest, Tool } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { calledNames, MAX_TOOL_NAME } from './calls.ts'
import { allowsCalls } from './forced-call.ts'
import type { OutputPlan } from './output-plan.ts'
import type { ConverseProfile } from './profile.ts'

/** Which tools are declared, and what is said about their use. */
export interface ToolPlan {
  readonly tools: readonly Tool[]
  /** Converse's own `toolChoice`; the model decides where it is left out. */
  readonly choice?: JsonObject
  /** Claude's own `tool_choice`, which may not stand beside Converse's. */
  readonly claudeChoice?: JsonObject
  /** No tools are declared, so earlier calls and results are told in words. */
  readonly flattensCalls: boolean
}

interface PlanTarget {
  readonly profile: Pick<ConverseProfile, 'tools'>
  readonly compat: Compat
}

const DECIDES = 'the model decides for itself whether it calls a tool.'

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html */
export function planTools(request: ChatRequest, output: OutputPlan, target: PlanTarget): ToolPlan {
  const { profile, compat } = target
  if (!profile.tools.isSupported) {
    if (allowsCalls(request)) compat.refused('tools', 'the model calls no tools.')
    return { tools: [], flattensCalls: true }
  }
  const offered = offeredTools(request)
  const plan = allowsCalls(request)
    ? planCalls(request, offered, output, target)
    : planWithoutCalls(request, offered, output, target)
  return request.parallelToolCalls === false && allowsCalls(request)
    ? withOneCall(plan, target)
    : plan
}

/** The caller's tools, less those that an answer may not call where it may call others. */
function offeredTools(request: ChatRequest): readonly Tool[] {
  const { tools, toolChoice } = request
  if (!allowsCalls(request)) return tools
  if (toolChoice?.kind !== 'tool' && toolChoice?.kind !== 'allowed') return tools
  const names = toolChoice.kind === 'tool' ? [toolChoice.name] : toolChoice.names
  const chosen = tools.filter(({ name }) => names.includes(name))
  if (chosen.length === 0) {
    throw invalidRequest('tool_choice names a tool that is not among the tools.', 'tool_choice')
  }
  return toolChoice.kind === 'allowed' ? chosen : tools
}

function planCalls(
  { toolChoice }: ChatRequest,
  offered: readonly Tool[],
  output: OutputPlan,
  { profile, compat }: PlanTarget,
): ToolPlan {
  const plan = { tools: offered, flattensCalls: false }
  if (output.kind === 'tool')
    return { ...plan, tools: [...offered, output.tool], choice: { any: {} } }
  const { forced } = profile.tools
  const mode = toolChoice?.kind === 'allowed' ? toolChoice.mode : toolChoice?.kind
  if (mode === undefined || mode === 'auto' || mode === 'none') return plan
  if (toolChoice?.kind === 'tool') {
    const { name } = toolChoice
    if (forced.includes('tool')) return { ...plan, choice: choiceOf(name) }
    // To have to call any of one tool is the same.
    const only = offered.filter((tool) => tool.name === name)
    if (forced.includes('any')) return { ...plan, tools: only, choice: { any: {} } }
  } else if (forced.includes('any')) return { ...plan, choice: { any: {} } }
  compat.refused('tool_choice', DECIDES)
  return plan
}

/**
 * Tools that may not be called. Converse cannot say so: Claude can be told in its own words; for others the tools are left
 * out and earlier calls told in words, or, where the caller has no tools any more, those of the history declared.
 */
function planWithoutCalls(
  { messages }: ChatRequest,
  offered: readonly Tool[],
  output: OutputPlan,
  { profile }: PlanTarget,
): ToolPlan {
  const { forced, hasClaudeChoice } = profile.tools
  const known = offered.length > 0 ? offered : calledNames(messages).map(openTool)
  if (output.kind === 'tool') {
    const { tool } = output
    return forced.includes('tool')
      ? { tools: [...known, tool], choice: choiceOf(tool.name), flattensCalls: false }
      : { tools: [tool], choice: { any: {} }, flattensCalls: false }
  }
  if (known.length === 0) return { tools: [], flattensCalls: false }
  if (hasClaudeChoice) return { tools: known, claudeChoice: { type: 'none' }, flattensCalls: false }
  return offered.length > 0
    ? { tools: [], flattensCalls: true }
    : { tools: known, flattensCalls: false }
}

function openTool(name: string): Tool {
  return { name, parameters: { type: 'object', additionalProperties: true } }
}

function choiceOf(name: string): JsonObject {
  return { tool: { name: plainName(name, MAX_TOOL_NAME) } }
}

/** Only Claude can be held to one call at a time. */
function withOneCall(plan: ToolPlan, { profile, compat }: PlanTarget): ToolPlan {
  if (plan.tools.length === 0) return plan
  if (!profile.tools.hasClaudeChoice) {
    compat.changed('parallel_tool_calls')
    return plan
  }
  const { choice = {}, ...rest } = plan
  const [type = 'auto'] = Object.keys(choice)
  const named = choice['tool']
  const name = typeof named === 'object' && named !== null ? named : {}
  return { ...rest, claudeChoice: { type, ...name, disable_parallel_tool_use: true } }
}
