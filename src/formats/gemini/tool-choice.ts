import type { Tool, ToolChoice } from '../../core/chat.ts'
import { invalidRequest } from '../../core/errors.ts'
import type { JsonObject } from '../../core/parse.ts'
import { encodeToolName } from './tool-names.ts'

/** Whether the answer has to be a call. */
export function isCallForced(tools: readonly Tool[], choice: ToolChoice | undefined): boolean {
  if (tools.length === 0 || choice === undefined) return false
  if (choice.kind === 'allowed') return choice.mode === 'required'
  return choice.kind === 'required' || choice.kind === 'tool'
}

/** The tools to declare, and the `functionCallingConfig`. There are tools. */
export function encodeToolChoice(
  tools: readonly Tool[],
  choice: ToolChoice | undefined,
): { readonly offered: readonly Tool[]; readonly config?: JsonObject } {
  switch (choice?.kind) {
    case undefined:
    case 'auto':
      return { offered: tools }
    case 'none':
      return { offered: tools, config: { mode: 'NONE' } }
    case 'required':
      return { offered: tools, config: { mode: 'ANY' } }
    case 'tool':
      return forced(tools, namedOf(tools, [choice.name]))
    case 'allowed': {
      const named = namedOf(tools, choice.names)
      // Google restricts forced calls only; of the others, those that may not be are not offered.
      return choice.mode === 'required' ? forced(tools, named) : { offered: named }
    }
    default:
      return choice satisfies never
  }
}

function namedOf(tools: readonly Tool[], names: readonly string[]): readonly Tool[] {
  const named = tools.filter(({ name }) => names.includes(name))
  if (named.length > 0) return named
  throw invalidRequest('tool_choice names none of the tools.', 'tool_choice')
}

function forced(
  tools: readonly Tool[],
  named: readonly Tool[],
): { readonly offered: readonly Tool[]; readonly config: JsonObject } {
  const allowedFunctionNames = named.map(({ name }) => encodeToolName(name))
  return { offered: tools, config: { mode: 'ANY', allowedFunctionNames } }
}
