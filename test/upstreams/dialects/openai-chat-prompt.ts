import {
  mediaLine,
  parsedOr,
  promptFrom,
  type Choice,
  type Line,
  type OfferedTool,
  type Prompt,
} from '../conversation.ts'
import { saidText } from './said-text.ts'

type Members = Readonly<Record<string, unknown>>

const members = (value: unknown): Members =>
  typeof value === 'object' && value !== null ? (value as Members) : {}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A chat request of any flavour, as far as the model listens to it. */
export interface HeardChat {
  messages: readonly { role: string }[]
  tools?: unknown
  tool_choice?: unknown
  response_format?: unknown
  max_tokens?: number | null | undefined
  max_completion_tokens?: number | null | undefined
}

/** What the model makes of a chat request. */
export function promptOfChat(body: HeardChat, thinks: boolean): Prompt {
  return promptFrom({
    lines: body.messages.flatMap(linesOf),
    tools: list(body.tools).flatMap(toolOf),
    choice: choiceOf(body.tool_choice),
    thinks,
    format: formatOf(members(body.response_format)),
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
  })
}

function linesOf(message: Members): Line[] {
  const { role, content, tool_call_id: id } = message
  if (role === 'tool') {
    const media = partLines(content, 'user').filter(({ kind }) => kind === 'media')
    return [{ kind: 'result', id: String(id), text: saidText(content), isError: false }, ...media]
  }
  if (role !== 'assistant') {
    return partLines(content, role === 'user' ? 'user' : 'system')
  }
  const { reasoning_content: thought, refusal } = message
  return [
    ...(typeof thought === 'string' ? [{ kind: 'reasoning' as const, text: thought }] : []),
    ...partLines(content, 'assistant'),
    ...(typeof refusal === 'string' ? [{ kind: 'refusal' as const, text: refusal }] : []),
    ...list(message['tool_calls']).map(callLine),
  ]
}

function partLines(content: unknown, kind: 'system' | 'user' | 'assistant'): Line[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind, text: content }]
  return list(content).flatMap((part) => partLine(members(part), kind))
}

function partLine(part: Members, kind: 'system' | 'user' | 'assistant'): Line[] {
  switch (part['type']) {
    case 'text':
      return [{ kind, text: String(part['text']) }]
    case 'refusal':
      return [{ kind: 'refusal', text: String(part['refusal']) }]
    case 'thinking':
      return [{ kind: 'reasoning', text: saidText(part['thinking']) }]
    case 'image_url': {
      const image = part['image_url']
      return [mediaLine(String(typeof image === 'string' ? image : members(image)['url']))]
    }
    case 'document_url':
      return [mediaLine(String(part['document_url']))]
    case 'file':
      return [mediaLine(String(members(part['file'])['file_data']))]
    case 'input_audio': {
      const { data, format } = members(part['input_audio'])
      return [{ kind: 'media', mediaType: `audio/${String(format)}`, data: String(data) }]
    }
    default:
      return []
  }
}

function callLine(call: unknown): Line {
  const { id, function: called, custom } = members(call)
  const { name, arguments: given, input } = members(called ?? custom)
  return {
    kind: 'call',
    id: String(id),
    name: String(name),
    arguments: typeof given === 'string' ? parsedOr(given) : (given ?? input),
  }
}

function toolOf(tool: unknown): OfferedTool[] {
  const { name, parameters } = members(members(tool)['function'])
  return typeof name === 'string' ? [{ name, schema: parameters }] : []
}

function choiceOf(choice: unknown): Choice {
  if (choice === 'none') return 'none'
  if (choice === 'required' || choice === 'any') return 'required'
  const { type, function: wanted, allowed_tools: allowed } = members(choice)
  if (type === 'function') return { only: [String(members(wanted)['name'])] }
  const { mode, tools } = members(allowed)
  if (type !== 'allowed_tools' || mode !== 'required') return 'auto'
  return { only: list(tools).map((one) => String(members(members(one)['function'])['name'])) }
}

function formatOf({ type, json_schema: wanted }: Members): unknown {
  if (type === 'json_object') return true
  if (type !== 'json_schema') return undefined
  const { schema, schema_definition: definition } = members(wanted)
  return schema ?? definition
}
