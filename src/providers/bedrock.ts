import type { AwsCredentials } from '../core/credentials.ts'
import { base64 } from '../core/encoding.ts'
import type { MemberEdits } from '../core/json-members.ts'
import { isObject, type JsonObject } from '../core/parse.ts'
import { defined } from '../core/read.ts'
import { cohereEmbeddings } from '../formats/bedrock-embeddings/cohere.ts'
import { titanEmbeddings } from '../formats/bedrock-embeddings/titan.ts'
import { AWS_REGION, awsBearerCredential, awsFormat } from '../upstream-auth/aws-credentials.ts'
import { awsSigV4, credentialForRegion } from '../upstream-auth/aws-sigv4.ts'
import { bedrockBetas } from './claude-betas.ts'
import { hostedClaudeEdits } from './claude-hosting.ts'
import { converseProfile } from './models/bedrock.ts'
import { claudeProfile } from './models/claude.ts'
import { messagesModel } from './openai-compatible.ts'
import type { PathCall, Provider, ServiceCall } from './provider.ts'
import { matching, textSetting } from './settings.ts'

/** The DNS suffix of each AWS partition but the common one. */
const PARTITIONS: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^eusc-/, 'amazonaws.eu'],
]

function claudeEdits(call: ServiceCall<AwsCredentials>): MemberEdits {
  const betas = bedrockBetas(call.headers.get('anthropic-beta'))
  const { set, remove } = hostedClaudeEdits('bedrock', call, betas)
  return {
    remove: ['model', 'stream', ...remove],
    set: {
      ...set,
      anthropic_version: 'bedrock-2023-05-31',
      ...(betas.kept.length === 0 ? {} : { anthropic_beta: betas.kept }),
    },
  }
}

const encoder = new TextEncoder()

/** A body that could be sent to the model too: it says how long the answer may be, though a count asks for none. */
function countedBody(conversation: JsonObject): string {
  const { thinking, max_tokens: asked } = conversation
  const budget = isObject(thinking) ? Number(thinking['budget_tokens'] ?? 0) : 0
  return JSON.stringify({ ...conversation, max_tokens: asked ?? budget + 1 })
}

/** Tokens are counted for a model and not for a profile of regions, whose name begins with them. */
const PROFILE_PREFIX = /^(?:us|us-gov|eu|apac|jp|au|global)\./

function countPath({ model }: PathCall<AwsCredentials>): string {
  return `/model/${encodeURIComponent(model.replace(PROFILE_PREFIX, ''))}/count-tokens`
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html */
export const bedrock: Provider<AwsCredentials> = {
  name: 'bedrock',
  credential: awsFormat,
  // The service is `bedrock` for every bedrock-runtime host.
  auth: () => awsSigV4('bedrock'),
  base({ location }) {
    const suffix = PARTITIONS.find(([region]) => region.test(location))?.[1] ?? 'amazonaws.com'
    return `https://bedrock-runtime.${location}.${suffix}`
  },
  locations: {
    pattern: AWS_REGION,
    defaultOf: (settings) => textSetting(settings, 'default_region') ?? 'us-east-1',
    covers: (credential, region) => credentialForRegion(credential, region) !== undefined,
    namedIn: ({ regions }) => Object.keys(regions).filter((region) => AWS_REGION.test(region)),
  },
  settings: { default_region: matching(AWS_REGION, 'us-east-1') },
  services: [
    {
      format: 'anthropic-messages',
      models: /anthropic\.claude-/,
      path: ({ model, wantsStream }) =>
        `/model/${encodeURIComponent(model)}/invoke${wantsStream ? '-with-response-stream' : ''}`,
      edits: claudeEdits,
      framing: 'aws-event-stream',
      profile: (model) => claudeProfile(model, 'bedrock'),
      counting: {
        path: countPath,
        body: (conversation) => ({
          input: { invokeModel: { body: base64(encoder.encode(countedBody(conversation))) } },
        }),
        tokensIn: ({ inputTokens }) => inputTokens,
      },
    },
    {
      format: 'embeddings',
      models: /amazon\.titan-embed/,
      path: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
      edits: () => ({}),
      embeddings: titanEmbeddings,
    },
    {
      format: 'embeddings',
      models: /cohere\.embed/,
      path: ({ model }) => `/model/${encodeURIComponent(model)}/invoke`,
      edits: () => ({}),
      embeddings: cohereEmbeddings,
    },
    {
      format: 'bedrock-converse',
      path: ({ model, wantsStream }) =>
        `/model/${encodeURIComponent(model)}/converse${wantsStream ? '-stream' : ''}`,
      edits: () => ({}),
      framing: 'aws-event-stream',
      profile: converseProfile,
      counting: {
        path: countPath,
        body: ({ messages, system, toolConfig, additionalModelRequestFields }) => ({
          input: {
            converse: defined({ messages, system, toolConfig, additionalModelRequestFields }),
          },
        }),
        tokensIn: ({ inputTokens }) => inputTokens,
      },
    },
  ],
  native: {
    headers: ['x-amzn-bedrock-*', 'anthropic-version', 'anthropic-beta'],
    dialects: [
      [/^\/anthropic\//, 'anthropic-messages'],
      [/\/responses$/, 'openai-responses'],
      [/^/, 'openai-chat'],
    ],
    counting: /\/(?:count-tokens|messages\/count_tokens)$/,
    modelIn: [
      [/^\/model\/([^/]+)\//, 'path'],
      [/^\/openai\/v1\/(?:chat\/completions|responses)$/, 'body'],
      messagesModel,
    ],
    encodedSlash: /^arn:[a-z-]+:(?:bedrock|sagemaker):[a-z0-9-]*:\d*:[A-Za-z0-9._:/-]+$/,
  },
  // Bedrock's own API keys only: a signature is made for one host, and callers do not sign for Bedrock's.
  passthrough: {
    header: 'authorization',
    looksLike: /^(?:ABSK|bedrock-api-key-)/,
    credentialOf: awsBearerCredential,
  },
  // Lists nothing at this host but counts for free: https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
  probe: {
    path: () => '/model/anthropic.claude-sonnet-4-6/count-tokens',
    body: { input: { converse: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] } } },
    // Not every region has the model.
    provenBy: [400, 404],
  },
  models: [
    'global.anthropic.claude-opus-5-5',
    'global.anthropic.claude-sonnet-5-5',
    'us.anthropic.claude-sonnet-4-6',
    'anthropic.claude-opus-4-5-20251101-v1:0',
  ],
}
