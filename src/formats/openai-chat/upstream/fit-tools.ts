import type { Compat } from '../../../core/compat.ts'
import { describeGrammar, FREEFORM_PARAMETERS, readGrammar } from '../../../core/freeform.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import { defined, readObject, readString } from '../../../core/read.ts'
import type { ForcedChoice, ToolSupport } from '../profile.ts'
import type { Draft, FitTarget } from './draft.ts'
import { endThinking } from './fit-reasoning.ts'
import { withoutCacheMark } from './without-cache-mark.ts'

/** Tools, and which of them may or must be called. */
export function fitTools(body: Draft, target: FitTarget): void {
  const { compat, profile } = target
  const support = profile.tools
  if (!Array.isArray(body['tools']) || body['tools'].length === 0) return leaveOut(body)
  if (!support.isSupported) {
    compat.refused('tools', 'the model has none.')
    return leaveOut(body)
  }
  const tools: readonly unknown[] = body['tools']
  body['tools'] = fitToolList(tools, target)
  fitChoice(body, target)
  if (!support.parallelFlag && 'parallel_tool_calls' in body) {
    if (body['parallel_tool_calls'] === false) compat.changed('parallel_tool_calls')
    delete body['parallel_tool_calls']
  }
  if (support.streamFlag && body['stream'] === true) body['tool_stream'] ??= true
}

/** Without tools there is nothing to choose from, and hosts refuse to hear of it. */
function leaveOut(body: Draft): void {
  delete body['tools']
  delete body['tool_choice']
  delete body['parallel_tool_calls']
}

function fitToolList(tools: readonly unknown[], { compat, profile }: FitTarget): unknown[] {
  let isLoosened = false
  const fit = tools.map((given, index) => {
    if (!isObject(given)) return given
    const tool = profile.messages.takesCacheMarks === true ? given : withoutCacheMark(given)
    const { custom } = tool
    if (tool['type'] === 'custom' && isObject(custom) && !profile.tools.custom) {
      return asFunction(custom, `tools.${index}.custom.`, compat)
    }
    const called = tool['function']
    if (profile.tools.strict || !isObject(called) || !('strict' in called)) return tool
    const { strict, ...loose } = called
    if (strict === true) isLoosened = true
    return { ...tool, function: loose }
  })
  if (isLoosened) compat.changed('strict')
  return fit
}

/** A tool that takes text, for models whose tools take JSON: its calls' arguments are `{"input": "the text"}`. */
function asFunction(custom: JsonObject, path: string, compat: Compat): Draft {
  const { name, format } = custom
  const rules = isObject(format) ? readObject(format, 'grammar', `${path}format.`) : undefined
  const grammar = rules && readGrammar(rules, `${path}format.grammar.`)
  const description = describeGrammar(readString(custom, 'description', path), grammar, compat)
  return {
    type: 'function',
    function: defined({ name, description, parameters: FREEFORM_PARAMETERS }),
  }
}

function fitChoice(body: Draft, target: FitTarget): void {
  const { compat, profile } = target
  const choice = plainChoice(body['tool_choice'], profile.tools)
  const kind = kindOf(choice)
  if (kind === undefined) {
    if (choice !== undefined) body['tool_choice'] = choice
    return
  }
  if (kind === 'allowed' && !profile.tools.choices.includes('allowed')) {
    return fitAllowed(body, choice, target)
  }
  body['tool_choice'] = choice
  if (!profile.tools.choices.includes(kind)) {
    // A model that has no tools calls none.
    if (kind === 'none') return leaveOut(body)
    compat.refused('tool_choice', 'the model cannot be made to call a tool.')
    delete body['tool_choice']
  } else if (kind !== 'none' && profile.tools.forcingEndsThinking) endThinking(body, compat)
}

/** The choice with a tool that takes text named as the function that it became. */
function plainChoice(choice: unknown, { custom }: ToolSupport): unknown {
  if (custom || !isObject(choice) || choice['type'] !== 'custom') return choice
  return { type: 'function', function: choice['custom'] }
}

function kindOf(choice: unknown): ForcedChoice | undefined {
  if (choice === 'none' || choice === 'required') return choice
  // Mistral's word.
  if (choice === 'any') return 'required'
  if (!isObject(choice)) return undefined
  return choice['type'] === 'allowed_tools' ? 'allowed' : 'tool'
}

/** Hosts that cannot be told which tools are allowed are shown no others. */
function fitAllowed(body: Draft, choice: unknown, target: FitTarget): void {
  const allowed = isObject(choice) ? choice['allowed_tools'] : undefined
  const named = isObject(allowed) && Array.isArray(allowed['tools']) ? allowed['tools'] : []
  const names = new Set(named.map(nameOf))
  const tools: readonly unknown[] = Array.isArray(body['tools']) ? body['tools'] : []
  body['tools'] = tools.filter((tool) => names.has(nameOf(tool)))
  delete body['tool_choice']
  if (isObject(allowed) && allowed['mode'] === 'required') {
    body['tool_choice'] = 'required'
    fitChoice(body, target)
  }
}

function nameOf(tool: unknown): unknown {
  if (!isObject(tool)) return undefined
  const called = tool['function'] ?? tool['custom']
  return isObject(called) ? called['name'] : undefined
}
