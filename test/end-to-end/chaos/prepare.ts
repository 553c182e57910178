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

/** For those who are not to answer in time: still long enough for a request to arrive on a busy machine. */
const HASTY_MS = 1000
/** For those who are. */
const PATIENT_MS = 8000

/** What is asked for: the model itself; a route where the case is about targets, or needs deadlines. */
async function modelOf(
  { management }: Keyway,
  { id }: Organization,
  { surface, position, keys, mode }: Case,
  name: string,
): Promise<string> {
  const places = Map.groupBy(keys, ({ place: { provider, model } }) => `${provider}/${model}`)
  const [first = ''] = places.keys()
  if (!position.isRoute && mode.isSlow !== true) {
    return surface.kind === 'native' ? surface.home.model : first
  }
  const targets = Array.from(places, ([model, ofModel]) => {
    const isBegun = mode.universal.does === 'breaks'
    const isHasty = !isBegun && ofModel.every(({ fails }) => fails)
    const firstByteMs = isHasty ? HASTY_MS : PATIENT_MS
    const timeouts = { first_byte_ms: firstByteMs, idle_ms: isBegun ? HASTY_MS : firstByteMs }
    return { model, ...(mode.isSlow === true && { timeouts }) }
  })
  await management.post(`/${id}/routes`, { name, targets })
  return name
}
