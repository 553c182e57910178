import type { ChatRequest, Tool, ToolChoice } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import {
  defined,
  needObject,
  needWord,
  readBoolean,
  readObject,
  readObjects,
  readString,
} from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { needName, refuseNative } from './decode-blocks.ts'
import { decodeCache } from './decode-cache.ts'

type ToolWishes = Pick<ChatRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>

/**
 * Tools and their choice. Tools that Anthropic defined (`web_search_20260318`, `bash_20250124`) are noted and left out:
 * only its models know them. A choice without tools has nothing to choose from and is left out too.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview
 */
export function decodeTools(body: JsonObject, notes: UntranslatedNotes): ToolWishes {
  const list = readObjects(body, 'tools') ?? []
  const tools: Tool[] = []
  for (const [index, tool] of list.entries()) {
    const path = `tools.${index}.`
    if ((readString(tool, 'type', path) ?? 'custom') !== 'custom') refuseNative(tool, path, notes)
    else tools.push(decodeTool(tool, path, notes))
  }
  const choice = readObject(body, 'tool_choice')
  if (choice === undefined) return { tools }
  const isAlone = readBoolean(choice, 'disable_parallel_tool_use', 'tool_choice.') === true
  const toolChoice = decodeToolChoice(choice)
  if (!isPossible(toolChoice, tools)) {
    if (toolChoice.kind === 'tool' && list.length > 0 && !isPossible(toolChoice, list)) {
      throw invalidRequest('tool_choice.name must be the name of a tool.', 'tool_choice.name')
    }
    if (toolChoice.kind !== 'auto' && toolChoice.kind !== 'none') notes.changed('tool_choice')
    return { tools }
  }
  return defined({ tools, toolChoice, parallelToolCalls: isAlone ? false : undefined })
}

function decodeTool(tool: JsonObject, path: string, notes: UntranslatedNotes): Tool {
  notes.others(tool, TOOL_MEMBERS, 'tools')
  return defined({
    name: needName(tool, 'name', path),
    description: readString(tool, 'description', path),
    parameters: needObject(tool, 'input_schema', path),
    strict: readBoolean(tool, 'strict', path),
    cache: decodeCache(tool, path),
  })
}

const TOOL_MEMBERS = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'strict',
  'cache_control',
])

function decodeToolChoice(choice: JsonObject): ToolChoice {
  const type = needWord(choice, 'type', ['auto', 'any', 'tool', 'none'], 'tool_choice.')
  switch (type) {
    case 'auto':
    case 'none':
      return { kind: type }
    case 'any':
      return { kind: 'required' }
    case 'tool':
      return { kind: 'tool', name: needName(choice, 'name', 'tool_choice.') }
    default:
      return type satisfies never
  }
}

/** Whether what is chosen is among the tools. */
function isPossible(choice: ToolChoice, tools: readonly { readonly name?: unknown }[]): boolean {
  return choice.kind === 'tool' ? tools.some(({ name }) => name === choice.name) : tools.length > 0
}
