import {
  mediaLine,
  parsedOr,
  promptFrom,
  type Choice,
  type Line,
  type Prompt,
} from '../conversation.ts'
import { isReasoningModel } from './openai-models.ts'
import type { ResponsesBody, ResponsesItem } from './openai-responses-body.ts'
import { saidText } from './said-text.ts'

/** What the model makes of a request to the Responses API. It thinks where somebody wants to see that, or to keep it. */
export function promptOfResponses(body: ResponsesBody): Prompt {
  const { input, instructions, tools = [], reasoning, include } = body
  const wantsThoughts =
    typeof reasoning?.summary === 'string' || include?.includes('reasoning.encrypted_content')
  const { format } = body.text ?? {}
  return promptFrom({
    lines: [
      ...(instructions ? [{ kind: 'system' as const, text: instructions }] : []),
      ...(typeof input === 'string'
        ? [{ kind: 'user' as const, text: input }]
        : input.flatMap(linesOf)),
    ],
    tools: [...tools, ...broughtTools(input)].flatMap((tool) =>
      tool.type === 'function' && 'name' in tool
        ? [{ name: String(tool.name), schema: tool['parameters'] ?? undefined }]
        : [],
    ),
    choice: choiceOf(body.tool_choice),
    thinks: wantsThoughts === true && isReasoningModel(body.model) && reasoning?.effort !== 'none',
    format:
      format?.type === 'json_schema' ? format.schema : format?.type === 'json_object' || undefined,
    maxTokens: body.max_output_tokens,
  })
}

function broughtTools(input: ResponsesBody['input']): NonNullable<ResponsesBody['tools']> {
  if (typeof input === 'string') return []
  return input.flatMap((item) => (item.type === 'additional_tools' ? item.tools : []))
}

function linesOf(item: ResponsesItem): Line[] {
  if ('role' in item && item.type !== 'additional_tools') {
    const kind = item.role === 'user' || item.role === 'assistant' ? item.role : ('system' as const)
    const content = item.content as string | Part[]
    if (typeof content === 'string') return [{ kind, text: content }]
    return content.map((part) => partLine(part, kind))
  }
  if (item.type === 'function_call') {
    const { call_id: id, name, arguments: given } = item
    return [{ kind: 'call', id, name, arguments: parsedOr(given) }]
  }
  if (item.type === 'custom_tool_call') {
    const { call_id: id, name, input } = item
    return [{ kind: 'call', id, name: String(name), arguments: input }]
  }
  if (item.type === 'function_call_output' || item.type === 'custom_tool_call_output') {
    return outputLines(item.call_id, item['output'])
  }
  if (item.type !== 'reasoning') return []
  return [{ kind: 'reasoning', text: saidText(item['summary']) }]
}

type Part = Exclude<
  Extract<ResponsesItem, { content: unknown; role: unknown }>['content'],
  string
>[number]

function partLine(part: Part, kind: 'system' | 'user' | 'assistant'): Line {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { kind, text: part.text }
    case 'refusal':
      return { kind: 'refusal', text: part.refusal }
    case 'input_image':
      return mediaLine(part.image_url ?? part.file_id ?? '')
    case 'input_file':
      return mediaLine(part.file_data ?? part.file_url ?? part.file_id ?? '')
    default:
      return part satisfies never
  }
}

function outputLines(id: string, output: unknown): Line[] {
  const parts = Array.isArray(output) ? (output as Part[]) : []
  const media = parts.map((part) => partLine(part, 'user')).filter(({ kind }) => kind === 'media')
  return [{ kind: 'result', id, text: saidText(output), isError: false }, ...media]
}

function choiceOf(choice: ResponsesBody['tool_choice']): Choice {
  if (choice === undefined || choice === 'auto') return 'auto'
  if (typeof choice === 'string') return choice
  if (choice.type === 'function' && 'name' in choice) return { only: [String(choice.name)] }
  if (choice.type !== 'allowed_tools' || choice['mode'] !== 'required') return 'auto'
  const tools = Array.isArray(choice['tools']) ? (choice['tools'] as { name?: unknown }[]) : []
  return { only: tools.map(({ name }) => String(name)) }
}
