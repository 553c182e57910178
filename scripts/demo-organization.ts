import { type ProviderName, providerNames, type StandIns } from '../test/upstreams/stand-ins.ts'
import type { ManagementClient } from './management-client.ts'

/** An organization with a key of its own at every stand-in, and an API key to call with. */
export interface DemoOrganization {
  readonly id: string
  readonly apiKey: string
  /** The id of its key at each provider. */
  readonly providerKeyIds: ReadonlyMap<ProviderName, string>
}

/** The label under which a stand-in knows the demo's credential. */
export const demoLabel = (provider: ProviderName): string => `demo ${provider}`

/** Makes the organization through the management plane, as any administrator would. */
export async function seedDemoOrganization(
  management: ManagementClient,
  standIns: StandIns,
): Promise<DemoOrganization> {
  const { id } = await management.post('', { name: 'Demo' })
  const { key } = await management.post(`/${String(id)}/api-keys`, { name: 'Demo application' })
  const providerKeyIds = new Map<ProviderName, string>()
  for (const provider of providerNames) {
    const created = await management.post(`/${String(id)}/provider-keys`, {
      provider,
      provider_key: await standIns.issueCredential(provider, demoLabel(provider)),
      name: `Demo ${provider}`,
      api_key_ids: [],
    })
    providerKeyIds.set(provider, String(created['id']))
  }
  return { id: String(id), apiKey: String(key), providerKeyIds }
}
