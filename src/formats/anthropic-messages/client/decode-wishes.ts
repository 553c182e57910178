import type { OutputFormat, ReasoningWish } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import {
  defined,
  needObject,
  needWord,
  readInteger,
  readObject,
  readString,
  readWord,
} from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'

/**
 * How to think, of `thinking` and `output_config.effort` together.
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking
 */
export function decodeReasoning(
  body: JsonObject,
  notes: UntranslatedNotes,
): ReasoningWish | undefined {
  const config = readObject(body, 'output_config') ?? {}
  notes.others(config, CONFIG_MEMBERS, 'output_config')
  const effort = readWord(config, 'effort', EFFORT_WORDS, 'output_config.')
  const thinking = readObject(body, 'thinking')
  if (thinking === undefined) return effort === undefined ? undefined : { effort }
  notes.others(thinking, THINKING_MEMBERS, 'thinking')
  const type = needWord(thinking, 'type', THINKING_TYPES, 'thinking.')
  const show = readString(thinking, 'display', 'thinking.')
  switch (type) {
    case 'enabled':
      return defined({ budgetTokens: decodeBudget(thinking), effort, show })
    case 'adaptive':
      return defined({ isAdaptive: true, effort, show })
    case 'between_tools':
      // No other model can be told to think between its calls and not before; one that hardly thinks comes next.
      notes.changed('thinking')
      return { effort: 'none' }
    case 'disabled':
      if (effort !== undefined) notes.changed('effort')
      return { effort: 'none' }
    default:
      return type satisfies never
  }
}

const CONFIG_MEMBERS = new Set(['effort', 'format'])
const EFFORT_WORDS = ['low', 'medium', 'high', 'xhigh', 'max'] as const
const THINKING_TYPES = ['enabled', 'adaptive', 'disabled', 'between_tools'] as const
const THINKING_MEMBERS = new Set(['type', 'budget_tokens', 'display'])

function decodeBudget(thinking: JsonObject): number {
  const budget = readInteger(thinking, 'budget_tokens', 'thinking.', [1, Infinity])
  if (budget !== undefined) return budget
  throw invalidRequest('thinking.budget_tokens is missing.', 'thinking.budget_tokens')
}

/**
 * A schema for the answer, in its place or in the older `output_format`. It has no name here, and formats that need one
 * get this. Claude is always held to it. https://platform.claude.com/docs/en/build-with-claude/structured-outputs
 */
export function decodeOutputFormat(body: JsonObject): OutputFormat | undefined {
  const config = readObject(body, 'output_config') ?? {}
  return (
    decodeFormat(readObject(config, 'format', 'output_config.'), 'output_config.format.') ??
    decodeFormat(readObject(body, 'output_format'), 'output_format.')
  )
}

function decodeFormat(format: JsonObject | undefined, path: string): OutputFormat | undefined {
  if (format === undefined) return undefined
  needWord(format, 'type', ['json_schema'], path)
  const schema = needObject(format, 'schema', path)
  return { kind: 'json-schema', name: 'answer', schema, strict: true }
}
