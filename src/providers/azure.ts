import type { AzureCredential } from '../core/credentials.ts'
import { invalidRequest } from '../core/errors.ts'
import { isObject } from '../core/parse.ts'
import type { WireFormat } from '../core/wire-format.ts'
import { azureFormat } from '../upstream-auth/azure-endpoint.ts'
import { keyHeader } from '../upstream-auth/static-key.ts'
import { openAiDialects } from './openai-compatible.ts'
import type { Provider, Service, ServiceCall } from './provider.ts'
import { mapTo, matching, textSetting } from './settings.ts'

const DEPLOYMENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** The deployment that serves a model: the organization's own name for it, else the model's. */
function deploymentOf({ model, site }: ServiceCall<AzureCredential>): string {
  const { deployments } = site.settings
  const named = isObject(deployments) && Object.hasOwn(deployments, model) && deployments[model]
  return typeof named === 'string' ? named : model
}

function deploymentPath(call: ServiceCall<AzureCredential>): string {
  const deployment = deploymentOf(call)
  if (DEPLOYMENT.test(deployment)) return `/deployments/${encodeURIComponent(deployment)}`
  throw invalidRequest('model is not what a deployment of Azure can be called.', 'model')
}

/**
 * One operation in Azure's two URL shapes: the dated one where the key's settings name an `api_version`, else v1.
 * https://learn.microsoft.com/en-us/azure/foundry/openai/api-version-lifecycle
 */
function operation(
  format: WireFormat,
  path: string,
  inDeployment: boolean,
): Service<AzureCredential> {
  return {
    format,
    path(call) {
      const version = textSetting(call.site.settings, 'api_version')
      if (version === undefined) return `/openai/v1${path}`
      const deployment = inDeployment ? deploymentPath(call) : ''
      return `/openai${deployment}${path}?api-version=${encodeURIComponent(version)}`
    },
    edits: (call) => ({ set: { model: deploymentOf(call) } }),
  }
}

/** https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference */
export const azure: Provider<AzureCredential> = {
  name: 'azure',
  credential: azureFormat,
  auth: () => keyHeader('api-key'),
  base: ({ credential }) => credential.endpoint,
  settings: {
    api_version: matching(/^\d{4}-\d{2}-\d{2}(?:-preview)?$/, '2025-04-01-preview'),
    deployments: mapTo(DEPLOYMENT, 'my-deployment'),
  },
  services: [
    operation('openai-chat', '/chat/completions', true),
    operation('openai-responses', '/responses', false),
    operation('openai-embeddings', '/embeddings', true),
  ],
  native: {
    headers: ['openai-beta', 'x-ms-client-request-id', 'anthropic-version', 'anthropic-beta'],
    modelInPath: /\/deployments\/([^/]+)\//,
    dialects: openAiDialects,
  },
  // No passthrough: the endpoint is a part of the credential, and no caller chooses an address.
  probe: { path: () => '/openai/v1/models' },
  // A resource serves the deployments that its owner made: those are listed from the key's settings.
  models: [],
}
