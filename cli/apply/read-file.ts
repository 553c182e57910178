import { LineCounter, parseDocument } from 'yaml'
import { isObject, type JsonObject } from '../../src/core/parse.ts'
import { DATES, dateMs } from '../arguments.ts'
import { usage } from '../failure.ts'
import { textOf } from '../json.ts'
import { parseSecretField } from '../secret-source.ts'
import { parseHeaderTree, parseSecretTree, type SecretTree, stdinUses } from './secret-tree.ts'
import { type Section, SECTIONS } from './sections.ts'
import { type Entry, identityOf, type SavePlace, type Settings } from './settings.ts'

/** The settings that a YAML text holds. Throws a usage failure that names the place of what is wrong. */
export function readSettings(text: string, file: string): Settings {
  const root = parseYaml(text, file)
  const names = SECTIONS.map(({ name }) => name)
  refuseStrangers(root, ['organization', ...names], file)
  const { organization } = root
  if (organization !== undefined && typeof organization !== 'string') {
    throw usage('organization must be a name or an id.')
  }
  const sections = SECTIONS.filter(({ name }) => root[name] !== undefined && root[name] !== null)
  const entries = sections.flatMap((section) => entriesOf(section, root[section.name]))
  if (entries.flatMap(treesOf).reduce((sum, tree) => sum + stdinUses(tree), 0) > 1) {
    throw usage('Only one secret can be read from standard input.')
  }
  return { organization, sections, entries }
}

function parseYaml(text: string, file: string): JsonObject {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0])
    throw usage(`${file} is not YAML at line ${line}, column ${col} (${error.code}).`)
  }
  const root: unknown = document.toJS({ maxAliasCount: 100 })
  if (isObject(root)) return root
  throw usage(`${file} must have the members organization, api_keys, provider_keys, and so on.`)
}

function entriesOf(section: Section, list: unknown): Entry[] {
  if (!Array.isArray(list)) throw usage(`${section.name} must be a list.`)
  const seen = new Set<string>()
  return list.map((value: unknown, index) => {
    const path = `${section.name}[${index}]`
    if (!isObject(value)) throw usage(`${path} must be an object.`)
    const entry = entryOf(section, value, path)
    const identity = identityOf(section, value)
    if (seen.has(identity)) throw usage(`${path}: there is another entry with the same name.`)
    seen.add(identity)
    return entry
  })
}

function entryOf(section: Section, value: JsonObject, path: string): Entry {
  const { members, secrets, required } = section
  const savable = section.name === 'api_keys' ? ['save_to'] : []
  refuseStrangers(value, [...members, ...secrets, ...savable], path)
  for (const member of required) {
    if (value[member] === undefined || value[member] === null)
      throw usage(`${path}.${member} is missing.`)
  }
  const name = textOf(value, 'name')
  if (name === '') throw usage(`${path}.name must be a text.`)
  // The gateway stores it without, and the next run would find none of that name.
  if (name !== name.trim()) throw usage(`${path}.name must not begin or end with blanks.`)
  const plain = members.filter((member) => value[member] !== undefined)
  const secret = secrets.filter((member) => value[member] !== undefined)
  const parse = (member: string): SecretTree =>
    (member === 'headers' ? parseHeaderTree : parseSecretTree)(value[member], `${path}.${member}`)
  return {
    section,
    name,
    members: Object.fromEntries(plain.map((member) => [member, plainValue(member, value, path)])),
    secrets: Object.fromEntries(secret.map((member) => [member, parse(member)])),
    saveTo: savePlace(value['save_to'], `${path}.save_to`),
  }
}

function plainValue(member: string, entry: JsonObject, path: string): unknown {
  const value = entry[member]
  if (member === 'api_keys') {
    const isList = Array.isArray(value) && value.every((name) => typeof name === 'string')
    if (!isList) throw usage(`${path}.api_keys must be a list of names of API keys.`)
    return value.toSorted()
  }
  // `2030-01-31` is a date for people; the gateway wants a moment.
  if (member !== 'expires_at' || typeof value !== 'string') return value
  const ms = dateMs(value)
  if (Number.isNaN(ms)) throw usage(`${path}.expires_at must be ${DATES}.`)
  return new Date(ms).toISOString()
}

function savePlace(value: unknown, path: string): SavePlace | undefined {
  if (value === undefined) return undefined
  const place = isObject(value) ? value : {}
  const [file, k8s] = [textOf(place, 'file'), textOf(place, 'k8s')]
  if ((file === '') === (k8s === '') || Object.keys(place).length !== 1) {
    throw usage(`${path} must be {file: PATH} or {k8s: NAMESPACE/NAME/FIELD}.`)
  }
  if (file !== '') return { kind: 'file', path: file }
  return { kind: 'k8s', ...parseSecretField(k8s, `${path}.k8s`) }
}

function refuseStrangers(object: JsonObject, known: readonly string[], path: string): void {
  const stranger = Object.keys(object).find((member) => !known.includes(member))
  if (stranger === undefined) return
  const shown = /^[a-z_]{1,40}$/.test(stranger) ? ` ${stranger}` : ''
  throw usage(`${path} has an unknown member${shown}.`, `It takes ${known.join(', ')}.`)
}

const treesOf = ({ secrets }: Entry): SecretTree[] => Object.values(secrets)
