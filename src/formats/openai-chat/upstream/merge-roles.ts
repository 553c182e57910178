import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { Draft } from './draft.ts'
import { textPart } from './encode-content.ts'

/** Turns of one role that follow each other, as one; calls are followed by their results, and stay. */
export function mergeRoles(messages: readonly unknown[]): unknown[] {
  const merged: unknown[] = []
  for (const message of messages) {
    const last = merged.at(-1)
    const isSame = isObject(last) && isObject(message) && last['role'] === message['role']
    if (isSame && last['role'] !== 'tool' && last['tool_calls'] === undefined) {
      merged[merged.length - 1] = mergeTwo(last, message)
    } else merged.push(message)
  }
  return merged
}

function mergeTwo(first: JsonObject, second: JsonObject): Draft {
  const [before, after] = [first['content'] ?? '', second['content'] ?? '']
  if (typeof before === 'string' && typeof after === 'string') {
    const separator = before === '' || after === '' ? '' : '\n\n'
    return { ...first, ...second, content: before + separator + after }
  }
  return { ...first, ...second, content: [...partsOf(before), ...partsOf(after)] }
}

function partsOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content
  return typeof content === 'string' && content !== '' ? [textPart(content)] : []
}
