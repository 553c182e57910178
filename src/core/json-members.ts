/**
 * Changing single members of a JSON object's text and leaving every other byte as it came: no number is rounded, no
 * key reordered, no prompt cache missed. The text must be valid JSON with an object at the top.
 */

export interface MemberEdits {
  /** Members to set; a value is written as JSON. A member that is not there is added at the end. */
  readonly set?: Readonly<Record<string, unknown>>
  readonly remove?: readonly string[]
  /** Members that get another name in the end; where it is taken, they are left out. */
  readonly rename?: Readonly<Record<string, string>>
}

interface Member {
  readonly name: string
  /** Where the member's name begins, its value begins, and its value ends. */
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** The text with the edits made. A name that occurs twice is edited both times, since readers differ in which counts. */
export function editMembers(text: string, edits: MemberEdits): string {
  const { set = {}, remove = [], rename } = edits
  const missing = new Map(Object.entries(set))
  if (missing.size === 0 && remove.length === 0 && rename === undefined) return text
  const members = topLevelMembers(text)
  const nameOf = newNames(() => [...remaining(members, remove), ...missing.keys()], rename)
  let edited = ''
  let behind: number | undefined
  for (const { name, start, valueStart, end } of members) {
    // The white space and the comma before a member go or stay with it.
    const separator = behind === undefined ? '' : text.slice(behind, start)
    behind = end
    if (remove.includes(name)) continue
    missing.delete(name)
    const newName = nameOf(name)
    if (newName === undefined) continue
    if (edited !== '') edited += separator
    edited += newName === name ? text.slice(start, valueStart) : `${JSON.stringify(newName)}:`
    edited += Object.hasOwn(set, name) ? JSON.stringify(set[name]) : text.slice(valueStart, end)
  }
  for (const [name, value] of missing) {
    const newName = nameOf(name)
    if (newName === undefined) continue
    edited += `${edited === '' ? '' : ','}${JSON.stringify(newName)}:${JSON.stringify(value)}`
  }
  const open = members[0]?.start ?? text.indexOf('{') + 1
  return text.slice(0, open) + edited + text.slice(behind ?? open)
}

function remaining(members: readonly Member[], remove: readonly string[]): string[] {
  return members.map(({ name }) => name).filter((name) => !remove.includes(name))
}

/** What each of an object's members is called in the end, asked for once each; undefined where its new name is taken. */
export function newNames(
  namesNow: () => readonly string[],
  rename: MemberEdits['rename'],
): (name: string) => string | undefined {
  if (rename === undefined) return (name) => name
  const taken = new Set(namesNow().filter((name) => !Object.hasOwn(rename, name)))
  return (name) => {
    const newName = Object.hasOwn(rename, name) ? rename[name] : undefined
    if (newName === undefined) return name
    if (taken.has(newName)) return undefined
    taken.add(newName)
    return newName
  }
}

/**
 * Gives a top-level member's value as JSON text; undefined where there is none. The text, looked through once whatever is
 * asked of it, may be anything: it is not checked.
 */
export function memberReader(text: string): (name: string) => string | undefined {
  let members: readonly Member[] | undefined
  return (name) => {
    try {
      members ??= topLevelMembers(text)
    } catch {
      members = []
    }
    const member = members.findLast((found) => found.name === name)
    return member && text.slice(member.valueStart, member.end)
  }
}

/**
 * How often a top-level member occurs. Names are told apart as the loosest readers do, without regard to case; and where
 * one occurs twice, readers differ in which counts.
 */
export function countMembers(text: string, name: string): number {
  return topLevelMembers(text).filter((member) => member.name.toLowerCase() === name).length
}

function topLevelMembers(text: string): Member[] {
  const members: Member[] = []
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (at < text.length && text[at] !== '}') {
    const start = at
    const nameEnd = endOfString(text, start)
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1)
    const end = endOfValue(text, valueStart)
    members.push({ name: nameIn(text.slice(start, nameEnd)), start, valueStart, end })
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** Few names have anything to be unescaped. */
function nameIn(quoted: string): string {
  return quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1)
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at++
  return at
}

/** Just behind the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return text.length
    let escapes = 0
    while (text[quote - 1 - escapes] === '\\') escapes++
    if (escapes % 2 === 0) return quote + 1
    at = quote + 1
  }
}

const QUOTE = 0x22
const STRUCTURE = /["{}[\]]/g
const SCALAR_END = /[\s,}\]]/g

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfString(text, start)
  if (first !== '{' && first !== '[') {
    SCALAR_END.lastIndex = start
    return SCALAR_END.exec(text)?.index ?? text.length
  }
  let depth = 0
  STRUCTURE.lastIndex = start
  for (;;) {
    const match = STRUCTURE.exec(text)
    if (match === null) return text.length
    const at = match.index
    if (text.charCodeAt(at) === QUOTE) {
      STRUCTURE.lastIndex = endOfString(text, at)
      continue
    }
    depth += match[0] === '{' || match[0] === '[' ? 1 : -1
    if (depth === 0) return at + 1
  }
}
