import { withoutAttributionNote } from '../../core/attribution-note.ts'
import { isObject, type JsonObject } from '../../core/parse.ts'

/** A Messages body's `system` without Claude Code's note, which may leave nothing; undefined where there is no such note. */
export function systemWithoutNote({ system }: JsonObject): string | readonly unknown[] | undefined {
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
