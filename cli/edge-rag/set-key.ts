import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { find } from '../find.ts'
import { textOf } from '../json.ts'
import { apiKeyKind } from '../kinds.ts'
import { fieldText, requireWritable, writeSecretField } from '../kubectl.ts'
import type { Machine } from '../machine.ts'
import type { Output } from '../output.ts'
import { readSecret } from '../read-secret.ts'
import type { SecretSource } from '../secret-source.ts'
import type { Session } from '../session.ts'
import { currentKey, type Place } from './place.ts'

interface Target {
  readonly machine: Machine
  readonly output: Output
  readonly place: Place
}

/** Which API key of Keyway goes there, and how long the one before it still works. */
export interface Rotation {
  readonly apiKey: string
  /** Makes it when there is none of that name. */
  readonly create: boolean
  /** In seconds. */
  readonly overlap: number
}

/**
 * Gives the API key a new secret and puts that into the cluster. Pods read it when they start, so the old secret goes on
 * working for the overlap and nothing has to be deleted or restarted now.
 */
export async function rotateInto(session: Session & Target, rotation: Rotation): Promise<void> {
  const { machine, output, place } = session
  await requireWritable(machine, place)
  const { thing, isNew } = await freshKey(session, rotation)
  const key = textOf(thing, 'key')
  await put(
    session,
    key,
    `The old key goes on working for ${rotation.overlap} seconds: repeat this.`,
  )
  const id = textOf(thing, 'id')
  const until = isNew ? '' : `\nThe old key works for another ${rotation.overlap} seconds.`
  output.done(
    `${fieldText(place)} holds the new secret of ${textOf(thing, 'name')} (${id}).${until}\n${NEXT(place)}`,
    { id, secret: fieldText(place), created: isNew, overlap_seconds: isNew ? 0 : rotation.overlap },
  )
}

/** Puts a key there that Keyway did not make. */
export async function replaceWithGiven(target: Target, source: SecretSource): Promise<void> {
  const { machine, output, place } = target
  const key = await readSecret(machine, source)
  await requireWritable(machine, place)
  await put(target, key, 'Repeat this.')
  output.done(`${fieldText(place)} holds the key.\n${NEXT(place)}`, { secret: fieldText(place) })
}

async function freshKey(session: Session, { apiKey, create, overlap }: Rotation) {
  const { client } = session
  const organization = await session.organization()
  const path = organization + apiKeyKind.path
  const exists = (await client.list(path)).some(
    (thing) => textOf(thing, 'id') === apiKey || textOf(thing, 'name') === apiKey,
  )
  if (!exists && create) return { thing: await client.post(path, { name: apiKey }), isNew: true }
  const id = await find(client, organization, apiKeyKind, apiKey)
  const body = { overlap_seconds: overlap }
  return { thing: await client.post(`${path}/${id}/rotate`, body), isNew: false }
}

async function put({ machine, place }: Target, key: string, whenItFails: string): Promise<void> {
  try {
    await writeSecretField(machine, place, key)
    if ((await currentKey(machine, place)) === key) return
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.exitCode, `${error.message} The secret is as it was.`, {
      advice: whenItFails,
    })
  }
  throw new Failure(EXIT.kubectlFailed, `${fieldText(place)} does not hold what was put there.`, {
    advice: 'Does something in the cluster set it back?',
  })
}

const NEXT = ({ namespace }: Place): string =>
  `Pods take it when they next start. To have that now, with no pod deleted and no gap:
  kubectl rollout restart deployment -n ${namespace}
Then: keyway edge-rag verify`
