import type { AzureCredential } from '../core/credentials.ts'
import { invalidRequest } from '../core/errors.ts'
import type { MemberEdits } from '../core/json-members.ts'
import { isObject } from '../core/parse.ts'
import { azureFormat } from '../upstream-auth/azure-endpoint.ts'
import { keyHeader } from '../upstream-auth/static-key.ts'
import type { UpstreamAuth } from '../upstream-auth/upstream-auth.ts'
import { hostedClaudeEdits } from './claude-hosting.ts'
import { claudeProfile } from './models/claude.ts'
import { openAiResponsesProfile } from './models/openai-responses.ts'
import { azureChatProfile, takesOnChat } from './models/openai.ts'
import { chatEdits, messagesModel, openAiDialects, responsesEdits } from './openai-compatible.ts'
import type { PathCall, Provider, ServiceCall } from './provider.ts'
import { OPENAI_RESET_HEADERS } from './reset-headers.ts'
import { mapTo, matching, textSetting } from './settings.ts'

const DEPLOYMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** The deployment that serves a model: the organization's own name for it, else the model's. */
function deploymentOf({ model, site }: PathCall<AzureCredential>): string {
  const { deployments } = site.settings
  const named = isObject(deployments) && Object.hasOwn(deployments, model) && deployments[model]
  return typeof named === 'string' ? named : model
}

function deploymentPath(call: PathCall<AzureCredential>): string {
  const deployment = deploymentOf(call)
  if (DEPLOYMENT.test(deployment)) return `/deployments/${encodeURIComponent(deployment)}`
  throw invalidRequest('model is not what a deployment of Azure can be called.', 'model')
}

const setDeployment = (call: PathCall<AzureCredential>): MemberEdits => ({
  set: { model: deploymentOf(call) },
})

/**
 * An operation in Azure's two URL shapes: the dated one where the key's settings name an `api_version`, else v1.
 * https://learn.microsoft.com/en-us/azure/foundry/openai/api-version-lifecycle
 */
const operation = (path: string, inDeployment: boolean) => ({
  models: /^(?!claude-)/,
  path(call: PathCall<AzureCredential>) {
    const version = textSetting(call.site.settings, 'api_version')
    if (version === undefined) return `/openai/v1${path}`
    const deployment = inDeployment ? deploymentPath(call) : ''
    return `/openai${deployment}${path}?api-version=${encodeURIComponent(version)}`
  },
  edits: setDeployment,
})

const CLAUDE_HEADERS = ['anthropic-version', 'anthropic-beta']
const CLAUDE = {
  models: /^claude-/,
  edits(call: ServiceCall<AzureCredential>): MemberEdits {
    const { set, remove } = hostedClaudeEdits('foundry', call)
    return { remove, set: { ...set, model: deploymentOf(call) } }
  },
  headers: CLAUDE_HEADERS,
  defaultHeaders: { 'anthropic-version': '2023-06-01' },
}

/**
 * Claude's own paths take the key in Anthropic's header.
 * https://learn.microsoft.com/en-us/azure/foundry/foundry-models/how-to/use-foundry-models-claude
 */
const azureKey: UpstreamAuth<AzureCredential> = {
  signsBody: false,
  prove(request, credential, place, world) {
    const isClaude = new URL(request.url).pathname.startsWith('/anthropic/')
    return keyHeader(isClaude ? 'x-api-key' : 'api-key').prove(request, credential, place, world)
  },
}

/** https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference */
export const azure: Provider<AzureCredential> = {
  name: 'azure',
  credential: azureFormat,
  auth: () => azureKey,
  base: ({ credential }) => credential.endpoint,
  settings: {
    api_version: matching(/^\d{4}-\d{2}-\d{2}(?:-preview)?$/, '2025-04-01-preview'),
    deployments: mapTo(DEPLOYMENT, 'my-deployment'),
  },
  services: [
    {
      ...CLAUDE,
      format: 'anthropic-messages',
      path: () => '/anthropic/v1/messages',
      profile: (model) => claudeProfile(model, 'foundry'),
    },
    {
      ...CLAUDE,
      format: 'anthropic-count-tokens',
      path: () => '/anthropic/v1/messages/count_tokens',
    },
    {
      ...operation('/chat/completions', true),
      edits: (call) => chatEdits({ ...call, model: deploymentOf(call) }),
      format: 'openai-chat',
      isFlavoured: true,
      takes: takesOnChat,
      profile: azureChatProfile,
    },
    {
      ...operation('/responses', false),
      edits: (call) => responsesEdits({ ...call, model: deploymentOf(call) }),
      format: 'openai-responses',
      profile: openAiResponsesProfile,
    },
    { ...operation('/embeddings', true), format: 'openai-embeddings' },
  ],
  native: {
    headers: ['openai-beta', 'x-ms-client-request-id', ...CLAUDE_HEADERS],
    // Azure reads its paths in any case.
    counting: /\/(?:messages\/count_tokens|responses\/input_tokens)$/i,
    modelIn: [
      [/^\/openai\/deployments\/([^/]+)\//i, 'path'],
      [/^\/(?:openai|models)(?:\/v1)?\/(?:(?:chat\/)?completions|embeddings|responses)$/i, 'body'],
      [/^\/openai\/v1\/(?:responses\/compact|images\/generations|audio\/speech|videos)$/i, 'body'],
      messagesModel,
    ],
    dialects: openAiDialects,
  },
  // No passthrough: the endpoint is a part of the credential, and no caller chooses an address.
  resetHeaders: OPENAI_RESET_HEADERS,
  probe: { path: () => '/openai/v1/models' },
  errorWords: { ServiceUnavailable: 'overloaded' },
  // A resource serves the deployments that its owner made: those are listed from the key's settings.
  models: [],
}
