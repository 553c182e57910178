import type { ChatRequest, OutputFormat } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import type { ClaudeProfile } from '../profile.ts'
import { plainSchema } from './plain-schema.ts'
import { isRecursive } from './recursive-schema.ts'
import { calledTools, claudeToolName } from './tool-names.ts'
import type { Block } from './turns.ts'

/**
 * How the form of an answer is asked for. Claude has a form for answers with a schema only, and not everywhere. Where it
 * has none, and for JSON without a schema, the answer is taken from a call of a tool that was added for it: made to be
 * called where that can be, asked for where it cannot. Such a call is never shown as one: its input is the answer.
 */
export type OutputPlan =
  | { readonly kind: 'text' }
  | { readonly kind: 'schema'; readonly schema: JsonObject; readonly isNarrowed: boolean }
  | {
      readonly kind: 'tool'
      readonly name: string
      readonly tool: Block
      /** Asked for in words where it is not. */
      readonly isForced: boolean
    }
  | { readonly kind: 'words'; readonly words: string }

/** It follows from the request and the model alone: a decoder finds the same plan as the encoder before it. */
export function planOutput(request: ChatRequest, profile: ClaudeProfile): OutputPlan {
  const { outputFormat: format, tools, toolChoice } = request
  const called = calledTools(request.messages)
  if (format === undefined) return { kind: 'text' }
  if (format.kind === 'json-schema' && profile.hasOutputFormat) {
    const { schema, isNarrowed } = plainSchema(format.schema)
    const isFit = !isNarrowed || !profile.canForceTools
    if (isFit && !isRecursive(schema)) return { kind: 'schema', schema, isNarrowed }
  }
  // An answer that has to be a call of the caller's own tools has no other form.
  if (tools.length > 0 && forcesCall(request) && profile.canForceTools) return { kind: 'text' }
  // The input of a tool is an object; other answers can only be asked for.
  const isObject = format.kind === 'json' || (format.schema['type'] ?? 'object') === 'object'
  const forbidsTools = tools.length === 0 ? called.size > 0 : toolChoice?.kind === 'none'
  if (!isObject || (forbidsTools && !profile.canForceTools)) {
    return { kind: 'words', words: wordsFor(format) }
  }
  const name = answerToolName(
    new Set([...called, ...tools.map((tool) => claudeToolName(tool.name))]),
  )
  return {
    kind: 'tool',
    name,
    tool: { name, description: descriptionOf(format), input_schema: inputOf(format) },
    isForced: profile.canForceTools,
  }
}

/** Whether the caller wants an answer to be a tool call. */
export function forcesCall({ toolChoice }: ChatRequest): boolean {
  if (toolChoice?.kind === 'allowed') return toolChoice.mode === 'required'
  return toolChoice?.kind === 'required' || toolChoice?.kind === 'tool'
}

/** What the model is told beside the caller's own instructions. */
export function instructionOf(plan: OutputPlan): string | undefined {
  if (plan.kind === 'words') return plan.words
  if (plan.kind !== 'tool' || plan.isForced) return undefined
  return `Give your final answer by calling the tool ${plan.name}, once, and say nothing beside it.`
}

function wordsFor(format: OutputFormat): string {
  if (format.kind === 'json')
    return 'Answer with a JSON object and nothing else, without a code fence.'
  const schema = JSON.stringify(format.schema)
  return `Answer with JSON and nothing else, without a code fence. It has to satisfy this schema: ${schema}`
}

function descriptionOf(format: OutputFormat): string {
  if (format.kind === 'json') {
    return 'Gives the answer. The input is itself the answer: one JSON object with all the members that the conversation asks for.'
  }
  const about = format.description === undefined ? '' : ` ${format.description}`
  return `Gives the answer, which is the input.${about}`
}

function inputOf(format: OutputFormat): JsonObject {
  if (format.kind === 'json') return { type: 'object', additionalProperties: true }
  return 'type' in format.schema ? format.schema : { type: 'object', ...format.schema }
}

/** No tool of the caller's is called so. */
function answerToolName(taken: ReadonlySet<string>): string {
  let name = 'give_answer'
  for (let number = 2; taken.has(name); number++) name = `give_answer_${number}`
  return name
}
