import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { newSecrets } from '../local-secrets.ts'
import { managementClient } from '../management-client.ts'
import { GOOGLE_PROJECT, OPENAI } from './exchanges.ts'
import { type ServedWorker, serveWorkerd } from './serve-workerd.ts'

/** Keyway in bare workerd, with an organization that has what the cases need. */
export interface BenchKeyway extends ServedWorker {
  readonly apiKey: string
}

export interface KeywayOptions {
  /** The built Worker. */
  readonly bundle: string
  readonly upstream: string
  readonly cacheSeconds?: number
  /** How many keys the organization has at the provider that is called. */
  readonly providerKeys?: number
  readonly inspect?: boolean
  /** Whether tokens are counted. */
  readonly metering?: 'universal' | 'off'
  /** The API key has limits, which are never reached. */
  readonly isLimited?: boolean
}

/** A route of the organization: two targets between which conversations are shared. */
export const ROUTE = 'bench-route'

const LIMITS = {
  requests_per_minute: 1_000_000,
  tokens_per_minute: 1_000_000_000,
  concurrent_requests: 10_000,
}

export async function benchKeyway({
  bundle,
  upstream,
  cacheSeconds = 3600,
  providerKeys = 1,
  inspect = false,
  metering = 'universal',
  isLimited = false,
}: KeywayOptions): Promise<BenchKeyway> {
  const secrets = newSecrets()
  const worker = await serveWorkerd({
    script: bundle,
    withStorage: true,
    inspect,
    vars: {
      ...secrets,
      ALLOW_LOOPBACK_UPSTREAMS: 'true',
      CREDENTIAL_CACHE_SECONDS: String(cacheSeconds),
      PROVIDER_BASE_URLS: JSON.stringify({
        openai: `${upstream}/openai/v1`,
        anthropic: `${upstream}/anthropic`,
        mistral: `${upstream}/mistral/v1`,
        bedrock: `${upstream}/bedrock/{region}`,
        google_vertex_ai: `${upstream}/google/{location}`,
        google_token: `${upstream}/token`,
      }),
    },
  })
  const management = managementClient(worker.url, secrets.ADMIN_TOKEN)
  const { id } = await management.post('', { name: 'Bench', metering })
  const { key } = await management.post(`/${String(id)}/api-keys`, {
    name: 'bench',
    ...(isLimited ? { limits: LIMITS } : {}),
  })
  await management.post(`/${String(id)}/routes`, {
    name: ROUTE,
    strategy: 'weighted',
    targets: [{ model: OPENAI }, { model: `${OPENAI}-mini` }],
  })
  for (const [provider, provider_key] of credentials(providerKeys)) {
    await management.post(`/${String(id)}/provider-keys`, {
      provider,
      provider_key,
      name: provider,
      api_key_ids: [],
    })
  }
  return { ...worker, apiKey: String(key) }
}

const secret = (): string => randomBytes(24).toString('hex')

function credentials(openAiKeys: number): readonly (readonly [string, unknown])[] {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const aws = {
    access_key_id: `AKIA${secret().slice(0, 16).toUpperCase()}`,
    secret_access_key: secret(),
  }
  const google = {
    type: 'service_account',
    project_id: GOOGLE_PROJECT,
    private_key_id: secret(),
    private_key: privateKey,
    client_email: `bench@${GOOGLE_PROJECT}.iam.gserviceaccount.com`,
  }
  return [
    ...Array.from({ length: openAiKeys }, () => ['openai', `sk-${secret()}`] as const),
    ['mistral', secret()],
    ['anthropic', `sk-ant-${secret()}`],
    ['bedrock', { global: aws }],
    ['google_vertex_ai', google],
  ]
}
