import { GatewayError } from '../../core/errors.ts'
import type { Provider, Upstream } from '../../providers/provider.ts'
import { findProvider, PRIVATE_ENDPOINTS, providerOfFamily } from '../../providers/registry.ts'

/** Where a call goes, and the model's id there. */
export interface NamedModel {
  readonly provider: Upstream
  readonly model: string
}

/** What a model name of a caller's stands for: a provider and its own model id, or a private endpoint and perhaps a model of it. */
export type ModelName =
  | { readonly kind: 'provider'; readonly provider: Provider; readonly model: string }
  | {
      readonly kind: 'endpoint'
      readonly endpointName: string
      readonly model: string | undefined
    }

/**
 * Reads `{provider}/{model}`, `byom/{endpoint}[/{model}]`, or a bare model id whose family belongs to one provider.
 * Undefined where it is none of these: then it may be a route's.
 */
export function modelNameIn(name: string): ModelName | undefined {
  const slash = name.indexOf('/')
  const provider = slash === -1 ? undefined : findProvider(name.slice(0, slash))
  if (provider !== undefined) {
    const model = name.slice(slash + 1)
    if (model !== '') return { kind: 'provider', provider, model }
  }
  if (name.startsWith(`${PRIVATE_ENDPOINTS}/`)) {
    const [, endpointName = '', ...model] = name.split('/')
    return {
      kind: 'endpoint',
      endpointName,
      model: model.length === 0 ? undefined : model.join('/'),
    }
  }
  const family = slash === -1 ? providerOfFamily(name) : undefined
  return family === undefined ? undefined : { kind: 'provider', provider: family, model: name }
}

/** Reads a model's name; throws `unknown_model` where it is none. */
export function readModelName(name: string): ModelName {
  const known = modelNameIn(name)
  if (known !== undefined) return known
  throw new GatewayError(
    'unknown_model',
    `The model "${name.slice(0, 100)}" is not known. Name it {provider}/{model}, such as openai/gpt-5.5 or bedrock/us.anthropic.claude-sonnet-4-6, or name a route of the organization's.`,
    { param: 'model' },
  )
}
