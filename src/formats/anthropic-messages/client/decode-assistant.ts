import type { AssistantPart, ReasoningPart, ToolCallPart } from '../../../core/chat.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needObject, needString, readObject, readString } from '../../../core/read.ts'
import { joinReasoning, unpackProof } from '../../../core/reasoning-proof.ts'
import { unpackToolCallId } from '../../../core/tool-call-id.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeText, needName, readBlocks, refuseNative } from './decode-blocks.ts'
import { decodeCache } from './decode-cache.ts'

export interface AssistantContent {
  readonly parts: readonly AssistantPart[]
  /** The calls of tools, each by its id, with the path of its block. */
  readonly calls: readonly (readonly [id: string, path: string])[]
}

/** What an assistant message holds. */
export function decodeAssistantContent(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): AssistantContent {
  const parts: AssistantPart[] = []
  const calls: [id: string, path: string][] = []
  for (const [index, block] of (readBlocks(message, 'content', path) ?? []).entries()) {
    const at = `${path}content.${index}.`
    const part = decodeAssistantBlock(block, at, notes)
    if (part === undefined) continue
    addPart(parts, part)
    if (part.kind === 'tool-call') calls.push([part.id, at.slice(0, -1)])
  }
  return { parts, calls }
}

function addPart(parts: AssistantPart[], part: AssistantPart): void {
  const last = parts.at(-1)
  const isReasoned = last?.kind === 'reasoning' && part.kind === 'reasoning'
  const joined = isReasoned ? joinReasoning(last, part) : undefined
  if (joined === undefined) parts.push(part)
  else parts[parts.length - 1] = joined
}

function decodeAssistantBlock(
  block: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): AssistantPart | undefined {
  switch (needString(block, 'type', path)) {
    case 'text':
      return decodeText(block, path, notes)
    case 'thinking':
      return decodeThinking(block, path, notes)
    case 'redacted_thinking':
      return decodeRedactedThinking(block, path)
    case 'tool_use':
      return decodeToolUse(block, path, notes)
    default:
      refuseNative(block, path, notes)
      return undefined
  }
}

/** Reasoning with its proof; without one where the signature is empty, as it is for reasoning of models that sign nothing. */
function decodeThinking(
  block: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): ReasoningPart | undefined {
  notes.others(block, THINKING_MEMBERS, 'messages')
  const text = readString(block, 'thinking', path) ?? ''
  const signature = readString(block, 'signature', path) ?? ''
  if (signature === '') return text === '' ? undefined : { kind: 'reasoning', text }
  return { kind: 'reasoning', text, proof: unpackProof(signature, 'signature') }
}

const THINKING_MEMBERS = new Set(['type', 'thinking', 'signature'])

function decodeRedactedThinking(block: JsonObject, path: string): ReasoningPart | undefined {
  const data = needString(block, 'data', path)
  if (data === '') return undefined
  return { kind: 'reasoning', text: '', proof: unpackProof(data, 'encrypted') }
}

function decodeToolUse(block: JsonObject, path: string, notes: UntranslatedNotes): ToolCallPart {
  const { id, proof } = unpackToolCallId(needName(block, 'id', path))
  const input = needObject(block, 'input', path)
  const caller = readObject(block, 'caller', path)
  if (caller !== undefined && caller['type'] !== 'direct') notes.changed('caller')
  notes.others(block, CALL_MEMBERS, 'messages')
  return defined({
    kind: 'tool-call' as const,
    id,
    name: needName(block, 'name', path),
    arguments: JSON.stringify(input),
    proof,
    cache: decodeCache(block, path),
  })
}

const CALL_MEMBERS = new Set(['type', 'id', 'name', 'input', 'caller', 'cache_control'])
