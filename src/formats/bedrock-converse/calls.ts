import type { ChatMessage, ToolCallPart, ToolMessage } from '../../core/chat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { isObject, type JsonObject, tryParseJson } from '../../core/parse.ts'
import { plainName } from '../../core/plain-name.ts'
import { stableHash } from '../../core/stable-hash.ts'
import type { PairedResult } from '../../core/tool-call-pairs.ts'
import { encodePart } from './content.ts'
import type { MediaTarget } from './media.ts'
import type { ConverseProfile, ConverseTools } from './profile.ts'
import type { Block, MediaBlock, TextBlock, ToolResult } from './wire.ts'

export const MAX_TOOL_NAME = 64

/** How the ids of calls are made such as the model takes. */
export function idMaker({ ids }: ConverseTools): (id: string) => string {
  if (ids === 'plain') return (id) => plainName(id, 64)
  return (id) => (/^[a-zA-Z0-9]{9}$/.test(id) ? id : stableHash(id, 9))
}

/** The tools that were called before, each once, in the order of their first calls. */
export function calledNames(messages: readonly ChatMessage[]): readonly string[] {
  const names = new Set<string>()
  for (const message of messages) {
    if (message.role !== 'assistant') continue
    for (const part of message.content) if (part.kind === 'tool-call') names.add(part.name)
  }
  return [...names]
}

export function encodeCall({ name, arguments: text }: ToolCallPart, id: string): Block {
  return {
    toolUse: { toolUseId: id, name: plainName(name, MAX_TOOL_NAME), input: inputOf(text) },
  }
}

/** Arguments must be an object here; no arguments at all are an empty one. */
function inputOf(text: string): JsonObject {
  if (text.trim() === '') return {}
  const value = tryParseJson(text)
  if (value === undefined) {
    throw invalidRequest(
      'A tool call in messages has arguments that are not JSON. Calls that were cut off cannot be given back.',
      'messages',
    )
  }
  return isObject(value) ? value : { value }
}

export interface ResultTarget extends MediaTarget {
  readonly profile: Pick<ConverseProfile, 'media' | 'tools'>
}

export function encodeResult({ result, id }: PairedResult, target: ResultTarget): Block {
  const failed = result.isError === true
  const { hasStatus } = target.profile.tools
  const content: ToolResult['content'] =
    failed && !hasStatus
      ? [{ text: 'The tool failed.' }, ...contentOf(result, target)]
      : contentOf(result, target)
  return {
    toolResult: {
      toolUseId: id,
      content:
        content.length === 0
          ? [{ text: failed ? 'The tool failed.' : 'The tool said nothing.' }]
          : content,
      ...(failed && hasStatus ? { status: 'error' } : {}),
    },
  }
}

/**
 * A call and its result in words, for requests that may have no tools, since Converse takes neither without them. They are
 * part of what earlier requests said: they never change.
 */
export function callInWords({ name, arguments: text }: ToolCallPart): TextBlock {
  return { text: `<tool_call name=${JSON.stringify(name)}>\n${text}\n</tool_call>` }
}

export function resultInWords({ call, result }: PairedResult, target: MediaTarget): Block[] {
  const content = contentOf(result, target)
  const texts = content.flatMap((block) => ('text' in block ? [block.text] : []))
  const media = content.filter((block): block is MediaBlock => !('text' in block))
  const tag = result.isError === true ? 'tool_error' : 'tool_result'
  const text = `<${tag} name=${JSON.stringify(call.name)}>\n${texts.join('\n')}\n</${tag}>`
  return [{ text }, ...media]
}

function contentOf({ content }: ToolMessage, target: MediaTarget): (TextBlock | MediaBlock)[] {
  return content.flatMap((part) => {
    const block = encodePart(part, target)
    return block === undefined ? [] : [block]
  })
}
