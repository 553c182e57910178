import { type ConnectProcess, startConnect } from '../../test/cli/connect-process.ts'
import { type Keyway, type Organization, startKeyway } from '../../test/support/keyway.ts'
import { type PrivateModel, startPrivateModel } from '../../test/upstreams/private-model.ts'
import type { ProviderName } from '../../test/upstreams/stand-ins.ts'

/** An organization whose routes lead over whatever is about to fail to one provider that does not. */
export interface World extends AsyncDisposable {
  readonly keyway: Keyway
  readonly organization: Organization
  /** The names of the routes: each begins with another target, and all end with the one that stays. */
  readonly routes: readonly string[]
  /** Has the provider refuse its oldest key, and Keyway forget it once the other step is taken. */
  revokeOldestKey(provider: ProviderName): void
  /** Deletes what was revoked, and stores a new key in its place. */
  addKeyBack(provider: ProviderName): Promise<void>
  startConnector(): Promise<void>
  /** Asks it to leave, as a restart does: what it has begun it ends. */
  stopConnector(): Promise<void>
}

const KEYS_EACH = 3
const OPENAI = 'openai/gpt-4.1'
const CLAUDE = 'anthropic/claude-sonnet-5-5'
const NOVA = 'bedrock/us.amazon.nova-2-lite-v1:0'
const LAB = 'byom/lab'
/** The one that stays. */
const FALLBACK = 'mistral/mistral-large-4-0'
const ROUTES = [
  [OPENAI, CLAUDE],
  [CLAUDE, LAB],
  [LAB, NOVA],
  [NOVA, OPENAI],
  [CLAUDE, OPENAI, LAB, NOVA],
]

/** Starts it all. */
export async function startWorld(): Promise<World> {
  const keyway = await startKeyway({ LOG_REQUESTS: 'true' })
  const model = await startPrivateModel()
  const organization = await keyway.organization({ providers: ['mistral'] })
  const keys = new Map<ProviderName, { readonly id: string; readonly label: string }[]>()
  const revoked = new Map<ProviderName, string>()
  const addKey = async (provider: ProviderName): Promise<void> => {
    const added = await organization.addProviderKey(
      provider,
      provider === 'bedrock' ? { issue: { kind: 'api_key' } } : {},
    )
    keys.set(provider, [...(keys.get(provider) ?? []), added])
  }
  for (const provider of ['openai', 'anthropic', 'bedrock'] as const) {
    for (let count = 0; count < KEYS_EACH; count++) await addKey(provider)
  }
  const connector = await newConnector(keyway, organization, model)
  const path = `/${organization.id}/routes`
  const routes = await Promise.all(
    ROUTES.map(async (targets, index) => {
      const all = [...targets, FALLBACK].map((name) => ({ model: name }))
      await keyway.management.post(path, { name: `route-${index}`, targets: all })
      return `route-${index}`
    }),
  )
  return {
    keyway,
    organization,
    routes,
    revokeOldestKey(provider) {
      const [oldest, ...others] = keys.get(provider) ?? []
      if (oldest === undefined) throw new Error(`${provider} has no key left`)
      keys.set(provider, others)
      revoked.set(provider, oldest.id)
      keyway.standIns.revokeCredential(oldest.label)
    },
    async addKeyBack(provider) {
      await keyway.management.delete(`/${organization.id}/provider-keys/${revoked.get(provider)}`)
      await addKey(provider)
    },
    ...connector,
    async [Symbol.asyncDispose]() {
      await connector.stopConnector()
      await model[Symbol.asyncDispose]()
      await keyway[Symbol.asyncDispose]()
    },
  }
}

async function newConnector(
  { management, url }: Keyway,
  { id }: Organization,
  { origin, apiKey }: PrivateModel,
): Promise<Pick<World, 'startConnector' | 'stopConnector'>> {
  const endpoint = { name: 'lab', reach: 'connector', models: ['llama-4'] }
  const { id: endpointId } = await management.post(`/${id}/endpoints`, endpoint)
  const path = `/${id}/endpoints/${String(endpointId)}/connector-token`
  const token = String((await management.post(path, {}))['token'])
  let running: ConnectProcess | undefined
  return {
    async startConnector() {
      running = startConnect(['--target', origin, '--key-env', 'MODEL_KEY'], {
        KEYWAY_URL: url,
        KEYWAY_CONNECTOR_TOKEN: token,
        MODEL_KEY: apiKey,
      })
      await running.logged('connected')
    },
    async stopConnector() {
      running?.kill('SIGTERM')
      await running?.exitCode
      running = undefined
    },
  }
}
