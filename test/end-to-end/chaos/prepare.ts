import type { Keyway, Organization } from '../../support/keyway.ts'
import type { AzureCredential } from '../../upstreams/provider-keys.ts'
import type { Case } from './expected.ts'
import type { Prepared } from './observe.ts'
import type { KeyPlan } from './positions.ts'

/** Nobody listens here. */
const NOWHERE = 'http://127.0.0.1:1'
/** Organizations that are made and asked at a time. */
const AT_ONCE = 16

/** Runs the work for all cases of one failure at one position, which share an organization; a few of them at a time. */
export async function inGroups(
  cases: readonly Case[],
  work: (group: readonly Case[]) => Promise<void>,
): Promise<void> {
  const groups = [
    ...Map.groupBy(
      cases,
      ({ mode, position, stream }) => `${mode.name}/${position.name}/${stream}`,
    ).values(),
  ]
  let next = 0
  const worker = async (): Promise<void> => {
    for (let group = groups[next++]; group !== undefined; group = groups[next++]) await work(group)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** A new organization for these cases. Each has keys of its own, held to its own models: no case touches another's. */
export async function prepare(keyway: Keyway, group: readonly Case[]): Promise<Prepared[]> {
  const organization = await keyway.organization({ providers: [] })
  return await Promise.all(group.map((one, index) => prepareCase(keyway, organization, one, index)))
}

async function prepareCase(
  keyway: Keyway,
  organization: Organization,
  chaos: Case,
  index: number,
): Promise<Prepared> {
  const keys = await Promise.all(
    chaos.keys.map((plan, priority) => addKey(keyway, organization, chaos, { plan, priority })),
  )
  return {
    chaos,
    organization,
    keys,
    model: await modelOf(keyway, organization, chaos, `route-${index}`),
    prompt: `${organization.id} asks as number ${index}`,
  }
}

async function addKey(
  { standIns }: Keyway,
  organization: Organization,
  { mode }: Case,
  { plan: { place, fails }, priority }: { plan: KeyPlan; priority: number },
): Promise<{ id: string; label: string }> {
  const isGone = fails && mode.fault === 'no connection'
  const nowhere: AzureCredential = { endpoint: NOWHERE, api_key: 'a'.repeat(84) }
  const { id, label } = await organization.addProviderKey(place.provider, {
    ...(place.provider === 'bedrock' ? { issue: { kind: 'api_key' } } : {}),
    ...(isGone ? { secret: nowhere as never } : {}),
    body: { models: [place.model], priority },
  })
  if (fails && mode.fault !== 'no connection') {
    standIns.misbehave(place.provider, mode.fault, { credential: label })
  }
  return { id, label }
}

async function modelOf(
  { management }: Keyway,
  { id }: Organization,
  { surface, position, keys }: Case,
  name: string,
): Promise<string> {
  const models = keys.map(({ place: { provider, model } }) => `${provider}/${model}`)
  if (position.isRoute) {
    await management.post(`/${id}/routes`, { name, targets: models.map((model) => ({ model })) })
    return name
  }
  return surface.kind === 'native' ? surface.home.model : (models[0] ?? '')
}
