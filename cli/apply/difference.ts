import type { JsonObject } from '../../src/core/parse.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { textOf } from '../json.ts'
import { isSame, type Memory, type SecretState } from './memory.ts'
import type { Section } from './sections.ts'
import { type Entry, identityOf, type SavePlace } from './settings.ts'

/** An entry of the file together with its secrets, read from where they are. */
export interface Wanted extends Omit<Entry, 'secrets'> {
  readonly secrets: JsonObject
}

/** One member that is not as the file wants it. Of secrets only the reason is said. */
export type MemberChange =
  | { readonly member: string; readonly from: unknown; readonly to: unknown }
  | { readonly member: string; readonly secret: SecretReason }

/** Why a secret is set. */
export type SecretReason = Exclude<SecretState, 'same'> | 'new' | 'another address'

/** What has to be done about one thing. */
export type Change =
  | {
      readonly action: 'create' | 'update'
      readonly section: Section
      readonly name: string
      /** As it is stored; undefined when there is none yet. */
      readonly current: JsonObject | undefined
      readonly members: readonly MemberChange[]
      /** What is sent, its API keys by name. */
      readonly send: JsonObject
      readonly sendSecrets: JsonObject
      readonly saveTo: SavePlace | undefined
    }
  | {
      readonly action: 'delete'
      readonly section: Section
      readonly name: string
      readonly current: JsonObject
    }

/** What is stored of one section, with API keys by name where the file has them so. */
export interface Stored {
  readonly section: Section
  readonly things: readonly JsonObject[]
}

export interface Difference {
  readonly changes: readonly Change[]
  readonly unchanged: number
  /** Things that are not in the file. They are deleted only when asked to. */
  readonly strangers: readonly { readonly section: Section; readonly thing: JsonObject }[]
}

/** What has to change for the stored things to be as wanted. Pure: the same in, the same out, in the order of the file. */
export function difference(
  wanted: readonly Wanted[],
  stored: readonly Stored[],
  memory: Pick<Memory, 'secretState' | 'becameOf'>,
): Difference {
  const changes: Change[] = []
  const matched = new Set<JsonObject>()
  for (const entry of wanted) {
    const current = match(entry, stored)
    if (current !== undefined) matched.add(current)
    const change = current === undefined ? creation(entry) : update(entry, current, memory)
    if (change !== undefined) changes.push(change)
  }
  const strangers = stored.flatMap(({ section, things }) =>
    things.filter((thing) => !matched.has(thing)).map((thing) => ({ section, thing })),
  )
  return { changes, unchanged: wanted.length - changes.length, strangers }
}

/** The deletions of what is not in the file, those first that name others. */
export function deletions({ strangers }: Difference): Change[] {
  return strangers.toReversed().map(({ section, thing }) => ({
    action: 'delete',
    section,
    name: textOf(thing, 'name'),
    current: thing,
  }))
}

function match({ section, members, name }: Wanted, stored: readonly Stored[]) {
  const identity = identityOf(section, members)
  const things = stored.find((one) => one.section === section)?.things ?? []
  const [found, ...others] = things.filter((thing) => identityOf(section, thing) === identity)
  if (others.length === 0) return found
  const ids = [found, ...others].map((thing) => textOf(thing ?? {}, 'id')).join(', ')
  throw new Failure(EXIT.refused, `There is more than one ${section.kind.noun} "${name}": ${ids}`, {
    code: 'ambiguous_name',
    advice: `Rename or delete all but one: keyway ${section.kind.command} delete ID`,
  })
}

function creation({ section, name, members, secrets, saveTo }: Wanted): Change {
  const send = { ...section.defaults, ...members }
  const told = Object.entries(members).filter(([member]) => !section.identity.includes(member))
  return {
    action: 'create',
    section,
    name,
    current: undefined,
    members: [
      ...told.map(([member, to]) => ({ member, from: undefined, to })),
      ...Object.keys(secrets).map((member) => ({ member, secret: 'new' }) as const),
    ],
    send,
    sendSecrets: secrets,
    saveTo,
  }
}

function update(
  { section, name, members, secrets }: Wanted,
  current: JsonObject,
  memory: Pick<Memory, 'secretState' | 'becameOf'>,
): Change | undefined {
  const id = textOf(current, 'id')
  const isAsWanted = ([member, to]: readonly [string, unknown]): boolean =>
    isSame(current[member], to) || memory.becameOf(id, member, to, current[member])
  const plain = Object.entries(members).filter((entry) => !isAsWanted(entry))
  const states = Object.entries(secrets).map(([member, value]) => {
    return { member, state: memory.secretState(current, member, value) }
  })
  const sent = new Set([
    ...plain.map(([member]) => member),
    ...states.filter(({ state }) => state !== 'same').map(({ member }) => member),
  ])
  if (sent.size === 0) return undefined
  // What is added here is come to as well: an address takes a key along, which takes its kind along.
  for (const member of sent) for (const other of section.along?.[member] ?? []) sent.add(other)
  const isSent = ([member]: readonly [string, unknown]): boolean => sent.has(member)
  return {
    action: 'update',
    section,
    name,
    current,
    members: [
      ...plain.map(([member, to]) => ({ member, from: current[member], to })),
      ...states
        .filter(({ member }) => sent.has(member))
        .map(({ member, state }) => ({
          member,
          secret: state === 'same' ? ('another address' as const) : state,
        })),
    ],
    send: Object.fromEntries(Object.entries(members).filter(isSent)),
    sendSecrets: Object.fromEntries(Object.entries(secrets).filter(isSent)),
    saveTo: undefined,
  }
}
