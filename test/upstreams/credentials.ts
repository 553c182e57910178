import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type {
  BedrockCredential,
  IssueOptions,
  ProviderKeys,
  ServiceAccount,
} from './provider-keys.ts'
import type { ProviderName } from './provider-name.ts'
import { alphabets, randomText } from './random.ts'

/** A secret that is sent as it is: valid at one provider, in one region or everywhere. */
export interface HeaderKey {
  provider: ProviderName
  label: string
  region?: string
}

/** An AWS access key. */
export interface AccessKey {
  label: string
  region: string
  secretAccessKey: string
  sessionToken?: string
}

/** What Google knows of a service account. */
export interface GoogleAccount {
  label: string
  project: string
  email: string
  keyId: string
  publicKey: KeyObject
}

/** An access token that the token endpoint gave out. */
export interface AccessToken {
  account: GoogleAccount
  expiresAt: number
}

/** Every credential that the stand-ins gave out. Those of a revoked label are gone from it. */
export interface CredentialBook {
  issue<P extends ProviderName>(
    provider: P,
    label: string,
    options: IssueOptions,
  ): Promise<ProviderKeys[P]>
  revoke(label: string): void
  headerKey(provider: ProviderName, key: string): HeaderKey | undefined
  accessKey(id: string): AccessKey | undefined
  googleAccount(email: string): GoogleAccount | undefined
  addToken(token: string, issued: AccessToken): void
  accessToken(token: string): AccessToken | undefined
}

type Issuers = {
  [P in ProviderName]: (
    label: string,
    options: IssueOptions,
  ) => ProviderKeys[P] | Promise<ProviderKeys[P]>
}

const newKey: Record<Exclude<ProviderName, 'bedrock' | 'google_vertex_ai'>, () => string> = {
  anthropic: () => `sk-ant-api03-${randomText(93, alphabets.base64url)}AA`,
  openai: () => `sk-proj-${randomText(120)}`,
  mistral: () => randomText(32),
  deepseek: () => `sk-${randomText(32, alphabets.hex)}`,
  xai: () => `xai-${randomText(80)}`,
  zai: () => `${randomText(32, alphabets.hex)}.${randomText(16)}`,
  azure: () => randomText(84),
}

/** Starts an empty book. `azureEndpoint` is where the Azure resource of new credentials lives. */
export function createCredentialBook(azureEndpoint: () => string): CredentialBook {
  const headerKeys = new Map<string, HeaderKey>()
  const accessKeys = new Map<string, AccessKey>()
  const accounts = new Map<string, GoogleAccount>()
  const tokens = new Map<string, AccessToken>()
  const labels = new Set<string>()

  const headerKey = (
    provider: keyof typeof newKey,
    label: string,
    key = newKey[provider](),
  ): string => {
    headerKeys.set(key, { provider, label })
    return key
  }

  const aws = (label: string, region: string, kind: IssueOptions['kind']) => {
    const { id, credential, accessKey } = newAwsCredential(label, region, kind)
    if (accessKey) accessKeys.set(id, accessKey)
    else headerKeys.set(id, { provider: 'bedrock', label, region })
    return credential
  }

  const issuers: Issuers = {
    anthropic: (label, { kind }) =>
      kind === 'oauth'
        ? headerKey('anthropic', label, `sk-ant-oat01-${randomText(93, alphabets.base64url)}AA`)
        : headerKey('anthropic', label),
    openai: (label) => headerKey('openai', label),
    mistral: (label) => headerKey('mistral', label),
    deepseek: (label) => headerKey('deepseek', label),
    xai: (label) => headerKey('xai', label),
    zai: (label) => headerKey('zai', label),
    azure: (label) => ({ endpoint: azureEndpoint(), api_key: headerKey('azure', label) }),
    bedrock: (label, { regions = ['us-east-1'], kind }) =>
      Object.fromEntries(regions.map((region) => [region, aws(label, region, kind)])),
    google_vertex_ai: async (label, { project }) => {
      const { account, file } = await newServiceAccount(label, project)
      accounts.set(account.email, account)
      return file
    },
  }

  return {
    issue: async (provider, label, options) => {
      if (labels.has(label)) throw new Error(`a credential named "${label}" exists already`)
      labels.add(label)
      return issuers[provider](label, options)
    },
    revoke(label) {
      if (!labels.has(label)) throw new Error(`there is no credential named "${label}"`)
      for (const book of [headerKeys, accessKeys, accounts]) {
        for (const [id, one] of book) if (one.label === label) book.delete(id)
      }
      for (const [token, { account }] of tokens) if (account.label === label) tokens.delete(token)
    },
    headerKey(provider, key) {
      const found = headerKeys.get(key)
      return found?.provider === provider ? found : undefined
    },
    accessKey: (id) => accessKeys.get(id),
    googleAccount: (email) => accounts.get(email),
    addToken: (token, issued) => void tokens.set(token, issued),
    accessToken: (token) => tokens.get(token),
  }
}

interface NewAwsCredential {
  /** What the credential is looked up by. */
  id: string
  credential: BedrockCredential
  accessKey?: AccessKey
}

function newAwsCredential(
  label: string,
  region: string,
  kind: IssueOptions['kind'],
): NewAwsCredential {
  if (kind === 'api_key') {
    const id = `ABSK${randomText(128, alphabets.base64)}=`
    return { id, credential: { api_key: id } }
  }
  const secret = randomText(40, alphabets.base64)
  const pair = { access_key_id: '', secret_access_key: secret }
  if (kind === 'sts') {
    const id = `ASIA${randomText(16, alphabets.upper)}`
    const token = `IQoJb3JpZ2luX2Vj${randomText(360, alphabets.base64)}==`
    return {
      id,
      credential: { ...pair, access_key_id: id, session_token: token },
      accessKey: { label, region, secretAccessKey: secret, sessionToken: token },
    }
  }
  const id = `AKIA${randomText(16, alphabets.upper)}`
  return {
    id,
    credential: { ...pair, access_key_id: id },
    accessKey: { label, region, secretAccessKey: secret },
  }
}

async function newServiceAccount(label: string, wantedProject: string | undefined) {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const project = wantedProject ?? `stand-in-${randomText(6, '0123456789')}`
  const keyId = randomText(40, alphabets.hex)
  const email = `caller-${randomText(6, alphabets.lower)}@${project}.iam.gserviceaccount.com`
  const account: GoogleAccount = {
    label,
    project,
    email,
    keyId,
    publicKey: createPublicKey(pair.publicKey),
  }
  const file: ServiceAccount = {
    type: 'service_account',
    project_id: project,
    private_key_id: keyId,
    private_key: pair.privateKey,
    client_email: email,
    client_id: randomText(21, '123456789'),
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
    auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
    universe_domain: 'googleapis.com',
  }
  return { account, file }
}
