import type { Client } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { Failure } from './failure.ts'
import { textOf } from './json.ts'
import type { Kind } from './kinds.ts'

/** The id of the one that is meant, by its id or its name. */
export async function find(
  client: Client,
  organization: string,
  kind: Kind,
  given: string,
): Promise<string> {
  if (new RegExp(`^${kind.prefix}_[0-9A-Za-z]{8,40}$`).test(given)) return given
  const things = await client.list(organization + kind.path)
  const [found, ...others] = things.filter((thing) => textOf(thing, 'name') === given)
  if (found === undefined) {
    throw new Failure(EXIT.refused, `There is no ${kind.noun} ${quoted(given)}.`, {
      code: 'not_found',
      advice: `keyway ${kind.command} list shows the names and the ids.`,
    })
  }
  if (others.length === 0) return textOf(found, 'id')
  const ids = [found, ...others].map((thing) => textOf(thing, 'id'))
  throw new Failure(EXIT.refused, `More than one ${kind.noun} is called ${quoted(given)}.`, {
    code: 'ambiguous_name',
    advice: `Say which by its id: ${ids.join(', ')}`,
  })
}

/** A name as it was typed. What is too long for one could be a key in the wrong place. */
function quoted(given: string): string {
  return given.length <= 40 && !/^(?:sk-|kwm?_|AKIA)/.test(given) ? `"${given}"` : 'of that name'
}
