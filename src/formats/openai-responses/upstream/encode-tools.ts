import type { ChatRequest, Tool, ToolChoice } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import { asFunctionTool } from '../../../core/freeform.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { plainName } from '../../../core/plain-name.ts'
import { defined } from '../../../core/read.ts'
import { strictnessOf } from '../../../core/strict-schema.ts'
import type { EncodeTarget } from '../../../core/translation.ts'
import type { ResponsesProfile } from '../profile.ts'

/** Longer names of tools are refused. */
export const MAX_NAME_LENGTH = 64

/** The names of the tools that take text, where the model has such tools. */
export function freeformNames(
  { tools }: ChatRequest,
  { hasCustomTools }: ResponsesProfile,
): ReadonlySet<string> {
  const freeform = hasCustomTools ? tools.filter(({ isFreeform }) => isFreeform === true) : []
  return new Set(freeform.map(({ name }) => name))
}

/**
 * The tools and which of them are to be called. Without tools there is nothing to choose.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools
 */
export function encodeTools(
  request: ChatRequest,
  freeform: ReadonlySet<string>,
  { profile, compat }: Pick<EncodeTarget<ResponsesProfile>, 'profile' | 'compat'>,
): JsonObject {
  const { toolChoice } = request
  const filter = toolChoice?.kind === 'allowed' && !profile.hasAllowedTools ? toolChoice : undefined
  const tools =
    filter === undefined
      ? request.tools
      : request.tools.filter(({ name }) => filter.names.includes(name))
  if (tools.length === 0) return {}
  const isSerial = request.parallelToolCalls === false && profile.hasParallelFlag
  return defined({
    tools: tools.map((tool) => encodeTool(tool, freeform.has(tool.name), compat)),
    tool_choice: filter?.mode ?? (toolChoice && encodeToolChoice(toolChoice, freeform)),
    parallel_tool_calls: isSerial ? false : undefined,
  })
}

/** `strict` is always said: left out, it means that the schema may be changed. */
function encodeTool(given: Tool, isCustom: boolean, compat: Compat): JsonObject {
  const name = plainName(given.name, MAX_NAME_LENGTH)
  if (isCustom) {
    const { description, grammar } = given
    const format = grammar && { type: 'grammar', ...grammar }
    return defined({ type: 'custom', name, description, format })
  }
  const tool = asFunctionTool(given, compat)
  const { description, parameters } = tool
  const schema = parameters ?? { type: 'object', properties: {} }
  const strict = strictnessOf(tool, compat) ?? false
  return defined({ type: 'function', name, description, parameters: schema, strict })
}

function encodeToolChoice(choice: ToolChoice, freeform: ReadonlySet<string>): unknown {
  const named = (name: string): JsonObject => ({
    type: freeform.has(name) ? 'custom' : 'function',
    name: plainName(name, MAX_NAME_LENGTH),
  })
  switch (choice.kind) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind
    case 'tool':
      return named(choice.name)
    case 'allowed':
      return { type: 'allowed_tools', mode: choice.mode, tools: choice.names.map(named) }
    default:
      return choice satisfies never
  }
}
