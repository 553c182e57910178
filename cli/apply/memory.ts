import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { isObject, type JsonObject, tryParseJson } from '../../src/core/parse.ts'
import { usage } from '../failure.ts'
import { textOf } from '../json.ts'
import { readIfThere, writePrivate } from '../private-file.ts'
import { type Unsaved, unsavedKeys } from './unsaved.ts'

/**
 * What `apply` remembers of a thing that it wrote: the gateway never gives a secret back, so that one has changed can only
 * be told from a salted hash of the one before. The hint that the gateway showed then tells whether somebody else has
 * replaced it since. What the gateway brought into another form is remembered too.
 */
export interface Memory {
  /** Whether a secret is the one that was written last, as far as can be told. */
  secretState(thing: JsonObject, member: string, value: unknown): SecretState
  /** Whether the stored value is what became of this one when it was written. */
  becameOf(id: string, member: string, sent: unknown, got: unknown): boolean
  /** Remembers what was written, and saves it at once. */
  remember(thing: JsonObject, members: JsonObject, secrets: JsonObject): void
  forget(id: string): void
  readonly unsaved: Unsaved
}

export type SecretState = 'same' | 'changed' | 'changed elsewhere' | 'not known'

type Things = Record<string, JsonObject>

/** The memory that is kept in a file. */
export function openMemory(path: string): Memory {
  const { things, unsavedHints } = readThings(path)
  const save = (): void => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const file = { version: 1, things, unsaved: Object.fromEntries(unsavedHints) }
    writePrivate(path, `${JSON.stringify(file, null, 2)}\n`, { replace: true })
  }
  const part = (id: string, name: string, member: string): unknown => {
    const section = things[id]?.[name]
    return isObject(section) ? section[member] : undefined
  }
  return {
    secretState(thing, member, value) {
      // Where the gateway finds a secret itself is none, and it says so.
      if (isSame(thing['source'], value)) return 'same'
      const known = part(textOf(thing, 'id'), 'secrets', member)
      if (!isObject(known)) return 'not known'
      if (known['hint'] !== shownOf(thing)) return 'changed elsewhere'
      return isPrintOf(textOf(known, 'print'), value) ? 'same' : 'changed'
    },
    becameOf(id, member, sent, got) {
      const known = part(id, 'written', member)
      return isObject(known) && isSame(known['sent'], sent) && isSame(known['got'], got)
    },
    remember(thing, members, secrets) {
      const id = textOf(thing, 'id')
      const written = Object.entries(members)
        .filter(([member, sent]) => !isSame(sent, thing[member]))
        .map(([member, sent]) => [member, { sent, got: thing[member] ?? null }])
      const hint = shownOf(thing)
      const prints = Object.entries(secrets).map(([member, value]) => {
        return [member, { print: printOf(value, randomBytes(16)), hint }]
      })
      const before = things[id] ?? {}
      // Those that were not written were looked at before: what is shown of them now is theirs.
      const kept = Object.entries(objectIn(before, 'secrets')).map(([member, known]) => {
        return [member, { ...objectOf(known), hint }]
      })
      things[id] = {
        written: { ...objectIn(before, 'written'), ...Object.fromEntries(written) },
        secrets: Object.fromEntries([...kept, ...prints]),
      }
      save()
    },
    forget(id) {
      if (!Object.hasOwn(things, id)) return
      delete things[id]
      save()
    },
    unsaved: unsavedKeys(unsavedHints, save),
  }
}

/** What the gateway shows of the secrets that a thing has. */
const shownOf = ({ hint, header_names, source }: JsonObject): string =>
  JSON.stringify([hint ?? null, header_names ?? null, source ?? null])

function readThings(path: string): { things: Things; unsavedHints: Map<string, string> } {
  const text = readIfThere(path)
  if (text === undefined) return { things: {}, unsavedHints: new Map() }
  const file = tryParseJson(text)
  const things = isObject(file) && file['version'] === 1 ? file['things'] : undefined
  if (!isObject(things)) {
    throw usage(
      `${path} is not what apply remembers.`,
      'Delete it: every secret is then set once more.',
    )
  }
  const unsaved = isObject(file) ? objectIn(file, 'unsaved') : {}
  return {
    things: Object.fromEntries(Object.entries(things).map(([id, thing]) => [id, objectOf(thing)])),
    unsavedHints: new Map(Object.entries(unsaved).map(([key, hint]) => [key, String(hint)])),
  }
}

/** Slow on purpose: a short secret must not be found by trying, should the file get into other hands. */
function printOf(value: unknown, salt: Buffer): string {
  return `${salt.toString('base64url')}.${hashOf(value, salt).toString('base64url')}`
}

function isPrintOf(print: string, value: unknown): boolean {
  const [salt = '', hash = ''] = print.split('.')
  const [known, found] = [
    Buffer.from(hash, 'base64url'),
    hashOf(value, Buffer.from(salt, 'base64url')),
  ]
  return known.length === found.length && timingSafeEqual(known, found)
}

const hashOf = (value: unknown, salt: Buffer): Buffer =>
  scryptSync(canonical(value), salt, 32, { N: 16_384, r: 8, p: 1 })

/** Whether two values are the same JSON, in whichever order their members are. */
export function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other)
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) =>
      isObject(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  )
}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {})
const objectIn = (object: JsonObject, member: string): JsonObject => objectOf(object[member])
