import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import Anthropic from '@anthropic-ai/sdk'
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import { GoogleGenAI } from '@google/genai'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { UserRefreshClient } from 'google-auth-library'
import OpenAI, { AzureOpenAI } from 'openai'

/** The official SDKs, with nothing changed but the base URL and the key. */

export const openAi = (baseURL: string, apiKey: string): OpenAI =>
  new OpenAI({ baseURL, apiKey, maxRetries: 0 })

export const azureOpenAi = (endpoint: string, apiKey: string): AzureOpenAI =>
  new AzureOpenAI({ endpoint, apiKey, apiVersion: '2025-04-01-preview', maxRetries: 0 })

export const anthropic = (baseURL: string, apiKey: string): Anthropic =>
  new Anthropic({ baseURL, apiKey, maxRetries: 0 })

/** The older way in which Anthropic's SDK sends a key. */
export const anthropicWithToken = (baseURL: string, authToken: string): Anthropic =>
  new Anthropic({ baseURL, authToken, apiKey: null, maxRetries: 0 })

export const anthropicBedrock = (baseURL: string, apiKey: string): AnthropicBedrock =>
  new AnthropicBedrock({ baseURL, apiKey, awsRegion: 'us-east-1', maxRetries: 0 })

export function anthropicVertex(
  baseURL: string,
  apiKey: string,
  projectId: string,
): AnthropicVertex {
  const authClient = googleIdentity(apiKey) as unknown as VertexAuthClient
  return new AnthropicVertex({ baseURL, authClient, projectId, region: 'global', maxRetries: 0 })
}

type VertexAuthClient = NonNullable<
  NonNullable<ConstructorParameters<typeof AnthropicVertex>[0]>['authClient']
>

/** A Google credential whose access token is the Keyway key. */
function googleIdentity(apiKey: string): UserRefreshClient {
  const client = new UserRefreshClient()
  client.setCredentials({ access_token: apiKey })
  return client
}

type GenAiAuthClient = NonNullable<
  NonNullable<
    NonNullable<ConstructorParameters<typeof GoogleGenAI>[0]>['googleAuthOptions']
  >['authClient']
>

/** In Vertex mode. */
export function googleGenAi(baseUrl: string, apiKey: string, project: string): GoogleGenAI {
  // Each SDK brings its own copy of Google's library, whose types are told apart by their private parts.
  const authClient = googleIdentity(apiKey) as unknown as GenAiAuthClient
  return new GoogleGenAI({
    vertexai: true,
    project,
    location: 'global',
    httpOptions: { baseUrl },
    googleAuthOptions: { authClient },
  })
}

/** In Vertex mode with an API key, which it sends as `x-goog-api-key`, and names no project. */
export const googleGenAiWithKey = (baseUrl: string, apiKey: string): GoogleGenAI =>
  new GoogleGenAI({ vertexai: true, apiKey, httpOptions: { baseUrl } })

/** AWS's client with a bearer token. HTTP/1.1 because its default handler wants HTTP/2, which needs TLS. */
export const awsBedrock = (endpoint: string, apiKey: string): BedrockRuntimeClient =>
  new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    token: { token: apiKey },
    authSchemePreference: ['httpBearerAuth'],
  })

/** AWS's client that signs with keys that mean nothing, and says who it is in a header of its own. */
export function awsBedrockSigning(endpoint: string, apiKey: string): BedrockRuntimeClient {
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint,
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    credentials: { accessKeyId: 'AKIADUMMYDUMMYDUMMY0', secretAccessKey: 'dummy' },
  })
  client.middlewareStack.add(
    (next) => (step) => {
      const { headers } = step.request as { headers: Record<string, string> }
      headers['x-keyway-api-key'] = apiKey
      return next(step)
    },
    { step: 'build' },
  )
  return client
}
