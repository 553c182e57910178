import type { Tool, ToolChoice } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import { plainName } from '../../../core/plain-name.ts'
import { defined } from '../../../core/read.ts'
import { strictnessOf } from '../../../core/strict-schema.ts'
import type { Draft } from './draft.ts'

/** How long a tool's name may be: shorter than some formats allow. */
export const MAX_NAME_LENGTH = 64

/**
 * Tools in OpenAI's own dialect. Schemas stay as they are. `mustClose`: the host refuses strict tools whose schema is not
 * closed.
 */
export function encodeTools(
  tools: readonly Tool[],
  { compat, mustClose }: { readonly compat: Compat; readonly mustClose: boolean },
): Draft[] {
  return tools.map((tool) => {
    const { description, parameters, isFreeform, grammar } = tool
    const name = plainName(tool.name, MAX_NAME_LENGTH)
    if (isFreeform === true) {
      const format = grammar && { type: 'grammar', grammar }
      return { type: 'custom', custom: defined({ name, description, format }) }
    }
    const strict = mustClose ? strictnessOf(tool, compat) : tool.strict
    // Some hosts require parameters, if only none.
    const schema = parameters ?? { type: 'object', properties: {} }
    return {
      type: 'function',
      function: defined({
        name,
        description,
        parameters: schema,
        strict,
      }),
    }
  })
}

export function encodeToolChoice(choice: ToolChoice, freeform: ReadonlySet<string>): unknown {
  const named = (callers: string): Draft => {
    const name = plainName(callers, MAX_NAME_LENGTH)
    return freeform.has(callers)
      ? { type: 'custom', custom: { name } }
      : { type: 'function', function: { name } }
  }
  switch (choice.kind) {
    case 'auto':
    case 'none':
    case 'required':
      return choice.kind
    case 'tool':
      return named(choice.name)
    case 'allowed':
      return {
        type: 'allowed_tools',
        allowed_tools: { mode: choice.mode, tools: choice.names.map(named) },
      }
    default:
      return choice satisfies never
  }
}
