import type {
  AssistantMessage,
  ChatMessage,
  ReasoningPart,
  ToolCallPart,
  ToolMessage,
  UserMessage,
} from '../../../core/chat.ts'
import { freeformInput } from '../../../core/freeform.ts'
import { plainName } from '../../../core/plain-name.ts'
import { defined } from '../../../core/read.ts'
import type { Draft } from './draft.ts'
import { encodeContent, encodeInstructions } from './encode-content.ts'
import { encodeToolResults } from './encode-tool-results.ts'
import { MAX_NAME_LENGTH } from './encode-tools.ts'

/**
 * A conversation in OpenAI's own dialect; what a profile needs otherwise is changed after. The results of calls stand
 * directly behind them, wherever they stood before. `freeform` are the tools that take text and not JSON.
 */
export function encodeMessages(
  messages: readonly ChatMessage[],
  freeform: ReadonlySet<string>,
): Draft[] {
  const turns = oneTurnForCalls(messages)
  const encoded: Draft[] = []
  const done = new Set<ChatMessage>()
  for (const [at, message] of turns.entries()) {
    if (done.has(message)) continue
    switch (message.role) {
      case 'system': {
        const content = encodeInstructions(message.content)
        if (content !== '') encoded.push({ role: 'system', content })
        break
      }
      case 'user':
        encoded.push(encodeUser(message))
        break
      case 'assistant': {
        const turn = encodeAssistant(message, freeform)
        if (turn !== undefined) encoded.push(turn)
        const results = resultsOf(message, turns, at + 1)
        for (const result of results) done.add(result)
        encoded.push(...encodeToolResults(results))
        break
      }
      case 'tool':
        encoded.push(...encodeToolResults([message]))
        break
      default:
        message satisfies never
    }
  }
  return encoded
}

function encodeUser({ content, name }: UserMessage): Draft {
  return defined({ role: 'user', content: encodeContent(content), name })
}

/** Undefined for a turn in which nothing was said: an empty one is refused. */
function encodeAssistant(
  { content }: AssistantMessage,
  freeform: ReadonlySet<string>,
): Draft | undefined {
  let text = ''
  let refusal = ''
  let reasoning = ''
  const calls: Draft[] = []
  for (const part of content) {
    switch (part.kind) {
      case 'text':
        text += part.text
        break
      case 'refusal':
        refusal += part.text
        break
      case 'reasoning':
        if (isOwn(part)) reasoning += part.text
        break
      case 'tool-call':
        calls.push(encodeCall(part, freeform))
        break
      default:
        part satisfies never
    }
  }
  if (text === '' && refusal === '' && calls.length === 0) return undefined
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(refusal === '' ? {} : { refusal }),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
}

/** Providers of this dialect prove no reasoning: what bears a proof is another's. */
const isOwn = ({ proof }: ReasoningPart): boolean => proof === undefined

function encodeCall(call: ToolCallPart, freeform: ReadonlySet<string>): Draft {
  const { id } = call
  const name = plainName(call.name, MAX_NAME_LENGTH)
  if (freeform.has(call.name)) {
    return { id, type: 'custom', custom: { name, input: freeformInput(call.arguments) } }
  }
  const text = call.arguments.trim() === '' ? '{}' : call.arguments
  return { id, type: 'function', function: { name, arguments: text } }
}

/** The results of a turn's calls, in the order in which they came; they end where the next calls begin. */
function resultsOf(
  { content }: AssistantMessage,
  messages: readonly ChatMessage[],
  from: number,
): ToolMessage[] {
  const open = new Set(content.flatMap((part) => (part.kind === 'tool-call' ? [part.id] : [])))
  const results: ToolMessage[] = []
  for (let at = from; at < messages.length && open.size > 0; at++) {
    const message = messages[at]
    if (message?.role === 'assistant' && hasCalls(message)) break
    if (message?.role === 'tool' && open.delete(message.callId)) results.push(message)
  }
  return results
}

const hasCalls = ({ content }: AssistantMessage): boolean =>
  content.some((part) => part.kind === 'tool-call')

/** Calls that were given as turns of their own, one behind the other, become the one turn that they are. */
function oneTurnForCalls(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const turns: ChatMessage[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (message.role === 'assistant' && last?.role === 'assistant' && hasCalls(last)) {
      turns[turns.length - 1] = {
        role: 'assistant',
        content: [...last.content, ...message.content],
      }
    } else turns.push(message)
  }
  return turns
}
