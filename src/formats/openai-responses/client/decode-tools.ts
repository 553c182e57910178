import type { ChatRequest, Tool, ToolChoice } from '../../../core/chat.ts'
import { readGrammar } from '../../../core/freeform.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
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
 * Functions and custom tools, in namespaces or not, also those that came in the course of the conversation. Tools that
 * OpenAI runs itself or trained its models on (`web_search`, `local_shell`) are noted and left out: no other model knows
 * them. Two are only hints: a search that looks nothing up, and OpenAI's own for tools, which are in the request and so
 * simply there. Where the client is to look for them, they are not.
 * https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools
 */
export function decodeTools(
  body: JsonObject,
  notes: UntranslatedNotes,
): Pick<ChatRequest, 'tools' | 'toolChoice'> {
  // A model that must call a tool could mean one that is only a hint.
  const list: ToolList = { notes, hasHints: body['tool_choice'] !== 'required' }
  const offered = toolsOf(body, '', list)
  const names = new Set(offered.map(({ name }) => name))
  const added = addedTools(body, list).filter(({ name }) => !names.has(name) && names.add(name))
  return defined({ tools: [...offered, ...added], toolChoice: decodeToolChoice(body, notes) })
}

/** How a list of tools is to be read. */
interface ToolList {
  readonly notes: UntranslatedNotes
  readonly hasHints: boolean
  readonly namespace?: string
}

/** The items that bring tools into a conversation: those of a client (Codex), and what a search for tools found. */
const BRINGERS: ReadonlySet<unknown> = new Set(['additional_tools', 'tool_search_output'])

function addedTools({ input }: JsonObject, list: ToolList): readonly Tool[] {
  if (!Array.isArray(input)) return []
  return input.flatMap((item: unknown, index) =>
    isObject(item) && BRINGERS.has(item['type']) ? toolsOf(item, `input.${index}.`, list) : [],
  )
}

function toolsOf(owner: JsonObject, path: string, list: ToolList): readonly Tool[] {
  const { notes, hasHints, namespace } = list
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
      return toolsOf(tool, place, { ...list, namespace: needString(tool, 'name', place) })
    }
    const isOfClients = type === 'tool_search' && tool['execution'] === 'client'
    const isHint = (type === 'tool_search' && !isOfClients) || isCachedSearch(tool)
    if (isHint && hasHints) notes.changed(`${place}type`)
    else notes.refused(`${place}type`, isOfClients ? CLIENTS_SEARCH : OWN_TOOL)
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

const CLIENTS_SEARCH =
  "only OpenAI's models can ask a client for tools: offer the tools themselves."
const OWN_TOOL = "this is a tool of OpenAI's own, and Keyway runs none."

function decodeFunction(tool: JsonObject, path: string, namespace: string | undefined): Tool {
  return defined({
    ...nameOf(tool, path, namespace),
    description: readString(tool, 'description', path),
    parameters: readObject(tool, 'parameters', path),
    strict: readBoolean(tool, 'strict', path),
  })
}

/** A tool that takes text. */
function decodeCustom(tool: JsonObject, path: string, namespace: string | undefined): Tool {
  const format = readObject(tool, 'format', path)
  const isGrammar = format?.['type'] === 'grammar'
  return defined({
    ...nameOf(tool, path, namespace),
    description: readString(tool, 'description', path),
    isFreeform: true,
    grammar: isGrammar ? readGrammar(format, `${path}format.`) : undefined,
  })
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
