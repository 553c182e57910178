import { resolve } from 'node:path'
import { Failure, usage } from '../failure.ts'
import { fieldText, requireWritable, writeSecretField } from '../kubectl.ts'
import type { Machine } from '../machine.ts'
import { requireRoom, writePrivate } from '../private-file.ts'
import type { Change } from './difference.ts'
import type { SavePlace } from './settings.ts'

/** Throws unless the secrets of all API keys that will be made have a place to go to. */
export async function requirePlaces(machine: Machine, changes: readonly Change[]): Promise<void> {
  const taken = new Set<string>()
  for (const change of changes) {
    if (change.action !== 'create' || change.saveTo === undefined) continue
    try {
      await requirePlace(machine, change.saveTo, taken)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const message = `The API key "${change.name}" would be made, but: ${error.message}`
      throw new Failure(error.exitCode, message, error.details)
    }
  }
}

async function requirePlace(machine: Machine, place: SavePlace, taken: Set<string>): Promise<void> {
  const path = place.kind === 'file' ? resolve(machine.folder, place.path) : fieldText(place)
  if (taken.has(path)) throw usage(`Another key is saved to ${path}, too.`, OTHER_PLACE)
  taken.add(path)
  if (place.kind === 'k8s') return requireWritable(machine, place)
  try {
    requireRoom(path)
  } catch (error) {
    throw error instanceof Failure ? usage(error.message, OTHER_PLACE) : error
  }
}

const OTHER_PLACE = 'Name another place in save_to, or make room there.'

/** Puts the secret of a new API key where the file wants it. */
export async function saveSecret(
  machine: Machine,
  place: SavePlace,
  secret: string,
  id: string,
): Promise<void> {
  try {
    if (place.kind === 'k8s') await writeSecretField(machine, place, secret)
    else writePrivate(resolve(machine.folder, place.path), `${secret}\n`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.exitCode, `${error.message} The key was made, its secret is lost.`, {
      advice: `Give it another: keyway api-keys rotate ${id}`,
    })
  }
}
