import type { Grammar, Tool } from './chat.ts'
import type { Compat } from './compat.ts'
import { isObject, type JsonObject, tryParseJson } from './parse.ts'
import { defined, needString, needWord } from './read.ts'

/**
 * Tools that take text and not JSON. In the canonical model their calls' arguments are `{"input": "the text"}`, which
 * models of every provider can write; formats that have such tools show callers the text alone.
 */

/** The parameters of such a tool, for formats whose tools all take JSON. */
export const FREEFORM_PARAMETERS: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false,
}

/** A grammar as OpenAI's formats have it. */
export function readGrammar(format: JsonObject, path: string): Grammar {
  const syntax = needWord(format, 'syntax', ['lark', 'regex'], path)
  return { syntax, definition: needString(format, 'definition', path) }
}

/** The tool as one that takes JSON, for models that have no others; one that takes JSON anyway is the same. */
export function asFunctionTool(tool: Tool, compat: Compat): Tool {
  const { isFreeform = false, grammar, ...others } = tool
  if (!isFreeform) return tool
  const description = describeGrammar(others.description, grammar, compat)
  return defined({ ...others, description, parameters: FREEFORM_PARAMETERS })
}

/** A description that tells the grammar, too: a model that cannot be held to it follows it as well as it can. */
export function describeGrammar(
  description: string | undefined,
  grammar: Grammar | undefined,
  compat: Compat,
): string | undefined {
  if (grammar === undefined) return description
  compat.changed('grammar', 'described')
  const { syntax, definition } = grammar
  const rule = `The input is plain text that follows this ${syntax} grammar:\n${definition}`
  return description === undefined ? rule : `${description}\n\n${rule}`
}

/** What stands around the text, as a JSON string without its quotation marks, in the arguments that stand for it. */
export const FREEFORM_HEAD = '{"input":"'
export const FREEFORM_TAIL = '"}'

/** The arguments that stand for a text. */
export function freeformArguments(text: string): string {
  return FREEFORM_HEAD + JSON.stringify(text).slice(1, -1) + FREEFORM_TAIL
}

/** The text that arguments stand for: whole ones, or ones that were cut off. */
export function freeformInput(text: string): string {
  const reader = freeformReader()
  return reader.next(text) + reader.end()
}

/** Reads the text out of arguments as they come. */
export interface FreeformReader {
  /** What a piece of the arguments adds to the text. */
  next(piece: string): string
  /** What is left once all arguments have come: the whole text where they are not of the shape that was asked for. */
  end(): string
}

/** In front of the text in well-shaped arguments. */
const HEAD = /^\s*\{\s*"input"\s*:\s*"/

export function freeformReader(): FreeformReader {
  let state: 'head' | 'text' | 'after' | 'strange' = 'head'
  /** What cannot be read yet: all that came, until the head is whole; then half an escape at most. */
  let held = ''
  /** The first half of a character in two halves (a surrogate), which must not be shown alone. */
  let half = ''
  const readText = (): string => {
    const { length, isEnd } = readable(held)
    const text = half + unescape(held.slice(0, length))
    held = held.slice(length)
    if (isEnd) state = 'after'
    half = !isEnd && isHalf(text) ? text.slice(-1) : ''
    return half === '' ? text : text.slice(0, -1)
  }
  const readHead = (): string => {
    const head = HEAD.exec(held)
    if (head === null) {
      const compact = held.replaceAll(/\s/g, '')
      const isHeadSoFar = compact !== FREEFORM_HEAD && FREEFORM_HEAD.startsWith(compact)
      if (!isHeadSoFar) state = 'strange'
      return ''
    }
    held = held.slice(head[0].length)
    state = 'text'
    return readText()
  }
  return {
    next(piece) {
      if (state === 'after') return ''
      held += piece
      if (state === 'text') return readText()
      return state === 'head' ? readHead() : ''
    },
    end: () => (state === 'strange' ? textOfStrange(held) : half),
  }
}

/** How much of an escaped text can be read, and whether its closing quotation mark follows. */
function readable(escaped: string): { readonly length: number; readonly isEnd: boolean } {
  let at = 0
  while (at < escaped.length) {
    if (escaped[at] === '"') return { length: at, isEnd: true }
    const isEscape = escaped[at] === '\\'
    const size = isEscape ? (escaped[at + 1] === 'u' ? 6 : 2) : 1
    if (at + size > escaped.length) break
    at += size
  }
  return { length: at, isEnd: false }
}

function isHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}

function unescape(escaped: string): string {
  if (!escaped.includes('\\')) return escaped
  // Models write bare line ends into strings now and then.
  const json = escaped.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
  const text = tryParseJson(`"${json}"`)
  return typeof text === 'string' ? text : escaped
}

/** Arguments of another shape: the text in a member of another name, or no JSON at all. */
function textOfStrange(text: string): string {
  const value = tryParseJson(text)
  if (typeof value === 'string') return value
  if (!isObject(value)) return text
  const values = Object.values(value)
  if (values.length === 0) return ''
  const input = Object.hasOwn(value, 'input') || values.length !== 1 ? value['input'] : values[0]
  return typeof input === 'string' ? input : text
}
