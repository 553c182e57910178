import type { JsonObject } from '../../src/core/parse.ts'
import type { SecretField } from '../kubectl.ts'
import type { SecretTree } from './secret-tree.ts'
import type { Section } from './sections.ts'

/** Where the secret of a new API key goes. */
export type SavePlace =
  | { readonly kind: 'file'; readonly path: string }
  | ({ readonly kind: 'k8s' } & SecretField)

/** An entry of the settings file, checked. */
export interface Entry {
  readonly section: Section
  readonly name: string
  readonly members: JsonObject
  readonly secrets: Readonly<Record<string, SecretTree>>
  readonly saveTo: SavePlace | undefined
}

/** What the settings file says. A section that is not in it is none of its business. */
export interface Settings {
  readonly organization: string | undefined
  readonly sections: readonly Section[]
  readonly entries: readonly Entry[]
}

/** What tells things of one section apart, as one text. */
export function identityOf({ identity }: Section, thing: JsonObject): string {
  return JSON.stringify(identity.map((member) => thing[member]))
}
