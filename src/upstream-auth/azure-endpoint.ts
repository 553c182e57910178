import type { AzureCredential } from '../core/credentials.ts'
import { invalidRequest } from '../core/errors.ts'
import { refuseUnknownMembers, requireString } from '../core/parse.ts'
import { jsonCredential } from './json-credential.ts'
import { headerSafeKey } from './static-key.ts'
import type { CredentialFormat } from './upstream-auth.ts'

/**
 * The hosts of Azure OpenAI and Foundry resources: one DNS label before a suffix of Microsoft's.
 * https://learn.microsoft.com/en-us/azure/foundry/openai/api-version-lifecycle
 */
const AZURE_HOST =
  /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.(?:openai\.azure\.(?:com|us|cn)|cognitiveservices\.azure\.(?:com|us|cn)|services\.ai\.azure\.(?:com|us))$/

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])$/

/** `{endpoint, api_key}`; the endpoint may be pasted from the portal with path and query. */
export const azureFormat: CredentialFormat<AzureCredential> = {
  kind: 'azure',
  parse(value, { allowLoopbackUpstreams }) {
    const object = jsonCredential(
      value,
      '{"endpoint":"https://my-resource.openai.azure.com","api_key":"…"}',
    )
    refuseUnknownMembers(object, ['endpoint', 'api_key'], 'provider_key')
    const endpoint = requireString(object, 'endpoint', 'provider_key')
    const apiKey = headerSafeKey(
      requireString(object, 'api_key', 'provider_key'),
      'provider_key.api_key',
    )
    return {
      kind: 'azure',
      endpoint: normaliseEndpoint(endpoint.trim(), allowLoopbackUpstreams),
      apiKey,
    }
  },
  secretOf: (credential) => credential.apiKey,
}

function normaliseEndpoint(text: string, allowLoopback: boolean): string {
  const param = 'provider_key.endpoint'
  if (!URL.canParse(text)) {
    throw invalidRequest(
      `${param} must be a URL such as https://my-resource.openai.azure.com.`,
      param,
    )
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw invalidRequest(`${param} must not contain a user name or password.`, param)
  }
  if (allowLoopback && LOOPBACK_HOST.test(url.hostname)) {
    return url.origin + url.pathname.replace(/\/(?:openai|anthropic|api)(?:\/.*)?$|\/+$/, '')
  }
  if (url.protocol !== 'https:' || url.port !== '' || !AZURE_HOST.test(url.hostname)) {
    throw invalidRequest(
      `${param} must be https and on a host of Azure's, such as https://my-resource.openai.azure.com.`,
      param,
    )
  }
  return url.origin
}
