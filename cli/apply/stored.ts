import type { JsonObject } from '../../src/core/parse.ts'
import type { Client } from '../client.ts'
import { usage } from '../failure.ts'
import { textOf } from '../json.ts'
import { apiKeyKind } from '../kinds.ts'
import type { Stored, Wanted } from './difference.ts'
import type { Section } from './sections.ts'

/** The organization's API keys: the file calls them by name, the gateway by id. */
export interface ApiKeyNames {
  readonly nameOf: (id: string) => string
  /** Throws when there is none of the name, or more than one. */
  readonly idOf: (name: string) => string
  readonly add: (thing: JsonObject) => void
}

/** A thing as the file would have it: with the names of API keys in place of their ids. */
export function asInFile(thing: JsonObject, keys: Pick<ApiKeyNames, 'nameOf'>): JsonObject {
  const ids = thing['api_key_ids']
  if (!Array.isArray(ids)) return thing
  return { ...thing, api_keys: ids.map((id) => keys.nameOf(String(id))).toSorted() }
}

/** A thing as the gateway takes it. */
export function asSent(members: JsonObject, keys: Pick<ApiKeyNames, 'idOf'>): JsonObject {
  const { api_keys: names, ...same } = members
  if (!Array.isArray(names)) return same
  return { ...same, api_key_ids: names.map((name) => keys.idOf(String(name))) }
}

/** Everything that is stored in the sections of the file. */
export async function readStored(
  client: Client,
  organization: string,
  sections: readonly Section[],
): Promise<{ readonly stored: readonly Stored[]; readonly keys: ApiKeyNames }> {
  const apiKeys = await client.list(organization + apiKeyKind.path)
  const keys = apiKeyNames(apiKeys)
  const stored: Stored[] = []
  for (const section of sections) {
    const isApiKeys = section.kind === apiKeyKind
    const things = isApiKeys ? apiKeys : await client.list(organization + section.kind.path)
    stored.push({ section, things: things.map((thing) => asInFile(thing, keys)) })
  }
  return { stored, keys }
}

/** Throws when an entry names an API key that neither is there nor will be. */
export function requireNamedKeys(wanted: readonly Wanted[], keys: ApiKeyNames): void {
  const coming = new Set(
    wanted.filter(({ section }) => section.kind === apiKeyKind).map(({ name }) => name),
  )
  for (const { members } of wanted) {
    const names: unknown = members['api_keys']
    if (!Array.isArray(names)) continue
    for (const name of names.map(String)) if (!coming.has(name)) keys.idOf(name)
  }
}

function apiKeyNames(things: readonly JsonObject[]): ApiKeyNames {
  const all = [...things]
  return {
    nameOf(id) {
      const found = all.find((thing) => thing['id'] === id)
      return found === undefined ? id : textOf(found, 'name')
    },
    idOf(name) {
      const [found, ...others] = all.filter((thing) => thing['name'] === name)
      if (found !== undefined && others.length === 0) return textOf(found, 'id')
      const what = found === undefined ? 'There is no API key' : 'There is more than one API key'
      throw usage(`${what} of the name "${name}", which a provider key is assigned to.`)
    },
    add: (thing) => void all.push(thing),
  }
}
