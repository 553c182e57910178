import { invalidRequest } from './errors.ts'
import { isObject, type JsonObject } from './parse.ts'

/**
 * Reading the members of a caller's body, whose shape is not known yet. A member that is missing or null is undefined; one
 * of the wrong kind is an `invalid_request` that names it by its path, such as `messages.2.content`, and never quotes it.
 * A path ends in a dot, or is empty at the top.
 */

export function readString(object: JsonObject, member: string, path = ''): string | undefined {
  const value = memberOf(object, member)
  if (value === undefined || typeof value === 'string') return value
  throw wrong(member, path, 'a string')
}

export function needString(object: JsonObject, member: string, path = ''): string {
  return readString(object, member, path) ?? missing(member, path)
}

/** A number; `limits` are inclusive. */
export function readNumber(
  object: JsonObject,
  member: string,
  path = '',
  limits: readonly [min: number, max: number] = [-Infinity, Infinity],
): number | undefined {
  const value = memberOf(object, member)
  if (value === undefined) return undefined
  if (typeof value !== 'number') throw wrong(member, path, 'a number')
  const [min, max] = limits
  if (value >= min && value <= max) return value
  throw wrong(member, path, max === Infinity ? `${min} or more` : `from ${min} to ${max}`)
}

export function readInteger(
  object: JsonObject,
  member: string,
  path = '',
  limits?: readonly [min: number, max: number],
): number | undefined {
  const value = readNumber(object, member, path, limits)
  if (value === undefined || Number.isSafeInteger(value)) return value
  throw wrong(member, path, 'a whole number')
}

export function readBoolean(object: JsonObject, member: string, path = ''): boolean | undefined {
  const value = memberOf(object, member)
  if (value === undefined || typeof value === 'boolean') return value
  throw wrong(member, path, 'true or false')
}

export function readObject(object: JsonObject, member: string, path = ''): JsonObject | undefined {
  const value = memberOf(object, member)
  if (value === undefined || isObject(value)) return value
  throw wrong(member, path, 'an object')
}

export function needObject(object: JsonObject, member: string, path = ''): JsonObject {
  return readObject(object, member, path) ?? missing(member, path)
}

/** A list of objects. */
export function readObjects(
  object: JsonObject,
  member: string,
  path = '',
): readonly JsonObject[] | undefined {
  const value = memberOf(object, member)
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw wrong(member, path, 'a list')
  return value.map((item: unknown, index) => {
    if (isObject(item)) return item
    throw wrong(`${member}.${index}`, path, 'an object')
  })
}

/** A list of strings. */
export function readStrings(
  object: JsonObject,
  member: string,
  path = '',
): readonly string[] | undefined {
  const value = memberOf(object, member)
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw wrong(member, path, 'a list')
  return value.map((item: unknown, index) => {
    if (typeof item === 'string') return item
    throw wrong(`${member}.${index}`, path, 'a string')
  })
}

/** One of the words that are listed. */
export function readWord<Word extends string>(
  object: JsonObject,
  member: string,
  words: readonly Word[],
  path = '',
): Word | undefined {
  const text = readString(object, member, path)
  if (text === undefined) return undefined
  const word = words.find((known) => known === text)
  return word ?? oneOf(member, path, words)
}

export function needWord<Word extends string>(
  object: JsonObject,
  member: string,
  words: readonly Word[],
  path = '',
): Word {
  return readWord(object, member, words, path) ?? missing(member, path)
}

/** The members that are not named here. */
export function without(object: JsonObject, known: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !known.has(name) && value !== null),
  )
}

/** An object whose members that may be undefined may be missing instead. */
export type Defined<Members> = {
  [Name in keyof Members as undefined extends Members[Name] ? never : Name]: Members[Name]
} & {
  [Name in keyof Members as undefined extends Members[Name] ? Name : never]?: Exclude<
    Members[Name],
    undefined
  >
}

/** The object less its members that are undefined. */
export function defined<Members extends object>(members: Members): Defined<Members> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what was filtered out is what the type leaves out
  return Object.fromEntries(entries) as Defined<Members>
}

function memberOf(object: JsonObject, member: string): unknown {
  return Object.hasOwn(object, member) ? (object[member] ?? undefined) : undefined
}

function missing(member: string, path: string): never {
  throw invalidRequest(`${path}${member} is missing.`, path + member)
}

function oneOf(member: string, path: string, words: readonly string[]): never {
  throw wrong(member, path, `one of ${words.join(', ')}`)
}

function wrong(member: string, path: string, what: string): Error {
  return invalidRequest(`${path}${member} must be ${what}.`, path + member)
}
