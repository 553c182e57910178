import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { createSign } from 'node:crypto'
import { createRequire } from 'node:module'
import type { BedrockCredential, ServiceAccount } from './provider-keys.ts'
import type { StandIns } from './stand-ins.ts'

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** A JWT of a service account, by default one that the token endpoint takes; `claims` and `header` replace or remove parts. */
export function signJwt(
  file: ServiceAccount,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): string {
  const now = Math.floor(Date.now() / 1000)
  const head = { alg: 'RS256', typ: 'JWT', kid: file.private_key_id, ...header }
  const body = {
    iss: file.client_email,
    scope: SCOPE,
    aud: file.token_uri,
    iat: now,
    exp: now + 3600,
    ...claims,
  }
  const signed = [head, body]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = createSign('RSA-SHA256').update(signed).sign(file.private_key, 'base64url')
  return `${signed}.${signature}`
}

/** A JWT that is used as the access token itself. */
export function selfSign(file: ServiceAccount, claims: Record<string, unknown> = {}): string {
  return signJwt(file, { sub: file.client_email, aud: undefined, ...claims })
}

/** Asks the token endpoint for an access token. */
export async function exchange(
  standIns: StandIns,
  assertion: string,
  form: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(standIns.baseUrls['google_token'] ?? '', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion, ...form }),
  })
  return { status: response.status, body: await response.json() }
}

/** An access token of a service account. */
export async function mintToken(standIns: StandIns, file: ServiceAccount): Promise<string> {
  const { body } = await exchange(standIns, signJwt(file))
  return String(body['access_token'])
}

/** The base URL of a provider, with the variable part of its host filled in. */
export function baseUrl(standIns: StandIns, provider: string, place = ''): string {
  return (standIns.baseUrls[provider] ?? '').replace(/\{(region|location)\}/, place)
}

/** AWS's own client, with HTTP/1.1: its default handler wants HTTP/2. */
export function awsClient(
  endpoint: string,
  region: string,
  credential: BedrockCredential | undefined,
): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region,
    endpoint,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    ...awsIdentity(credential),
  })
}

function awsIdentity(credential: BedrockCredential | undefined) {
  if (!credential) throw new Error('no credential for this region')
  if ('api_key' in credential) {
    return {
      token: { token: credential.api_key },
      authSchemePreference: ['httpBearerAuth'],
    }
  }
  const { access_key_id, secret_access_key, session_token } = credential
  return {
    credentials: {
      accessKeyId: access_key_id,
      secretAccessKey: secret_access_key,
      ...(session_token !== undefined && { sessionToken: session_token }),
    },
  }
}

/** Anthropic's client for Bedrock. */
export function anthropicBedrock(
  baseURL: string,
  awsRegion: string,
  credential: BedrockCredential | undefined,
): AnthropicBedrock {
  if (!credential) throw new Error('no credential for this region')
  const common = { baseURL, awsRegion, maxRetries: 0 }
  if ('api_key' in credential)
    return new AnthropicBedrock({ ...common, apiKey: credential.api_key })
  return new AnthropicBedrock({
    ...common,
    apiKey: null,
    awsAccessKey: credential.access_key_id,
    awsSecretKey: credential.secret_access_key,
    awsSessionToken: credential.session_token ?? null,
  })
}

/** A Google identity that has its token already. Each client takes only one of its own copy of the library. */
function authClient(sdk: string, token: string) {
  const here = createRequire(import.meta.url)
  const { OAuth2Client } = createRequire(here.resolve(sdk))('google-auth-library')
  const client = new OAuth2Client()
  client.setCredentials({ access_token: token })
  return client
}

/** Where and as whom a Google client calls. */
export interface GooglePlace {
  location: string
  project: string
  token: string
}

/** Google's own client. */
export function googleClient(
  standIns: StandIns,
  { location, project, token }: GooglePlace,
): GoogleGenAI {
  return new GoogleGenAI({
    vertexai: true,
    project,
    location,
    httpOptions: { baseUrl: baseUrl(standIns, 'google_vertex_ai', location) },
    googleAuthOptions: { authClient: authClient('@google/genai', token) },
  })
}

/** Anthropic's client for Vertex. */
export function anthropicVertex(
  standIns: StandIns,
  { location, project, token }: GooglePlace,
): AnthropicVertex {
  return new AnthropicVertex({
    region: location,
    projectId: project,
    authClient: authClient('@anthropic-ai/vertex-sdk', token),
    baseURL: `${baseUrl(standIns, 'google_vertex_ai', location)}/v1`,
    maxRetries: 0,
  })
}
