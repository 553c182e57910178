import type {
  CacheMark,
  ChatMessage,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
} from '../../core/chat.ts'
import { invalidRequest } from '../../core/errors.ts'
import { toolCallPairs } from '../../core/tool-call-pairs.ts'
import type { EncodeTarget } from '../../core/translation.ts'
import { type AssistantTarget, encodeAssistant, saysSomething } from './assistant.ts'
import { type CacheTarget, cachePoints } from './cache-points.ts'
import { encodeResult, idMaker, resultInWords, type ResultTarget } from './calls.ts'
import { encodeParts, markOf, textBlock } from './content.ts'
import { documentNames } from './document-names.ts'
import type { ConverseProfile } from './profile.ts'
import type { Block, CachePoint, TextBlock, Turn } from './wire.ts'

export interface EncodedConversation {
  readonly system: (TextBlock | CachePoint)[]
  readonly turns: Turn[]
}

type RunTarget = AssistantTarget & ResultTarget & { readonly profile: ConverseProfile }

/** What a conversation that the assistant begins is begun with, since Converse has the user begin. It never changes. */
const BEGINNING = 'Begin.'
/** Stands beside documents that nothing was said to; Converse wants words. */
const BESIDE_DOCUMENTS = 'See the document.'

/**
 * A conversation as Converse takes it: instructions at its head, then turns of user and assistant in alternation, all
 * results of parallel calls at the beginning of the turn behind them. Earlier turns never depend on later ones, but for
 * the cache points: caches and proofs of reasoning hold for as long as what stands before them is the same.
 */
export function encodeConversation(
  messages: readonly ChatMessage[],
  flattensCalls: boolean,
  { profile, compat }: Pick<EncodeTarget<ConverseProfile>, 'profile' | 'compat'>,
): EncodedConversation {
  const nameOf = documentNames()
  const calls = toolCallPairs(idMaker(profile.tools))
  const target: RunTarget = { profile, compat, nameOf, calls, flattensCalls }
  const { head, rest } = splitHead(messages, profile.takesSystem)
  const system = head.flatMap(({ content }) => encodeSystem(content, target))
  const turns: Turn[] = []
  let said: UserSide[] = []
  const closeUserTurn = (): void => {
    append(turns, 'user', encodeUserSide(said, target))
    said = []
  }
  for (const message of rest) {
    if (message.role !== 'assistant') said.push(message)
    else if (saysSomething(message)) {
      if (said.length > 0) closeUserTurn()
      append(turns, 'assistant', encodeAssistant(message, target))
    }
  }
  closeUserTurn()
  settleEnds(turns, target)
  return { system, turns }
}

type UserSide = SystemMessage | UserMessage | ToolMessage

/** The instructions at the head of a conversation, where the model takes any apart from it. */
function splitHead(
  messages: readonly ChatMessage[],
  takesSystem: boolean,
): {
  readonly head: readonly SystemMessage[]
  readonly rest: readonly ChatMessage[]
} {
  if (!takesSystem) return { head: [], rest: messages }
  const first = messages.findIndex(({ role }) => role !== 'system')
  const end = first === -1 ? messages.length : first
  return { head: messages.slice(0, end).filter(isSystem), rest: messages.slice(end) }
}

function isSystem(message: ChatMessage): message is SystemMessage {
  return message.role === 'system'
}

function encodeSystem(
  content: readonly TextPart[],
  target: CacheTarget,
): EncodedConversation['system'] {
  return content.flatMap(({ text, cache }) => {
    const block = textBlock(text)
    return block === undefined ? [] : [block, ...cachePoints(cache, 'system', target)]
  })
}

/** Turns that turned out empty are left out, and those around them are one. */
function append(turns: Turn[], role: Turn['role'], content: readonly Block[]): void {
  const last = turns.at(-1)
  if (last?.role === role) last.content.push(...content)
  else if (content.length > 0) turns.push({ role, content: [...content] })
}

/** All that was said between two answers: results first, in the order of their calls, then the rest as it came. */
function encodeUserSide(messages: readonly UserSide[], target: RunTarget): Block[] {
  const results = target.calls.close(messages.filter((message) => message.role === 'tool'))
  const blocks = results.flatMap((pair): Block[] => {
    const cache = pair.result.cache ?? lastMark(pair.result)
    const encoded = target.flattensCalls
      ? resultInWords(pair, target)
      : [encodeResult(pair, target)]
    return [...encoded, ...cachePoints(cache, 'messages', target)]
  })
  for (const message of messages) {
    if (message.role === 'system') blocks.push(...encodeLaterSystem(message, target))
    if (message.role !== 'user') continue
    if (message.name !== undefined) target.compat.changed('name')
    blocks.push(...encodeParts(message.content, target))
  }
  const isWordless = blocks.some(isDocument) && !blocks.some((block) => 'text' in block)
  return isWordless ? [...blocks, { text: BESIDE_DOCUMENTS }] : blocks
}

/** Instructions amid a conversation keep their place, as marked words of the user. */
function encodeLaterSystem({ content }: SystemMessage, target: CacheTarget): Block[] {
  const parts = content.filter(({ text }) => textBlock(text) !== undefined)
  if (parts.length === 0) return []
  const text = `<system>\n${parts.map((part) => part.text).join('\n\n')}\n</system>`
  const mark = parts.findLast(({ cache }) => cache !== undefined)?.cache
  return [{ text }, ...cachePoints(mark, 'messages', target)]
}

/** Makes the user begin, and looks at how the conversation ends. */
function settleEnds(turns: Turn[], { profile, compat }: RunTarget): void {
  if (turns.length === 0) {
    throw invalidRequest('messages has nothing to answer in it.', 'messages')
  }
  if (turns[0]?.role === 'assistant') {
    compat.changed('messages', 'begun')
    turns.unshift({ role: 'user', content: [{ text: BEGINNING }] })
  }
  const last = turns.at(-1)
  if (last?.role !== 'assistant') return
  if (!profile.canContinueAnswer) {
    compat.refused(
      'messages',
      'they end with the beginning of an answer, and this model continues none. End with a user message.',
    )
    turns.pop()
    return
  }
  // White space at its end is refused; text that is nothing else was left out before.
  const text = last.content.at(-1)
  if (text !== undefined && 'text' in text)
    last.content.splice(-1, 1, { text: text.text.trimEnd() })
}

/** A point cannot stand within a result, so it stands behind. */
function lastMark({ content }: ToolMessage): CacheMark | undefined {
  return content.map(markOf).findLast((mark) => mark !== undefined)
}

function isDocument(block: Block): boolean {
  return 'document' in block
}
