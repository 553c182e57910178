import { withoutAttributionNote } from '../../core/attribution-note.ts'
import type { MemberEdits } from '../../core/json-members.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'

/** The edits that take Claude Code's note off a Messages body's `system`, and that with it where there is nothing else. */
export function noteEdits(body: JsonObject): Required<Pick<MemberEdits, 'set' | 'remove'>> {
  const system = systemWithoutNote(body)
  if (system === undefined) return { set: {}, remove: [] }
  return system.length === 0 ? { set: {}, remove: ['system'] } : { set: { system }, remove: [] }
}

/** Undefined where there is no such note. */
function systemWithoutNote({ system }: JsonObject): string | readonly unknown[] | undefined {
  if (typeof system === 'string') {
    const text = withoutAttributionNote(system)
    return text === system ? undefined : text
  }
  if (!Array.isArray(system) || !system.some(hasNote)) return undefined
  return system.flatMap((block: unknown) => {
    if (!hasNote(block)) return [block]
    const text = withoutAttributionNote(block.text)
    return text === '' ? [] : [{ ...block, text }]
  })
}

function hasNote(block: unknown): block is JsonObject & { readonly text: string } {
  if (!isObject(block) || typeof block['text'] !== 'string') return false
  return withoutAttributionNote(block['text']) !== block['text']
}
