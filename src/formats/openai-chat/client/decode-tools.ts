import type { Grammar, Tool, ToolChoice } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { readGrammar } from '../../../core/freeform.ts'
import { type JsonObject } from '../../../core/parse.ts'
import {
  defined,
  needObject,
  needString,
  needWord,
  readBoolean,
  readObject,
  readObjects,
  readString,
  readWord,
} from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeCacheMark } from './decode-cache.ts'

/** https://platform.openai.com/docs/guides/function-calling */
export function decodeTools(body: JsonObject, notes: UntranslatedNotes): readonly Tool[] {
  const tools = readObjects(body, 'tools') ?? []
  return tools.map((tool, index) => decodeTool(tool, `tools.${index}.`, notes))
}

function decodeTool(tool: JsonObject, path: string, notes: UntranslatedNotes): Tool {
  const isCustom = readWord(tool, 'type', ['function', 'custom'], path) === 'custom'
  notes.others(tool, isCustom ? CUSTOM_TOOL_MEMBERS : FUNCTION_TOOL_MEMBERS, 'tools')
  const mark = decodeCacheMark(tool, path)
  if (isCustom) return defined({ ...decodeCustom(tool, path, notes), cache: mark })
  const definition = needObject(tool, 'function', path)
  const at = `${path}function.`
  notes.others(definition, FUNCTION_MEMBERS, 'tools')
  return defined({
    name: needName(definition, at),
    description: readString(definition, 'description', at),
    parameters: readObject(definition, 'parameters', at),
    strict: readBoolean(definition, 'strict', at),
    cache: mark ?? decodeCacheMark(definition, at),
  })
}

const FUNCTION_TOOL_MEMBERS = new Set(['type', 'function', 'cache_control'])
const FUNCTION_MEMBERS = new Set(['name', 'description', 'parameters', 'strict', 'cache_control'])
const CUSTOM_TOOL_MEMBERS = new Set(['type', 'custom', 'cache_control'])
const CUSTOM_MEMBERS = new Set(['name', 'description', 'format'])

function decodeCustom(tool: JsonObject, path: string, notes: UntranslatedNotes): Tool {
  const definition = needObject(tool, 'custom', path)
  const at = `${path}custom.`
  notes.others(definition, CUSTOM_MEMBERS, 'tools')
  return defined({
    name: needName(definition, at),
    description: readString(definition, 'description', at),
    isFreeform: true,
    grammar: decodeGrammar(definition, at),
  })
}

function decodeGrammar(definition: JsonObject, path: string): Grammar | undefined {
  const format = readObject(definition, 'format', path)
  if (format === undefined) return undefined
  const at = `${path}format.`
  if (needWord(format, 'type', ['text', 'grammar'], at) === 'text') return undefined
  return readGrammar(needObject(format, 'grammar', at), `${at}grammar.`)
}

function needName(owner: JsonObject, path: string): string {
  const name = needString(owner, 'name', path)
  if (name !== '') return name
  throw invalidRequest(`${path}name must not be empty.`, `${path}name`)
}

/** Which tools the model may or must call. Without tools there is nothing to choose from, and providers refuse a choice. */
export function decodeToolChoice(body: JsonObject, tools: readonly Tool[]): ToolChoice | undefined {
  const choice = body['tool_choice'] ?? undefined
  if (tools.length === 0 || choice === undefined) return undefined
  if (typeof choice === 'string') {
    return { kind: needWord(body, 'tool_choice', ['auto', 'none', 'required']) }
  }
  const object = needObject(body, 'tool_choice')
  const path = 'tool_choice.'
  const type = needWord(object, 'type', ['function', 'custom', 'allowed_tools'], path)
  if (type !== 'allowed_tools') return { kind: 'tool', name: nameOfChosen(object, path, tools) }
  const allowed = needObject(object, type, path)
  const at = `${path}allowed_tools.`
  const list = readObjects(allowed, 'tools', at) ?? []
  if (list.length === 0) throw invalidRequest(`${at}tools must not be empty.`, `${at}tools`)
  return {
    kind: 'allowed',
    mode: needWord(allowed, 'mode', ['auto', 'required'], at),
    names: list.map((tool, index) => nameOfChosen(tool, `${at}tools.${index}.`, tools)),
  }
}

function nameOfChosen(choice: JsonObject, path: string, tools: readonly Tool[]): string {
  const type = needWord(choice, 'type', ['function', 'custom'], path)
  const at = `${path}${type}.`
  const name = needString(needObject(choice, type, path), 'name', at)
  if (tools.some((tool) => tool.name === name)) return name
  throw invalidRequest(`${at}name must be that of one of the tools.`, `${at}name`)
}
