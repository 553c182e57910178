import type { ChatRequest, Tool } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { asFunctionTool } from '../../../core/freeform.ts'
import type { JsonObject } from '../../../core/parse.ts'
import type { ClaudeProfile } from '../profile.ts'
import { cacheMembers } from './cache-marks.ts'
import { forcesCall, type OutputPlan } from './encode-output-format.ts'
import { plainSchema } from './plain-schema.ts'
import { calledTools, claudeToolName } from './tool-names.ts'
import type { Block } from './turns.ts'

export interface EncodedTools {
  readonly tools: readonly Block[]
  readonly choice?: Block
  /** Whether the answer has to be a tool call. */
  readonly isForced: boolean
}

export interface ToolsTarget {
  readonly profile: ClaudeProfile
  readonly compat: Compat
  /** How the form of the answer is asked for: it can take a tool. */
  readonly plan: OutputPlan
}

/** The tools of a request, and what it says about their use. */
export function encodeTools(request: ChatRequest, target: ToolsTarget): EncodedTools {
  const { plan } = target
  const offered = offeredTools(request)
  const tools = offered.map((tool) => encodeTool(tool, target))
  const isHistoryOnly = tools.length === 0
  if (isHistoryOnly) {
    if (forcesCall(request)) target.compat.changed('tool_choice')
    tools.push(...toolsOfHistory(request))
  }
  if (plan.kind === 'tool') tools.push(plan.tool)
  if (tools.length === 0) return { tools, isForced: false }
  const wished = isHistoryOnly ? { type: 'none' } : choiceOf(request, target)
  const choice = plan.kind === 'tool' ? choiceForAnswer(plan, wished?.['type'] === 'none') : wished
  const isForced = choice?.['type'] === 'any' || choice?.['type'] === 'tool'
  return { tools, isForced, ...withParallelism(choice, request) }
}

function offeredTools({ tools, toolChoice }: ChatRequest): readonly Tool[] {
  const names = new Set(tools.map(({ name }) => name))
  if (toolChoice?.kind === 'tool' && tools.length > 0 && !names.has(toolChoice.name)) {
    throw invalidRequest('tool_choice names a tool that is not among the tools.', 'tool_choice')
  }
  if (toolChoice?.kind !== 'allowed') return tools
  const allowed = tools.filter(({ name }) => toolChoice.names.includes(name))
  if (allowed.length > 0 || tools.length === 0) return allowed
  throw invalidRequest('tool_choice allows none of the tools.', 'tool_choice')
}

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} }

function encodeTool(tool: Tool, { profile, compat }: ToolsTarget): Block {
  const { name, description, parameters, strict = false, cache } = asFunctionTool(tool, compat)
  const schema = schemaOf(parameters)
  // A schema that strictness cannot hold is kept as it is, and strictness is not.
  const canBeStrict = profile.hasStrictTools && (!strict || plainSchema(schema).isExact)
  if (strict && !canBeStrict) compat.changed('strict')
  return {
    name: claudeToolName(name),
    ...(description === undefined || description === '' ? {} : { description }),
    input_schema: schema,
    ...(strict && canBeStrict ? { strict: true } : {}),
    ...cacheMembers(cache),
  }
}

function schemaOf(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return NO_PARAMETERS
  return 'type' in parameters ? parameters : { type: 'object', ...parameters }
}

/** Tools that were called before and are not offered any more: a history with calls in it needs them declared. */
function toolsOfHistory({ messages }: ChatRequest): Block[] {
  return [...calledTools(messages)].map((name) => ({
    name,
    input_schema: { type: 'object', additionalProperties: true },
  }))
}

function choiceForAnswer(plan: Extract<OutputPlan, { kind: 'tool' }>, isOnlyTool: boolean): Block {
  if (!plan.isForced) return { type: 'auto' }
  return isOnlyTool
    ? { type: 'tool', name: plan.name, disable_parallel_tool_use: true }
    : { type: 'any' }
}

function choiceOf(
  { toolChoice }: ChatRequest,
  { profile, compat }: ToolsTarget,
): Block | undefined {
  if (toolChoice === undefined) return undefined
  const mode = toolChoice.kind === 'allowed' ? toolChoice.mode : toolChoice.kind
  if (mode === 'auto' || mode === 'none') return { type: mode }
  if (!profile.canForceTools) {
    compat.refused('tool_choice', 'this model decides for itself whether it calls a tool.')
    return { type: 'auto' }
  }
  return toolChoice.kind === 'tool'
    ? { type: 'tool', name: claudeToolName(toolChoice.name) }
    : { type: 'any' }
}

function withParallelism(
  choice: Block | undefined,
  { parallelToolCalls = true }: ChatRequest,
): { readonly choice?: Block } {
  if (parallelToolCalls || choice?.['type'] === 'none')
    return choice === undefined ? {} : { choice }
  return { choice: { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true } }
}
