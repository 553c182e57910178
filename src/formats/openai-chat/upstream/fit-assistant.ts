import { freeformArguments } from '../../../core/freeform.ts'
import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { Draft, FitTarget } from './draft.ts'
import { textPart } from './encode-content.ts'
import { fitContent, plainText } from './fit-content.ts'
import type { ToolIds } from './tool-ids.ts'

interface AssistantTarget extends FitTarget {
  readonly idOf: ToolIds
}

/** What answers say and requests need not repeat; hosts that check members refuse the request for it. */
const ANSWER_ONLY = ['annotations', 'audio', 'function_call', 'refusal'] as const
const REASONING = [
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'thinking_blocks',
] as const

/** A turn of the assistant's: its text, its calls, and its reasoning where the host wants that back. */
export function fitAssistant(message: JsonObject, target: AssistantTarget): unknown[] {
  const { profile } = target
  const fit: Draft = { ...message, content: fitContent(message['content'], target) }
  if (Array.isArray(message['tool_calls']) && message['tool_calls'].length > 0) {
    const calls: readonly unknown[] = message['tool_calls']
    fit['tool_calls'] = calls.map((call) => fitCall(call, target))
  } else delete fit['tool_calls']
  if (profile.reasoning.replay === 'as-it-came') return [fit]
  if (!profile.isExact) {
    if (typeof fit['refusal'] === 'string') addText(fit, fit['refusal'])
    for (const name of ANSWER_ONLY)
      if (name !== 'function_call' || fit[name] === null) delete fit[name]
  }
  for (const name of REASONING) delete fit[name]
  if (isEmpty(fit)) return []
  replay(fit, reasoningOf(message), target)
  return [fit]
}

/** Nothing was said: an empty turn is refused. */
function isEmpty({ content, tool_calls, refusal, function_call, audio }: Draft): boolean {
  const said = [tool_calls, refusal, function_call, audio].some(
    (one) => (one ?? undefined) !== undefined,
  )
  const isContentEmpty = Array.isArray(content) ? content.length === 0 : (content ?? '') === ''
  return !said && isContentEmpty
}

function addText(fit: Draft, text: string): void {
  const before = plainText(fit['content'])
  fit['content'] = before === '' ? text : `${before}\n\n${text}`
}

/** The model's own reasoning in an earlier turn. What bears a proof is another provider's, and no use here. */
function reasoningOf({ reasoning_content, reasoning, thinking_blocks }: JsonObject): string {
  if (Array.isArray(thinking_blocks) && thinking_blocks.length > 0) return ''
  if (typeof reasoning_content === 'string') return reasoning_content
  return typeof reasoning === 'string' ? reasoning : ''
}

function replay(fit: Draft, text: string, { profile }: FitTarget): void {
  const { replay: way, backfillsReplay } = profile.reasoning
  if (way === 'none' || way === 'as-it-came' || (text === '' && !backfillsReplay)) return
  if (way !== 'thinking-parts') {
    fit[way] = text
    return
  }
  const { content } = fit
  const thinking = { type: 'thinking', thinking: [textPart(text)] }
  if (Array.isArray(content)) fit['content'] = [thinking, ...content]
  else fit['content'] = typeof content === 'string' ? [thinking, textPart(content)] : [thinking]
}

function fitCall(call: unknown, { profile, idOf }: AssistantTarget): unknown {
  if (!isObject(call)) return call
  const { id, custom } = call
  const named = typeof id === 'string' ? { id: idOf(id) } : {}
  if (call['type'] !== 'custom' || !isObject(custom) || profile.tools.custom) {
    return { ...call, ...named }
  }
  const text = freeformArguments(typeof custom['input'] === 'string' ? custom['input'] : '')
  return { ...named, type: 'function', function: { name: custom['name'], arguments: text } }
}
