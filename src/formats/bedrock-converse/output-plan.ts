import type { ChatRequest, OutputFormat, Tool } from '../../core/chat.ts'
import type { JsonObject } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { calledNames, MAX_TOOL_NAME } from './calls.ts'
import { asksForBudget } from './claude-thinking.ts'
import { allowsCalls, forcesCall } from './forced-call.ts'
import type { ConverseProfile } from './profile.ts'
import { isStrictSchema } from './strict-schema.ts'

/**
 * How the form of an answer is asked for. Where the model cannot be held to a schema, the answer is taken from a call of
 * a tool that was added for it and has to be called; such a call is never shown as one: its input is the answer. Where no
 * call can be forced either, the form is asked for in words.
 */
export type OutputPlan =
  | { readonly kind: 'text' }
  | { readonly kind: 'schema'; readonly format: SchemaFormat }
  | { readonly kind: 'tool'; readonly tool: Tool }
  | { readonly kind: 'words'; readonly words: string }

type SchemaFormat = Extract<OutputFormat, { kind: 'json-schema' }>

const AS_TEXT: OutputPlan = { kind: 'text' }

/** It follows from the request and the model alone: a decoder finds the same plan as the encoder before it. */
export function planOutput(request: ChatRequest, profile: ConverseProfile): OutputPlan {
  const { outputFormat: format } = request
  // An answer that has to be a call has no other form.
  if (format === undefined || forcesCall(request)) return AS_TEXT
  if (format.kind === 'json-schema' && profile.hasOutputFormat && isStrictSchema(format.schema)) {
    return { kind: 'schema', format }
  }
  // The input of a tool is an object; other answers can only be asked for.
  const isObject = format.kind === 'json' || (format.schema['type'] ?? 'object') === 'object'
  if (isObject && canForceAnswer(request, profile))
    return { kind: 'tool', tool: answerTool(request, format) }
  return { kind: 'words', words: wordsFor(format) }
}

function canForceAnswer(request: ChatRequest, profile: ConverseProfile): boolean {
  const { isSupported, forced } = profile.tools
  // Claude calls no tool by force while it thinks by a budget. That a conversation may keep it from thinking makes no
  // difference, so that the instructions stay the same as the conversation goes on.
  if (!isSupported || asksForBudget(request, profile)) return false
  return forced.includes('any') || (!allowsCalls(request) && forced.includes('tool'))
}

function answerTool(request: ChatRequest, format: OutputFormat): Tool {
  return {
    name: answerName(request),
    description: descriptionOf(format),
    parameters: inputOf(format),
  }
}

/** No tool of the caller's is called so, now or earlier in the conversation. */
function answerName({ tools, messages }: ChatRequest): string {
  const names = [...tools.map((tool) => tool.name), ...calledNames(messages)]
  const taken = new Set(names.map((name) => plainName(name, MAX_TOOL_NAME)))
  let name = 'give_answer'
  for (let number = 2; taken.has(name); number++) name = `give_answer_${number}`
  return name
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
  return { type: 'object', ...format.schema }
}

function wordsFor(format: OutputFormat): string {
  if (format.kind === 'json') {
    return 'Answer with a JSON object and nothing else, without a code fence.'
  }
  const schema = JSON.stringify(format.schema)
  return `Answer with JSON and nothing else, without a code fence, that satisfies this JSON schema: ${schema}`
}
