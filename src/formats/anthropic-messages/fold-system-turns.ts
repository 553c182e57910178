import type { Compat } from '../../core/compat.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'
import { isWithoutEffect } from '../../core/rest.ts'

/**
 * Instructions amid a conversation, for models that know them at its head only: the words of a user, marked. They keep
 * their place, since moving them to the head would change every earlier token, and with it caches and the proofs of
 * reasoning. The mark is part of what earlier requests said: it never changes.
 */
export function systemTurnText(text: string): string {
  return `<system>\n${text}\n</system>`
}

/**
 * The `messages` of a body with turns of role `system` made turns of the user, for hosts and models that do not take
 * them; undefined where there are none. A result of a tool must follow its call at once: a system turn between the two
 * moves behind it. What a user cannot say, such as which tools there are from here on, is reported.
 */
export function foldSystemTurns(body: JsonObject, compat: Compat): readonly unknown[] | undefined {
  const { messages } = body
  if (!Array.isArray(messages) || !messages.some(isSystemTurn)) return undefined
  reportUnsaid(messages.filter(isSystemTurn), compat)
  const folded: unknown[] = []
  let run: unknown[] = []
  let isFolded = false
  const closeRun = (): void => {
    if (isFolded) folded.push(...run.filter(hasToolResults), ...run.filter(hasNoToolResults))
    else folded.push(...run)
    run = []
    isFolded = false
  }
  for (const message of messages) {
    if (isSystemTurn(message)) {
      const turn = userTurnOf(message)
      if (turn !== undefined) run.push(turn)
      isFolded = true
    } else if (isObject(message) && message['role'] === 'assistant') {
      closeRun()
      folded.push(message)
    } else {
      run.push(message)
    }
  }
  closeRun()
  return folded
}

function isSystemTurn(message: unknown): message is JsonObject {
  return isObject(message) && message['role'] === 'system'
}

function hasToolResults(message: unknown): boolean {
  if (!isObject(message) || !Array.isArray(message['content'])) return false
  return message['content'].some((block) => isObject(block) && block['type'] === 'tool_result')
}

function hasNoToolResults(message: unknown): boolean {
  return !hasToolResults(message)
}

/** Blocks of system turns that change which tools there are. */
export const TOOL_CHANGES: ReadonlySet<unknown> = new Set(['tool_addition', 'tool_removal'])

function reportUnsaid(turns: readonly JsonObject[], compat: Compat): void {
  const blocks = turns.flatMap(({ content }): unknown[] => (Array.isArray(content) ? content : []))
  for (const type of TOOL_CHANGES) {
    if (!blocks.some((block) => isObject(block) && block['type'] === type)) continue
    compat.refused(String(type), 'its tools stay the same through a conversation.')
  }
  for (const member of new Set(turns.flatMap(unsaidMembers))) compat.changed(member)
}

/** Members of system turns, and what they are where they say nothing. */
const MEMBERS = [
  ['clear_at', 'never'],
  ['output_config', undefined],
] as const

/** What a system turn wishes beside what it says, by names that are not those of the body's own members. */
export function unsaidMembers(turn: JsonObject): readonly string[] {
  return MEMBERS.filter(
    ([name, usual]) => turn[name] !== usual && !isWithoutEffect(name, turn[name]),
  ).map(([name]) => `messages.${name}`)
}

function userTurnOf({ content }: JsonObject): JsonObject | undefined {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  if (!Array.isArray(blocks)) return undefined
  const texts = blocks.filter(isSaying)
  if (texts.length === 0) return undefined
  const mark = texts.findLast((block) => isObject(block['cache_control']))?.['cache_control']
  const text = systemTurnText(texts.map((block) => block.text).join('\n\n'))
  return {
    role: 'user',
    content: [{ type: 'text', text, ...(mark === undefined ? {} : { cache_control: mark }) }],
  }
}

function isSaying(block: unknown): block is JsonObject & { readonly text: string } {
  return isObject(block) && typeof block['text'] === 'string' && block['text'].trim() !== ''
}
