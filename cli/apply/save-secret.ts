import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Failure, usage } from '../failure.ts'
import { requireWritable, writeSecretField } from '../kubectl.ts'
import type { Machine } from '../machine.ts'
import { writePrivate } from '../private-file.ts'
import type { Change } from './difference.ts'
import type { SavePlace } from './settings.ts'

/** Throws unless the secrets of all API keys that will be made have a place to go to. */
export async function requirePlaces(machine: Machine, changes: readonly Change[]): Promise<void> {
  for (const change of changes) {
    if (change.action !== 'create' || change.saveTo === undefined) continue
    const place = change.saveTo
    if (place.kind === 'k8s') await requireWritable(machine, place)
    else if (existsSync(resolve(machine.folder, place.path))) {
      throw usage(
        `The API key "${change.name}" would be made, but its file ${place.path} exists already.`,
        'Move it away, or name another file in save_to.',
      )
    }
  }
}

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
