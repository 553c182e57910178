import { newSecrets } from '../../scripts/local-secrets.ts'
import { type ManagementClient, managementClient } from '../../scripts/management-client.ts'
import { type RunningWorker, runWorker } from '../../scripts/run-worker.ts'
import {
  type IssueOptions,
  type ProviderKeys,
  type ProviderName,
  providerNames,
  type ReceivedRequest,
  type StandIns,
  startStandIns,
} from '../upstreams/stand-ins.ts'

/** Keyway in workerd with stand-in providers behind it: everything real but the providers' addresses. */
export interface Keyway extends AsyncDisposable {
  readonly url: string
  readonly worker: RunningWorker
  readonly standIns: StandIns
  readonly management: ManagementClient
  readonly adminToken: string
  /** A new organization with an API key, and a provider key at each provider that is named. */
  organization(options?: OrganizationOptions): Promise<Organization>
}

export interface OrganizationOptions {
  readonly providers?: readonly ProviderName[]
  /** More members of the API key's create request. */
  readonly apiKey?: object
}

export interface Organization {
  readonly id: string
  readonly apiKeyId: string
  readonly apiKey: string
  /** Stores a credential of its own that the stand-in accepts; `label` is how the stand-in records its use. */
  addProviderKey<Name extends ProviderName>(
    provider: Name,
    options?: ProviderKeyOptions<Name>,
  ): Promise<{ readonly id: string; readonly label: string; readonly secret: ProviderKeys[Name] }>
}

export interface ProviderKeyOptions<Name extends ProviderName> {
  readonly label?: string
  readonly issue?: IssueOptions
  /** More members of the create request. */
  readonly body?: object
  /** Stored in place of the good credential. */
  readonly secret?: ProviderKeys[Name]
}

let organizations = 0

type Vars = Readonly<Record<string, string>>

/** Starts it; `vars` are added to the Worker's variables, and may hold what the stand-ins issue. */
export async function startKeyway(
  vars: Vars | ((standIns: StandIns) => Promise<Vars>) = {},
): Promise<Keyway> {
  const standIns = await startStandIns()
  const secrets = newSecrets()
  const worker = await runWorker({
    vars: {
      ...secrets,
      PROVIDER_BASE_URLS: JSON.stringify(standIns.baseUrls),
      ALLOW_LOOPBACK_UPSTREAMS: 'true',
      ...(typeof vars === 'function' ? await vars(standIns) : vars),
    },
  })
  const management = managementClient(worker.url, secrets.ADMIN_TOKEN)
  return {
    url: worker.url,
    worker,
    standIns,
    management,
    adminToken: secrets.ADMIN_TOKEN,
    organization: (options = {}) => newOrganization(management, standIns, options),
    async [Symbol.asyncDispose]() {
      await worker.dispose()
      await standIns.close()
    },
  }
}

async function newOrganization(
  management: ManagementClient,
  standIns: StandIns,
  { providers = providerNames, apiKey = {} }: OrganizationOptions,
): Promise<Organization> {
  organizations += 1
  const name = `organization ${organizations}`
  const id = String((await management.post('', { name }))['id'])
  const key = await management.post(`/${id}/api-keys`, { name: 'application', ...apiKey })
  const organization: Organization = {
    id,
    apiKeyId: String(key['id']),
    apiKey: String(key['key']),
    async addProviderKey(provider, options = {}) {
      const label = options.label ?? `${name}: ${provider} ${crypto.randomUUID()}`
      const good = await standIns.issueCredential(provider, label, options.issue)
      const secret = options.secret ?? good
      const created = await management.post(`/${id}/provider-keys`, {
        provider,
        provider_key: secret,
        name: label.slice(0, 100),
        api_key_ids: [],
        ...options.body,
      })
      return { id: String(created['id']), label, secret }
    },
  }
  for (const provider of providers) await organization.addProviderKey(provider)
  return organization
}

/** The last request that a provider received. */
export function lastRequest(standIns: StandIns, provider: ProviderName): ReceivedRequest {
  const received = standIns.requests.findLast((request) => request.provider === provider)
  if (received === undefined) throw new Error(`${provider} received nothing`)
  return received
}
