import type { ChatRequest, Tool, ToolChoice } from '../../../core/chat.ts'
import { FREEFORM_PARAMETERS } from '../../../core/freeform.ts'
import type { JsonObject } from '../../../core/parse.ts'
import {
  defined,
  needString,
  needWord,
  readBoolean,
  readObject,
  readObjects,
  readString,
} from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { isCachedSearch } from '../cached-search.ts'
import { nameInNamespace } from '../tool-name.ts'

/**
 * Functions and custom tools, in namespaces or not. Tools that OpenAI runs itself or trained its models on
 * (`web_search`, `local_shell`) are noted and left out: no other model knows them. A search that looks nothing up is only a hint.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools
 */
export function decodeTools(
  body: JsonObject,
  notes: UntranslatedNotes,
): Pick<ChatRequest, 'tools' | 'toolChoice'> {
  const tools = toolsOf(body, '', undefined, notes)
  return defined({ tools, toolChoice: decodeToolChoice(body, notes) })
}

function toolsOf(
  owner: JsonObject,
  path: string,
  namespace: string | undefined,
  notes: UntranslatedNotes,
): readonly Tool[] {
  return (readObjects(owner, 'tools', path) ?? []).flatMap((tool, index): readonly Tool[] => {
    const place = `${path}tools.${index}.`
    const type = needString(tool, 'type', place)
    if (type === 'function' || type === 'custom') {
      notes.others(tool, TOOL_MEMBERS, 'tools')
      return [
        type === 'custom'
          ? decodeCustom(tool, place, namespace)
          : decodeFunction(tool, place, namespace),
      ]
    }
    if (type === 'namespace' && namespace === undefined) {
      return toolsOf(tool, place, needString(tool, 'name', place), notes)
    }
    // A model that must call a tool could mean this one.
    if (isCachedSearch(tool) && owner['tool_choice'] !== 'required') notes.changed(`${place}type`)
    else notes.refused(`${place}type`, OWN_TOOL)
    return []
  })
}

/** Tools that are to be looked for first (`defer_loading`) are simply there. */
const TOOL_MEMBERS = new Set([
  'type',
  'name',
  'description',
  'parameters',
  'strict',
  'format',
  'defer_loading',
])

const OWN_TOOL = "this is a tool of OpenAI's own, and Keyway runs none."

function decodeFunction(tool: JsonObject, path: string, namespace: string | undefined): Tool {
  return defined({
    ...nameOf(tool, path, namespace),
    description: readString(tool, 'description', path),
    parameters: readObject(tool, 'parameters', path),
    strict: readBoolean(tool, 'strict', path),
  })
}

/** A tool that takes text. Models elsewhere follow its grammar as well as they can, so the description tells it. */
function decodeCustom(tool: JsonObject, path: string, namespace: string | undefined): Tool {
  const description = readString(tool, 'description', path)
  const format = readObject(tool, 'format', path) ?? {}
  const grammar = readString(format, 'definition', `${path}format.`)
  const syntax = readString(format, 'syntax', `${path}format.`) ?? 'given'
  const rule =
    grammar === undefined
      ? undefined
      : `The input is plain text that follows this ${syntax} grammar:\n${grammar}`
  const told = [description, rule].filter((text) => text !== undefined)
  return {
    ...nameOf(tool, path, namespace),
    ...(told.length === 0 ? {} : { description: told.join('\n\n') }),
    parameters: FREEFORM_PARAMETERS,
    isFreeform: true,
  }
}

function nameOf(
  tool: JsonObject,
  path: string,
  namespace: string | undefined,
): Pick<Tool, 'name' | 'namespaced'> {
  const name = needString(tool, 'name', path)
  if (namespace === undefined) return { name }
  return { name: nameInNamespace(namespace, name), namespaced: { namespace, name } }
}

function decodeToolChoice(body: JsonObject, notes: UntranslatedNotes): ToolChoice | undefined {
  const { tool_choice: choice } = body
  if (typeof choice === 'string') {
    return { kind: needWord(body, 'tool_choice', ['auto', 'none', 'required']) }
  }
  const object = readObject(body, 'tool_choice')
  if (object === undefined) return undefined
  const path = 'tool_choice.'
  const type = needString(object, 'type', path)
  if (type === 'allowed_tools') return decodeAllowed(object, path, notes)
  if (type === 'function' || type === 'custom') return { kind: 'tool', name: chosen(object, path) }
  notes.refused(`${path}type`, OWN_TOOL)
  return undefined
}

function decodeAllowed(object: JsonObject, path: string, notes: UntranslatedNotes): ToolChoice {
  const mode = needWord(object, 'mode', ['auto', 'required'], path)
  const tools = readObjects(object, 'tools', path) ?? []
  const names = tools.flatMap((tool, index) => {
    const place = `${path}tools.${index}.`
    const type = needString(tool, 'type', place)
    if (type === 'function' || type === 'custom') return [chosen(tool, place)]
    notes.refused(`${place}type`, OWN_TOOL)
    return []
  })
  return { kind: 'allowed', mode, names }
}

function chosen(object: JsonObject, path: string): string {
  return nameInNamespace(readString(object, 'namespace', path), needString(object, 'name', path))
}
