import type { TextPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needString, readObjects, readString } from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeCache } from './decode-cache.ts'

/** A list of content blocks; a string is one block of text. Undefined where there is none. */
export function readBlocks(
  owner: JsonObject,
  member: string,
  path: string,
): readonly JsonObject[] | undefined {
  const content = Object.hasOwn(owner, member) ? (owner[member] ?? undefined) : undefined
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (content === undefined || Array.isArray(content)) return readObjects(owner, member, path)
  const at = path + member
  throw invalidRequest(`${at} must be a string or a list of content blocks.`, at)
}

/** A text block; undefined for one that is empty, which says nothing and which most providers refuse. */
export function decodeText(
  block: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): TextPart | undefined {
  const text = needString(block, 'text', path)
  const cache = decodeCache(block, path)
  notes.others(block, KNOWN, 'messages')
  if (text !== '') return defined({ kind: 'text' as const, text, cache })
  if (cache === undefined) return undefined
  throw invalidRequest(`${path}cache_control stands on an empty text.`, `${path}cache_control`)
}

const KNOWN = new Set(['type', 'text', 'cache_control'])

/** The texts of a list that may hold nothing else, such as `system`, but what is `native` to Anthropic. */
export function decodeTexts(
  owner: JsonObject,
  member: string,
  path: string,
  notes: UntranslatedNotes,
  native: ReadonlySet<unknown> = NOTHING,
): readonly TextPart[] {
  const parts: TextPart[] = []
  for (const [index, block] of (readBlocks(owner, member, path) ?? []).entries()) {
    const at = `${path}${member}.${index}.`
    if (native.has(block['type'])) {
      refuseNative(block, at, notes)
      continue
    }
    if (readString(block, 'type', at) !== 'text') {
      throw invalidRequest(`${at}type must be text.`, `${at}type`)
    }
    const part = decodeText(block, at, notes)
    if (part !== undefined) parts.push(part)
  }
  return parts
}

const NOTHING: ReadonlySet<unknown> = new Set()

/** A name or an id: a string with something in it. */
export function needName(object: JsonObject, member: string, path: string): string {
  const name = needString(object, member, path)
  if (name !== '') return name
  throw invalidRequest(`${path}${member} must not be empty.`, path + member)
}

/** Notes a block, or a tool, that no other format knows. */
export function refuseNative(object: JsonObject, path: string, notes: UntranslatedNotes): void {
  const type = needString(object, 'type', path)
  const what = TYPE_NAME.test(type) ? `"${type}"` : 'its type'
  notes.refused(`${path}type`, `${what} is known to models behind Anthropic's own API only.`)
}

/** Types are repeated to the caller, values are not. */
const TYPE_NAME = /^[a-z][a-z0-9_]{0,63}$/
