import { promptFrom, type Choice, type Line, type Prompt } from '../conversation.ts'
import {
  blocksOf,
  type ClaudeBlock,
  type ClaudeMessage,
  type MessageBody,
} from './anthropic-body.ts'

type Counted = Pick<
  MessageBody,
  'messages' | 'tools' | 'thinking' | 'system' | 'tool_choice' | 'output_config'
> & { max_tokens?: number }

/** What the model makes of a message request. */
export function promptOfMessages(body: Counted): Prompt {
  const type = body.thinking?.type
  return promptFrom({
    lines: [...systemLines(body.system), ...body.messages.flatMap(linesOf)],
    tools: body.tools?.map(({ name, input_schema: schema }) => ({ name, schema })),
    choice: choiceOf(body.tool_choice),
    thinks: type === 'enabled' || type === 'adaptive' || type === 'between_tools',
    format: body.output_config?.format?.schema,
    maxTokens: body.max_tokens,
  })
}

function systemLines(system: MessageBody['system'] = []): Line[] {
  if (typeof system === 'string') return system === '' ? [] : [{ kind: 'system', text: system }]
  return system.map(({ text }) => ({ kind: 'system', text }))
}

function choiceOf(choice: MessageBody['tool_choice']): Choice {
  switch (choice?.type) {
    case 'any':
      return 'required'
    case 'tool':
      return { only: [choice.name] }
    case 'none':
      return 'none'
    case 'auto':
    case undefined:
      return 'auto'
    default:
      return choice satisfies never
  }
}

const linesOf = (message: ClaudeMessage): Line[] =>
  blocksOf(message).flatMap((block) => lineOf(block, message.role))

function lineOf(block: ClaudeBlock, role: ClaudeMessage['role']): Line[] {
  if (block.type === 'text') return [{ kind: role, text: block.text }]
  if (block.type === 'image' || block.type === 'document') return [mediaOf(block)]
  if (block.type === 'thinking') return [{ kind: 'reasoning', text: block.thinking }]
  if (block.type === 'redacted_thinking') return [{ kind: 'reasoning', text: '' }]
  if (block.type === 'tool_result') return resultLines(block)
  if (block.type !== 'tool_use') return []
  return [{ kind: 'call', id: block.id, name: block.name, arguments: block.input }]
}

type ToolResult = Extract<ClaudeBlock, { type: 'tool_result' }>
type Media = Extract<ClaudeBlock, { type: 'image' | 'document' }>

function resultLines({ tool_use_id: id, content = [], is_error }: ToolResult): Line[] {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const media = parts.flatMap((part) => (part.type === 'text' ? [] : [mediaOf(part)]))
  return [{ kind: 'result', id, text, isError: is_error === true }, ...media]
}

function mediaOf({ source }: Media): Line {
  switch (source.type) {
    case 'base64':
      return { kind: 'media', mediaType: source.media_type, data: source.data }
    case 'text': {
      const data = Buffer.from(source.data).toString('base64')
      return { kind: 'media', mediaType: source.media_type, data }
    }
    case 'url':
      return { kind: 'media', mediaType: '', url: source.url }
    case 'file':
      return { kind: 'media', mediaType: '', url: source.file_id }
    case 'content':
      return { kind: 'media', mediaType: '', url: JSON.stringify(source.content) }
    default:
      return source satisfies never
  }
}
