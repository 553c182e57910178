import type { TextPart, ToolMessage, UserPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needString, readBoolean } from '../../../core/read.ts'
import { unpackToolCallId } from '../../../core/tool-call-id.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeText, decodeTexts, readBlocks, refuseNative } from './decode-blocks.ts'
import { decodeCache } from './decode-cache.ts'
import { decodeDocument, decodeImage } from './decode-media.ts'

/** A tool's result, and the path of the block that it was. */
export interface ToolResult {
  readonly path: string
  readonly message: ToolMessage
}

export interface UserContent {
  readonly results: readonly ToolResult[]
  readonly parts: readonly UserPart[]
}

/** What a user message holds: the results of tools apart from the rest, each in order. */
export function decodeUserContent(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): UserContent {
  const blocks = readBlocks(message, 'content', path) ?? []
  const results: ToolResult[] = []
  const parts: UserPart[] = []
  for (const [index, block] of blocks.entries()) {
    const at = `${path}content.${index}.`
    const type = needString(block, 'type', at)
    if (type === 'tool_result') results.push(decodeToolResult(block, at, notes))
    else if (OF_ASSISTANTS.has(type)) {
      throw invalidRequest(`${at}type is for messages of the assistant only.`, `${at}type`)
    } else parts.push(...decodeUserBlock(block, at, notes))
  }
  if (blocks.every(({ type }) => type === 'text') && parts.length === 0) {
    throw invalidRequest(`${path}content must not be empty.`, `${path}content`)
  }
  return { results, parts }
}

const OF_ASSISTANTS = new Set(['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use'])

function decodeUserBlock(
  block: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly UserPart[] {
  switch (block['type']) {
    case 'text': {
      const part = decodeText(block, path, notes)
      return part === undefined ? [] : [part]
    }
    case 'image':
      return [decodeImage(block, path, notes)]
    case 'document':
      return decodeDocument(block, path, notes)
    case 'search_result':
      return [decodeSearchResult(block, path, notes)]
    default:
      refuseNative(block, path, notes)
      return []
  }
}

function decodeToolResult(block: JsonObject, path: string, notes: UntranslatedNotes): ToolResult {
  const { id } = unpackToolCallId(needString(block, 'tool_use_id', path))
  const content: UserPart[] = []
  for (const [index, part] of (readBlocks(block, 'content', path) ?? []).entries()) {
    const at = `${path}content.${index}.`
    needString(part, 'type', at)
    content.push(...decodeUserBlock(part, at, notes))
  }
  notes.others(block, RESULT_MEMBERS, 'messages')
  const isError = readBoolean(block, 'is_error', path) === true ? true : undefined
  const message = defined({
    role: 'tool' as const,
    callId: id,
    content,
    isError,
    cache: decodeCache(block, path),
  })
  return { path: path.slice(0, -1), message }
}

const RESULT_MEMBERS = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])

/** Something found, as text that names where. https://platform.claude.com/docs/en/build-with-claude/search-results */
function decodeSearchResult(block: JsonObject, path: string, notes: UntranslatedNotes): TextPart {
  const title = needString(block, 'title', path)
  const source = needString(block, 'source', path)
  const texts = decodeTexts(block, 'content', path, notes).map(({ text }) => text)
  notes.others(block, SEARCH_MEMBERS, 'messages')
  return defined({
    kind: 'text' as const,
    text: `${title}\n${source}\n\n${texts.join('\n\n')}`,
    cache: decodeCache(block, path),
  })
}

const SEARCH_MEMBERS = new Set(['type', 'title', 'source', 'content', 'cache_control'])
