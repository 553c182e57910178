import type { JsonObject } from '../../src/core/parse.ts'
import type { Client } from '../client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { textOf } from '../json.ts'
import type { Machine } from '../machine.ts'
import type { Change } from './difference.ts'
import { isSame, type Memory } from './memory.ts'
import { saveSecret } from './save-secret.ts'
import { type ApiKeyNames, asInFile, asSent } from './stored.ts'

/** What carrying out a change needs. */
export interface Site {
  readonly machine: Machine
  readonly client: Client
  /** Its path. */
  readonly organization: string
  readonly memory: Memory
  readonly keys: ApiKeyNames
  /** Tells people something. */
  readonly hint: (sentence: string) => void
}

/** Makes the changes, one after the other. At the first that fails it stops and says how far it came. */
export async function carryOut(changes: readonly Change[], site: Site): Promise<void> {
  for (const [done, change] of changes.entries()) {
    try {
      await make(change, site)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const where = `${change.action} ${change.section.kind.noun} "${change.name}"`
      const { advice = 'Put it right.' } = error.details
      throw new Failure(error.exitCode, `${where}: ${error.message}`, {
        ...error.details,
        advice: `${advice}\n${done} of ${changes.length} changes were made. Apply again for the others.`,
      })
    }
  }
}

async function make(change: Change, site: Site): Promise<void> {
  const { client, organization, memory, keys } = site
  const path = organization + change.section.kind.path
  if (change.action === 'delete') {
    const { id, version } = await unchanged(change, path, site)
    await client.delete(`${path}/${id}`, version)
    memory.forget(id)
    return
  }
  const { send, sendSecrets, current } = change
  const body = { ...asSent(send, keys), ...sendSecrets }
  if (current === undefined) {
    const isNoted = change.saveTo !== undefined
    const created = await (isNoted ? postNoted(change, body, site) : client.post(path, body))
    if (change.section.name === 'api_keys') await settleKey(created, change, site)
    memory.remember(asInFile(created, keys), send, sendSecrets)
    return
  }
  const { id, version } = await unchanged({ ...change, current }, path, site)
  const patched = await client.patch(`${path}/${id}`, body, version)
  memory.remember(asInFile(patched, keys), send, sendSecrets)
}

/** Makes an API key that counts as one whose secret is not saved, even where the answer never comes. */
async function postNoted(
  { name, section }: Change,
  body: object,
  { client, organization, memory: { unsaved } }: Site,
): Promise<JsonObject> {
  unsaved.note(organization, name)
  try {
    const created = await client.post(organization + section.kind.path, body)
    unsaved.note(organization, name, textOf(created, 'hint'))
    return created
  } catch (error) {
    if (isRefusal(error)) unsaved.clear(organization, name)
    throw error
  }
}

/** Whether the gateway said that it made nothing. A conflict means that an earlier attempt did. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Failure)) return false
  const { status = 0, code } = error.details
  return status >= 400 && status < 500 && code !== 'idempotency_conflict'
}

/** The version of a thing that still is as it was when the difference was made. */
async function unchanged(
  { section, current }: { readonly section: Change['section']; readonly current: JsonObject },
  path: string,
  { client, keys }: Site,
): Promise<{ readonly id: string; readonly version: string | null }> {
  const id = textOf(current, 'id')
  const { thing, version } = await client.getVersion(`${path}/${id}`)
  const now = asInFile(thing, keys)
  const members = [...section.members, 'hint', 'header_names']
  if (members.every((member) => isSame(now[member], current[member]))) return { id, version }
  throw new Failure(EXIT.refused, 'Somebody changed it in the meantime.', {
    code: 'changed_meanwhile',
    advice: 'Look at the difference again: keyway apply --dry-run',
  })
}

async function settleKey(
  created: JsonObject,
  { name, saveTo }: Change & { readonly action: 'create' | 'update' },
  { machine, organization, keys, hint, memory }: Site,
): Promise<void> {
  keys.add(created)
  if (saveTo === undefined) {
    hint(
      `The secret of the API key "${name}" was not kept. For one: keyway api-keys rotate ${textOf(created, 'id')}`,
    )
    return
  }
  await saveSecret(machine, saveTo, textOf(created, 'key'), textOf(created, 'id'))
  memory.unsaved.clear(organization, name)
}
