import type { JsonObject } from '../../src/core/parse.ts'
import { textOf } from '../json.ts'

/**
 * The API keys that `apply` was stopped at between making them and saving their secrets. Each is known by the hint that the
 * gateway showed of its lost secret: a key with another hint was given another secret since.
 */
export interface Unsaved {
  /** An API key is about to be made whose secret is to be saved, or was made with a secret of this hint. */
  note(organization: string, name: string, hint?: string): void
  /** Its secret was saved, or it was not made. */
  clear(organization: string, name: string): void
  /** Whether the secret that this API key has was never saved. */
  has(organization: string, apiKey: JsonObject): boolean
  /** Remembers the hints of those whose making was never answered, so that it is seen when they are given other secrets. */
  settle(organization: string, apiKeys: readonly JsonObject[]): void
}

/** What a key has for a hint until the gateway has shown one. */
const NOT_SHOWN = ''

const placeOf = (organization: string, name: string): string => `${organization}/${name}`

/** By organization and name, since one file may serve several organizations. `save` is called after each change. */
export function unsavedKeys(hints: Map<string, string>, save: () => void): Unsaved {
  const hintOf = (organization: string, apiKey: JsonObject): string | undefined =>
    hints.get(placeOf(organization, textOf(apiKey, 'name')))
  const note: Unsaved['note'] = (organization, name, hint = NOT_SHOWN) => {
    hints.set(placeOf(organization, name), hint)
    save()
  }
  return {
    note,
    clear(organization, name) {
      if (hints.delete(placeOf(organization, name))) save()
    },
    has(organization, apiKey) {
      const hint = hintOf(organization, apiKey)
      return hint === NOT_SHOWN || (hint !== undefined && hint === textOf(apiKey, 'hint'))
    },
    settle(organization, apiKeys) {
      for (const apiKey of apiKeys) {
        if (hintOf(organization, apiKey) !== NOT_SHOWN) continue
        note(organization, textOf(apiKey, 'name'), textOf(apiKey, 'hint'))
      }
    },
  }
}
