import type { Client } from './client.ts'
import { usage } from './failure.ts'
import { find } from './find.ts'
import { textOf } from './json.ts'
import { organizationKind } from './kinds.ts'

/** The path of the organization that is meant: by id, by name, or the only one that the token may see. */
export async function chooseOrganization(
  client: Client,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined && given !== '') {
    return `/${await find(client, '', organizationKind, given)}`
  }
  const [only, ...others] = await client.list('', 10)
  if (only !== undefined && others.length === 0) return `/${textOf(only, 'id')}`
  if (only === undefined) {
    throw usage('There is no organization yet.', 'Make one: keyway orgs create --name NAME')
  }
  const names = [only, ...others].map((one) => `${textOf(one, 'id')} (${textOf(one, 'name')})`)
  throw usage(
    'There is more than one organization: say which with --org or KEYWAY_ORG.',
    names.join('\n'),
  )
}
