import { withoutAttributionNote } from './attribution-note.ts'
import { isObject, type JsonObject } from './parse.ts'

/** A long text is told from others by its beginning, its end and its length: that much is taken of each end. */
const EDGE_CHARACTERS = 128
/** So many messages are looked at, so many parts of each list, and so many texts are taken: the last, which differ most. */
const MAX_MESSAGES = 16
const MAX_PARTS = 8
const MAX_DEPTH = 4

/** What says how a part is to be taken, and may change from turn to turn. */
const MARKS: ReadonlySet<string> = new Set(['type', 'cache_control', 'prompt_cache_breakpoint'])

/**
 * What all turns of a conversation have in common, and hardly two conversations: its instructions and all that the user
 * said before the first answer, shortened, as a text to be hashed. Of a body in any format that callers speak. Whether a
 * message is a text or has parts makes no difference, nor do cache marks, which wander from turn to turn. Undefined where
 * nothing was said.
 */
export function conversationOpening(body: JsonObject): string | undefined {
  const { system, instructions, messages, input } = body
  const rules: string[] = []
  gather(system, rules)
  gather(instructions, rules)
  const said: string[] = []
  const turns = messages ?? input
  if (Array.isArray(turns)) {
    for (const turn of turns.slice(0, MAX_MESSAGES)) {
      if (!isObject(turn) || !isBeforeAnswer(turn)) break
      gather(turn['content'], said)
    }
  } else gather(turns, said)
  const texts = [...rules.slice(-MAX_PARTS), ...said.slice(-MAX_PARTS)]
  return texts.length === 0 ? undefined : texts.map(shortened).join('\n')
}

function isBeforeAnswer({ role }: JsonObject): boolean {
  return role === 'user' || role === 'system' || role === 'developer'
}

/** Adds all texts within a content. What is wrong with it is for whoever translates it to say. */
function gather(content: unknown, texts: string[], depth = MAX_DEPTH): void {
  if (typeof content === 'string') {
    const said = withoutAttributionNote(content)
    if (said !== '') texts.push(said)
  } else if (depth > 0 && Array.isArray(content)) {
    for (const part of content.slice(-MAX_PARTS)) gather(part, texts, depth - 1)
  } else if (depth > 0 && isObject(content)) {
    for (const [name, member] of Object.entries(content).slice(0, MAX_PARTS)) {
      if (!MARKS.has(name)) gather(member, texts, depth - 1)
    }
  }
}

function shortened(text: string): string {
  if (text.length <= 2 * EDGE_CHARACTERS) return text
  return `${text.slice(0, EDGE_CHARACTERS)}${text.length}${text.slice(-EDGE_CHARACTERS)}`
}
